"""`config.update` with many keys, and setting one key of a large config (row 19)."""

import time
from typing import Any

import meter


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    keys, settings = params["keys"], params["settings"]
    run = wandb.init(project="bench", mode="offline")
    values = {f"key_{number}": number * 0.5 for number in range(keys)}
    started = time.perf_counter()
    run.config.update(values)
    update_ms = (time.perf_counter() - started) * 1000
    took = sorted(timed_setting(run, number) for number in range(settings))
    run.finish()
    return {
        "update_ms": update_ms,
        "setitem_p50_us": meter.percentile(took, 50),
        "setitem_p99_us": meter.percentile(took, 99),
    }


def timed_setting(run: Any, number: int) -> float:
    started = time.perf_counter()
    run.config[f"late_{number}"] = number
    return (time.perf_counter() - started) * 1e6


if __name__ == "__main__":
    meter.main(measure)
