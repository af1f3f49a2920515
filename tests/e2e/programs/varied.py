"""Log a run with something of every kind that is sent: the same script under every client.

python varied.py ID
"""

import random
import sys
import time

import wandb

ROWS = 1200


def sample(run) -> None:
    """Keep a sample of the machine: ours takes its first after a while only."""
    if hasattr(run, "_append"):
        usage = {"item": [{"key": "cpu", "value_json": "12.5"}], "timestamp": {"seconds": 1}}
        run._append({"stats": {"stats_type": "SYSTEM", **usage}})


def main(run_id: str) -> None:
    """Log rows, text, files, system metrics, and change what the run says of itself."""
    chance = random.Random(7)
    run = wandb.init(
        project="varied",
        id=run_id,
        name="varied",
        tags=["first"],
        config={"lr": 0.1, "nested": {"a": [1, 2]}},
        settings=wandb.Settings(x_stats_sampling_interval=0.1),
    )
    run.define_metric("loss", summary="min")
    began = time.monotonic()
    for number in range(ROWS):
        run.log({"loss": chance.random(), "text": f"{number} " * 20, "deep": {"n": number}})
        if number % 20 == 0:
            print(f"row {number}")
        if number % 100 == 0:
            run.summary[f"best/{number}"] = number
            with open(f"kept-{number}.txt", "w") as file:
                file.write("x" * number)
            run.save(f"kept-{number}.txt")
            sample(run)
    run.config.update({"late": True})
    run.tags = (*run.tags, "last")
    time.sleep(max(0.0, 0.5 - (time.monotonic() - began)))  # so that there are system metrics
    run.finish(exit_code=3)


if __name__ == "__main__":
    main(sys.argv[1])
