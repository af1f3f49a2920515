"""One online run, timed from inside: `online_worker.py NAME CALLS TARGET`."""

import json
import statistics
import sys
import time


def main(name: str, calls: int, target: str) -> None:
    started = time.perf_counter()
    import wandb

    imported = time.perf_counter()
    run = wandb.init(project="online", id=name)
    ready = time.perf_counter()
    took = []
    for number in range(calls):
        row = {f"metric_{place}": number * 0.37 + place for place in range(10)}
        before = time.perf_counter()
        run.log(row)
        took.append(time.perf_counter() - before)
    logged = time.perf_counter()
    run.finish()
    ended = time.perf_counter()
    metrics = {
        "init_secs": ready - imported,
        "p50_secs": statistics.median(took),
        "worst_secs": max(took),
        "finish_secs": ended - logged,
        "acknowledged_secs": ended - ready,
        "process_secs": ended - started,
    }
    with open(target, "w") as file:
        json.dump(metrics, file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
