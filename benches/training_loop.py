"""What logging adds to each step of a loop that computes for 0.2 ms (row 8).

Blocks with and without logging alternate; each plain block starts after a pause, so that
work which a client puts off is not charged to it.
"""

import statistics
import time
from typing import Any

import meter
from rows import names, row

STEP_SECS = 0.0002
PAUSE_SECS = 0.3


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys, steps = names(params["keys"]), params["steps"]
    size = calibrated_size()
    run = wandb.init(project="bench", mode="offline")
    block(run, keys, size, steps)
    wall, cpu = [], []
    for _ in range(params["pairs"]):
        time.sleep(PAUSE_SECS)
        plain = block(None, keys, size, steps)
        logged = block(run, keys, size, steps)
        wall.append((logged[0] - plain[0]) / steps * 1e6)
        cpu.append((logged[1] - plain[1]) / steps * 1e6)
    run.finish()
    return {
        "added_us_per_step": statistics.median(wall),
        "added_cpu_us_per_step": statistics.mean(cpu),
    }


def block(run: Any, keys: list[str], size: int, steps: int) -> tuple[float, float]:
    """Return wall and CPU seconds of some steps, with logging where there is a run."""
    cpu, started = meter.tree_cpu_secs(), time.perf_counter()
    for step in range(steps):
        compute(size)
        values = row(keys, step)
        if run is not None:
            run.log(values)
    wall = time.perf_counter() - started
    if run is not None:
        time.sleep(PAUSE_SECS)  # what the call put off is its CPU time as well
    return wall, meter.tree_cpu_secs() - cpu


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
