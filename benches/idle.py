"""What a run costs that logs nothing for a while: its process and the client's service (row 15)."""

import os
import time
from typing import Any

import meter


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    run = wandb.init(project="bench", mode="offline")
    run.log({"loss": 0.5})
    # Until every part of the client that starts later has started.
    time.sleep(params["settle_secs"])
    before, cpu = household(), total_cpu_secs(household())
    time.sleep(params["idle_secs"])
    cpu = total_cpu_secs(before) - cpu
    memory = sum(meter.status_mib("VmRSS", pid) for pid in household())
    run.finish()
    return {"cpu_percent": cpu / params["idle_secs"] * 100, "memory_mib": memory}


def total_cpu_secs(pids: list[int]) -> float:
    return sum(meter.process_cpu_secs(pid) for pid in pids)


def household() -> list[int]:
    """Return the processes with this home, which nobody else has: this one and the service."""
    home = f"HOME={os.environ['HOME']}".encode()
    return [pid for pid in meter.processes() if home in meter.environment(pid)]


if __name__ == "__main__":
    meter.main(measure)
