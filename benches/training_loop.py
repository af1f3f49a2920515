"""What logging adds to each step of a loop that computes for 0.2 ms (row 8).

Blocks with and without logging alternate. Each ends with a pause, in which a client does what
it has put off, so that the next block does not pay for it; the CPU time of the pause counts.
Each begins with steps that are not counted, because a processor is slow to wake.
"""

import statistics
import time
from typing import Any

import meter
from rows import names, row

STEP_SECS = 0.0002
WARM_UP_STEPS = 200
PAUSE_SECS = 0.3


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys, steps = names(params["keys"]), params["steps"]
    size = calibrated_size()
    run = wandb.init(project="bench", mode="offline")
    block(run, keys, size, steps)
    added: list[Block] = []
    for _ in range(params["pairs"]):
        plain = block(None, keys, size, steps)
        added.append(block(run, keys, size, steps) - plain)
    run.finish()
    return {
        "added_us_per_step": statistics.median(one.mean_us for one in added),
        "added_us_median_step": statistics.median(one.median_us for one in added),
        "added_cpu_us_per_step": statistics.mean(one.cpu_us for one in added),
    }


class Block:
    """Microseconds of some steps: the mean, the median, and CPU of all processes per step."""

    def __init__(self, mean_us: float, median_us: float, cpu_us: float) -> None:
        self.mean_us = mean_us
        self.median_us = median_us
        self.cpu_us = cpu_us

    def __sub__(self, other: "Block") -> "Block":
        return Block(
            self.mean_us - other.mean_us,
            self.median_us - other.median_us,
            self.cpu_us - other.cpu_us,
        )


def block(run: Any, keys: list[str], size: int, steps: int) -> Block:
    """Measure some steps, with logging where there is a run."""
    for _ in range(WARM_UP_STEPS):
        compute(size)
    clock, took = time.perf_counter_ns, []
    cpu = meter.tree_cpu_secs()
    for step in range(steps):
        started = clock()
        compute(size)
        values = row(keys, step)
        if run is not None:
            run.log(values)
        took.append((clock() - started) / 1000)
    time.sleep(PAUSE_SECS)
    used = meter.tree_cpu_secs() - cpu
    return Block(statistics.mean(took), statistics.median(took), used / steps * 1e6)


def compute(size: int) -> int:
    """Do work in Python bytecode, so that threads of the client compete for the interpreter."""
    total = 0
    for number in range(size):
        total += number * number
    return total


def calibrated_size() -> int:
    """Return the size for which `compute` takes about `STEP_SECS`."""
    started = time.perf_counter()
    for _ in range(200):
        compute(1000)
    return max(1, int(1000 * STEP_SECS * 200 / (time.perf_counter() - started)))


if __name__ == "__main__":
    meter.main(measure)
