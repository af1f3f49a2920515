"""A tight loop without a pause: rate, CPU, memory (rows 4 to 7)."""

import time
from pathlib import Path
from typing import Any

import meter
from rows import names, row

SAMPLE_EVERY = 5000


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys, calls = names(params["keys"]), params["calls"]
    run = wandb.init(project="bench", mode="offline")
    folder = Path(run.dir).parent
    run.log(row(keys, 0))
    idle_cpu = loop_cpu_secs(keys, min(calls, 50_000)) / min(calls, 50_000) * calls
    before_mib = highest_mib = meter.status_mib("VmRSS")
    cpu, started = meter.tree_cpu_secs(), time.perf_counter()
    for step in range(calls):
        run.log(row(keys, step))
        if step % SAMPLE_EVERY == 0:
            highest_mib = max(highest_mib, meter.status_mib("VmRSS"))
    run.finish()
    wall = time.perf_counter() - started
    used = meter.tree_cpu_secs() - cpu - idle_cpu
    return {
        "calls_per_s": calls / wall,
        "wall_s": wall,
        "cpu_us_per_call": used / calls * 1e6,
        "cpu_us_per_value": used / calls / len(keys) * 1e6,
        "rss_growth_mib": max(highest_mib, meter.status_mib("VmRSS")) - before_mib,
        "peak_mib": meter.status_mib("VmHWM"),
        "service_peak_mib": meter.descendants_peak_mib(),
        "disk_bytes_per_call": journal_bytes(folder) / calls,
    }


def loop_cpu_secs(keys: list[str], calls: int) -> float:
    """Return the CPU time of the loop alone: making the rows and logging nothing."""
    cpu = time.process_time()
    for step in range(calls):
        row(keys, step)
    return time.process_time() - cpu


def journal_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.wandb"))


if __name__ == "__main__":
    meter.main(measure)
