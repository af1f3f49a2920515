"""Train a small network on scikit-learn's handwritten digits, logging every step.

    python examples/train_digits.py

Nothing here is particular to one implementation of `wandb`. With `--record FILE` the script
also writes down, on its own, what it logged and printed, so that it can be compared with what
is read back.
"""

import argparse
import itertools
import json
import math

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import wandb

CONFIG = {
    "epochs": 60,
    "batch_size": 8,
    "learning_rate": 0.05,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "seed": 7,
    "model": {"hidden": [64, 32], "activation": "relu"},
}


class Network:
    """A multilayer perceptron with softmax outputs, trained by momentum."""

    def __init__(self, sizes, rng):
        pairs = list(itertools.pairwise(sizes))
        self.weights = [rng.normal(0, math.sqrt(2 / n), (n, m)) for n, m in pairs]
        self.biases = [np.zeros(m) for _, m in pairs]
        self.speeds = [np.zeros_like(one) for one in self.parameters()]

    def parameters(self):
        return [*self.weights, *self.biases]

    def forward(self, images):
        layers = [images]
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            out = layers[-1] @ weight + bias
            layers.append(out if number == len(self.weights) - 1 else np.maximum(out, 0))
        shifted = np.exp(layers[-1] - layers[-1].max(axis=1, keepdims=True))
        return layers, shifted / shifted.sum(axis=1, keepdims=True)

    def gradients(self, images, labels):
        layers, odds = self.forward(images)
        rows = np.arange(len(labels))
        loss = float(-np.log(odds[rows, labels] + 1e-12).mean())
        accuracy = float((odds.argmax(axis=1) == labels).mean())
        error = odds.copy()
        error[rows, labels] -= 1
        error /= len(labels)
        weights, biases = [], []
        for number in reversed(range(len(self.weights))):
            weights.insert(0, layers[number].T @ error)
            biases.insert(0, error.sum(axis=0))
            error = (error @ self.weights[number].T) * (layers[number] > 0)
        return loss, accuracy, weights, biases

    def step(self, gradients, rate, config):
        for value, speed, gradient in zip(self.parameters(), self.speeds, gradients, strict=True):
            speed *= config["momentum"]
            speed -= rate * (gradient + config["weight_decay"] * value)
            value += speed

    def score(self, images, labels):
        _, odds = self.forward(images)
        loss = -np.log(odds[np.arange(len(labels)), labels] + 1e-12).mean()
        return float(loss), float((odds.argmax(axis=1) == labels).mean())


class Record:
    """What the script itself knows that it logged."""

    def __init__(self):
        self.rows, self.lines, self.open = [], [], {}

    def log(self, run, values, commit=True):
        run.log(values, commit=commit)
        self.open |= values
        if commit:
            self.rows.append(self.open)
            self.open = {}

    def print(self, line):
        print(line)
        self.lines.append(line)

    def write(self, path, run_id, config, summary):
        told = {"run_id": run_id, "config": config, "summary": summary}
        with open(path, "w") as file:
            json.dump({**told, "rows": self.rows, "lines": self.lines}, file)


def digits(seed):
    images, labels = load_digits(return_X_y=True)
    return train_test_split(images / 16.0, labels, test_size=0.25, random_state=seed)


def norm(arrays):
    return float(math.sqrt(sum(float((one**2).sum()) for one in arrays)))


def train(run, config, record):
    rng = np.random.default_rng(config["seed"])
    images, val_images, labels, val_labels = digits(config["seed"])
    network = Network([64, *config["model"]["hidden"], 10], rng)
    batches = math.ceil(len(images) / config["batch_size"])
    best = {"epoch": 0, "accuracy": 0.0}

    run.config.update({"parameters": sum(one.size for one in network.parameters())})
    run.define_metric("epoch")
    run.define_metric("val/*", step_metric="epoch")
    run.define_metric("val/loss", step_metric="epoch", summary="min")
    run.define_metric("val/accuracy", step_metric="epoch", summary="max")

    for epoch in range(1, config["epochs"] + 1):
        order = rng.permutation(len(images))
        for batch, chosen in enumerate(np.array_split(order, batches)):
            done = (epoch - 1 + batch / batches) / config["epochs"]
            rate = config["learning_rate"] * (1 + math.cos(math.pi * done)) / 2
            loss, accuracy, weights, biases = network.gradients(images[chosen], labels[chosen])
            network.step([*weights, *biases], rate, config)
            values = {
                "loss": loss,
                "accuracy": accuracy,
                "lr": rate,
                "grad": {"norm": norm([*weights, *biases]), "first": norm(weights[:1])},
            }
            # The last step of an epoch waits for the epoch's own values: one row for both.
            record.log(run, values, commit=batch < batches - 1)

        val_loss, val_accuracy = network.score(val_images, val_labels)
        record.log(run, {"epoch": epoch, "val/loss": val_loss, "val/accuracy": val_accuracy})
        if val_accuracy > best["accuracy"]:
            best = {"epoch": epoch, "accuracy": val_accuracy}
        record.print(
            f"epoch {epoch:3d}  loss {loss:.4f}  val loss {val_loss:.4f}  "
            f"val accuracy {val_accuracy:.4f}"
        )
    run.summary["best"] = best
    return best, network


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=CONFIG["epochs"])
    parser.add_argument("--record", metavar="FILE", help="also write down what was logged")
    arguments = parser.parse_args()

    config = {**CONFIG, "epochs": arguments.epochs}
    record = Record()
    with wandb.init(
        project="digits",
        job_type="train",
        tags=["numpy", "mlp"],
        notes="A two-layer network on 8x8 images.",
        config=config,
    ) as run:
        best, network = train(run, config, record)
    if arguments.record:
        config["parameters"] = sum(one.size for one in network.parameters())
        record.write(arguments.record, run.id, config, {"best": best})


if __name__ == "__main__":
    main()
