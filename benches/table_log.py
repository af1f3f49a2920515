"""Tables: made of rows and of a data frame, logged, and logged after each append (row 18).

Rows hold an integer, two floats and text. `appends` adds a hundred rows at a time to a table in
increments and logs each time; `slower` says how much longer the last tenth of the logs took than
the first tenth.
"""

import statistics
import time
from typing import Any

import meter

NAMES = ["id", "loss", "score", "label"]
APPENDED_ROWS = 100


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    settings = wandb.Settings(console="off", silent=True)
    run = wandb.init(project="bench", mode="offline", settings=settings)
    metrics = CASES[params["case"]](run, params)
    run.finish()
    return metrics


def rows(count: int) -> list[list[Any]]:
    """Return rows that differ from each other."""
    return [[at, at / 7.0, 1.0 / (at + 1.3), f"label {at % 97}"] for at in range(count)]


def of_rows(run: Any, params: dict[str, Any]) -> meter.Metrics:
    """Make a table of rows and log it."""
    import wandb

    data = rows(params["rows"])
    started = time.perf_counter()
    table = wandb.Table(columns=NAMES, data=data)
    made = time.perf_counter()
    run.log({"table": table})
    return {"build_s": made - started, "log_s": time.perf_counter() - made}


def of_frame(run: Any, params: dict[str, Any]) -> meter.Metrics:
    """Make a table of a data frame of four columns of numbers, with the cap raised, and log it."""
    import numpy as np
    import pandas as pd

    import wandb

    random = np.random.default_rng(7)
    count = params["rows"]
    frame = pd.DataFrame({name: random.standard_normal(count) for name in NAMES})
    wandb.Table.MAX_ARTIFACT_ROWS = 10_000_000
    started = time.perf_counter()
    run.log({"frame": wandb.Table(dataframe=frame)})
    return {"frame_s": time.perf_counter() - started}


def appends(run: Any, params: dict[str, Any]) -> meter.Metrics:
    """Append rows and log, many times."""
    import wandb

    table = wandb.Table(columns=NAMES, log_mode="INCREMENTAL")
    data, took = rows(APPENDED_ROWS), []
    for _ in range(params["logs"]):
        started = time.perf_counter()
        for row in data:
            table.add_data(*row)
        run.log({"grown": table})
        took.append(time.perf_counter() - started)
    part = max(params["logs"] // 10, 1)
    slower = sum(took[-part:]) / sum(took[:part])
    return {"append_ms": statistics.median(took) * 1000, "slower": slower}


CASES = {"rows": of_rows, "frame": of_frame, "appends": appends}

if __name__ == "__main__":
    meter.main(measure)
