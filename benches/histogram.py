"""`wandb.Histogram` of random numbers, beside `np.histogram` in the same process (row 16)."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import meter


def measure(params: dict[str, Any]) -> meter.Metrics:
    import numpy as np

    import wandb

    values = np.random.default_rng(0).standard_normal(params["numbers"])
    took_us = median_us(lambda: wandb.Histogram(values), params["calls"])
    numpy_us = median_us(lambda: np.histogram(values, bins=64), params["calls"])
    return {"histogram_us": took_us, "numpy_us": numpy_us, "times_numpy": numpy_us / took_us}


def median_us(call: Callable[[], object], calls: int) -> float:
    call()
    took = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1e6


if __name__ == "__main__":
    meter.main(measure)
