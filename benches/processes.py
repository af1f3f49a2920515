"""Several processes, a run each, from start to exit (row 10)."""

import subprocess
import sys
import time
from typing import Any

import meter

CHILD = """
import sys, wandb
keys, calls = int(sys.argv[1]), int(sys.argv[2])
run = wandb.init(project="bench", mode="offline")
for step in range(calls):
    run.log({f"m{i}": step * 0.1 + i for i in range(keys)})
run.finish()
"""


def measure(params: dict[str, Any]) -> meter.Metrics:
    command = [sys.executable, "-W", "ignore", "-c", CHILD]
    command += [str(params["keys"]), str(params["calls"])]
    cpu, started = meter.waited_cpu_secs(), time.perf_counter()
    running = [subprocess.Popen(command) for _ in range(params["processes"])]
    codes = [process.wait() for process in running]
    wall = time.perf_counter() - started
    if any(codes):
        raise RuntimeError(f"exit codes {codes}")
    return {"wall_s": wall, "cpu_s": meter.waited_cpu_secs() - cpu}


if __name__ == "__main__":
    meter.main(measure)
