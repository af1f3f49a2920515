"""Read logged tables with whatever client is installed."""

import json
import sys
from pathlib import Path

import wandb

target, run_id = sys.argv[1:3]
api = wandb.Api()


def table(name, key):
    got = api.artifact(f"tables/{name}").get(key)
    return {"columns": got.columns, "data": got.data}


run = api.run(f"tables/{run_id}")
row = dict(run.summary["plain"])
found = {
    "plain": table(f"run-{run_id}-plain:latest", "plain"),
    "again": table(f"mine-{run_id}:latest", "again"),
    "own": table(f"mine-{run_id}:latest", "own"),
    "increments": len(api.artifact(f"tables/run-{run_id}-incr-growing:latest").manifest.entries),
    "row": {name: row[name] for name in ("_type", "ncols", "nrows", "log_mode")},
    "refers": row["artifact_path"].partition("://")[0],
}
Path(target).write_text(json.dumps(found))
