"""Log tables under whatever client is installed."""

import json
import sys
from pathlib import Path

import wandb

target, run_id = sys.argv[1:3]

with wandb.init(project="tables", id=run_id) as run:
    table = wandb.Table(columns=["n", "word"], data=[[1, "a"], [2, "b"]])
    run.log({"plain": table})
    growing = wandb.Table(columns=["n"], data=[[1]], log_mode="INCREMENTAL")
    run.log({"growing": growing})
    growing.add_data(2)
    run.log({"growing": growing})
    mine = wandb.Artifact(f"mine-{run_id}", type="tables")
    mine.add(table, "again")
    mine.add(wandb.Table(columns=["n"], data=[[7]]), "own")
    run.log_artifact(mine).wait()

Path(target).write_text(json.dumps({"size": mine.size}))
