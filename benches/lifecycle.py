"""`init`, `finish`, and a whole process with two tiny runs (rows 12 to 14)."""

import subprocess
import sys
import time
from typing import Any

import meter
from rows import names, row

CHILD = """
import wandb
for _ in range(2):
    run = wandb.init(project="bench", mode="offline")
    run.log({"loss": 0.5})
    run.finish()
"""


def measure(params: dict[str, Any]) -> meter.Metrics:
    return {"runs": measure_runs, "process": measure_process}[params["case"]](params)


def measure_runs(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys = names(10)
    run, init_ms = timed_init(wandb)
    run.log(row(keys, 0))
    run.finish()
    modules = len(sys.modules)
    run, second_init_ms = timed_init(wandb)
    finish_empty_ms = timed_finish(run)
    run, _ = timed_init(wandb)
    for step in range(params["backlog_rows"]):
        run.log(row(keys, step))
    return {
        "init_ms": init_ms,
        "modules_after_run": modules,
        "second_init_ms": second_init_ms,
        "finish_empty_ms": finish_empty_ms,
        "finish_backlog_ms": timed_finish(run),
    }


def timed_init(wandb: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    run = wandb.init(project="bench", mode="offline")
    return run, (time.perf_counter() - started) * 1000


def timed_finish(run: Any) -> float:
    started = time.perf_counter()
    run.finish()
    return (time.perf_counter() - started) * 1000


def measure_process(params: dict[str, Any]) -> meter.Metrics:
    cpu, started = meter.waited_cpu_secs(), time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-c", CHILD], check=True)
    wall = time.perf_counter() - started
    return {"process_s": wall, "process_cpu_s": meter.waited_cpu_secs() - cpu}


if __name__ == "__main__":
    meter.main(measure)
