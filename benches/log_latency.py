"""How long one `run.log` takes, by number of keys (rows 1 to 3)."""

import time
from collections.abc import Callable
from typing import Any

import meter
from rows import names, row

WARM_UP_CALLS = 200


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys = names(params["keys"])
    run = wandb.init(project="bench", mode="offline")
    timed_calls(run.log, keys, WARM_UP_CALLS)
    idle = timed_calls(lambda row: None, keys, params["calls"])
    logged = timed_calls(run.log, keys, params["calls"])
    started = time.perf_counter()
    run.finish()
    ordered = sorted(logged.took_us)
    return {
        "p50_us": meter.percentile(ordered, 50),
        "p99_us": meter.percentile(ordered, 99),
        "max_us": ordered[-1],
        "cpu_us_per_call": (logged.cpu_s - idle.cpu_s) / params["calls"] * 1e6,
        "finish_s": time.perf_counter() - started,
    }


class Timed:
    """How long each call took, and the CPU time of the whole loop around them."""

    def __init__(self, took_us: list[float], cpu_s: float) -> None:
        self.took_us = took_us
        self.cpu_s = cpu_s


def timed_calls(log: Callable[[dict[str, float]], object], keys: list[str], calls: int) -> Timed:
    clock = time.perf_counter_ns
    took = []
    cpu = time.process_time()
    for step in range(calls):
        values = row(keys, step)
        started = clock()
        log(values)
        took.append((clock() - started) / 1000)
    return Timed(took, time.process_time() - cpu)


if __name__ == "__main__":
    meter.main(measure)
