"""What watching a model adds to a step of its training, ours beside 0.21.3.

    python benches/watch.py                    # five paired rounds: about two minutes
    python benches/watch.py --rounds 1 --steps 50

A small network is trained by one thread, with and without `run.watch(model, log="all",
log_freq=1)`, in alternating blocks; every step logs its loss. It takes PyTorch, which Debian's
`python3-torch` brings for `/usr/bin/python3`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path("/usr/bin/python3")
RELEASED = "0.21.3"
WIDTHS = (64, 256, 256, 10)
BATCH = 64
WARM_UP_STEPS = 10
PAIRS = 3


def train(steps: int) -> dict[str, float]:
    """Measure in this process; return microseconds for a step, and what watching adds to one."""
    import torch

    import wandb

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = [torch.nn.Linear(*sizes) for sizes in pairwise(WIDTHS)]
    model = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    inputs, labels = torch.randn(BATCH, WIDTHS[0]), torch.randint(WIDTHS[-1], (BATCH,))
    run = wandb.init(project="bench", mode="offline", settings={"silent": True, "console": "off"})

    def block() -> float:
        took = []
        for _ in range(WARM_UP_STEPS + steps):
            started = time.perf_counter()
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            run.log({"loss": loss.item()})
            took.append(time.perf_counter() - started)
        return statistics.median(took[WARM_UP_STEPS:]) * 1e6

    plain, watched = [], []
    for _ in range(PAIRS):
        plain.append(block())
        run.watch(model, log="all", log_freq=1, idx=0)
        watched.append(block())
        run.unwatch(model)
    run.finish()
    step = statistics.median(plain)
    return {"step_us": step, "added_us": statistics.median(watched) - step}


def measured(import_path: Path, steps: int) -> dict[str, float]:
    """Measure one client in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        told = subprocess.run(
            [PYTHON, Path(__file__).resolve(), "--worker", "--steps", str(steps)],
            env={**kept, "HOME": folder, "PYTHONPATH": str(import_path)},
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return found


def released_packages() -> Path:
    """Return the released client's packages for the Python that has PyTorch."""
    sys.path.insert(0, str(ROOT / "tools"))
    import released_clients

    return Path(released_clients.ensure_beside(PYTHON, RELEASED))


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what watching a model costs.")
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--steps", type=int, default=200, help="steps of a block (default: 200)")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(train(options.steps)))
        return 0
    if subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode:
        print(
            "PyTorch is missing, so nothing is measured: "
            "apt-get install --no-install-recommends python3-torch",
            file=sys.stderr,
        )
        return 1
    clients: dict[str, Any] = {"ours": ROOT / "python", RELEASED: released_packages()}
    rounds = [
        {name: measured(path, options.steps) for name, path in clients.items()}
        for _ in range(options.rounds)
    ]
    print(f"load average {os.getloadavg()[0]:.1f}; median of {options.rounds} rounds, in µs")
    for name in clients:
        step = statistics.median(one[name]["step_us"] for one in rounds)
        added = statistics.median(one[name]["added_us"] for one in rounds)
        print(f"{name:>8}: a step takes {step:.0f}, watching adds {added:.0f}")
    ratio = statistics.median(one[RELEASED]["added_us"] / one["ours"]["added_us"] for one in rounds)
    print(f"watching is {ratio:.1f} times cheaper")
    return 0


if __name__ == "__main__":
    sys.exit(main())
