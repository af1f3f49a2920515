"""Several threads log to one run at once (row 9)."""

import threading
import time
from typing import Any

import meter
from rows import names, row


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys, calls = names(params["keys"]), params["calls"]
    run = wandb.init(project="bench", mode="offline")
    took: list[list[float]] = [[] for _ in range(params["threads"])]
    barrier = threading.Barrier(params["threads"] + 1)
    workers = [
        threading.Thread(target=log_rows, args=(run, keys, calls, one, barrier)) for one in took
    ]
    for worker in workers:
        worker.start()
    cpu = meter.tree_cpu_secs()
    barrier.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join()
    run.finish()
    wall = time.perf_counter() - started
    ordered = sorted(value for one in took for value in one)
    return {
        "calls_per_s": len(ordered) / wall,
        "p50_us": meter.percentile(ordered, 50),
        "p99_us": meter.percentile(ordered, 99),
        "max_us": ordered[-1],
        "cpu_us_per_call": (meter.tree_cpu_secs() - cpu) / len(ordered) * 1e6,
    }


def log_rows(
    run: Any, keys: list[str], calls: int, took: list[float], barrier: threading.Barrier
) -> None:
    clock = time.perf_counter_ns
    barrier.wait()
    for step in range(calls):
        values = row(keys, step)
        started = clock()
        run.log(values)
        took.append((clock() - started) / 1000)


if __name__ == "__main__":
    meter.main(measure)
