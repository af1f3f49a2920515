"""What capturing the console adds to a `print` (row 20)."""

import time
from typing import Any

import meter

TEXT = "epoch 3 step {} loss 0.123456 accuracy 0.9876 lr 0.0003"


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    lines = params["lines"]
    idle_cpu = print_lines(lines)
    run = wandb.init(project="bench", mode="offline")
    print_lines(100)
    cpu, tree_cpu, started = time.process_time(), meter.tree_cpu_secs(), time.perf_counter()
    print_lines(lines)
    run.finish()
    wall = time.perf_counter() - started
    own, tree = time.process_time() - cpu, meter.tree_cpu_secs() - tree_cpu
    return {
        "cpu_us_per_line": (own - idle_cpu) / lines * 1e6,
        "tree_cpu_us_per_line": (tree - idle_cpu) / lines * 1e6,
        "lines_per_s": lines / wall,
    }


def print_lines(lines: int) -> float:
    """Return the CPU time of printing some lines."""
    cpu = time.process_time()
    for number in range(lines):
        print(TEXT.format(number))
    return time.process_time() - cpu


if __name__ == "__main__":
    meter.main(measure)
