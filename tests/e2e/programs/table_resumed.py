"""Log a table in increments, and go on with it in a run that is resumed."""

import json
import sys
from pathlib import Path

import wandb

target, run_id = sys.argv[1:3]

with wandb.init(project="tables", id=run_id) as run:
    run.log({"growing": wandb.Table(columns=["n"], data=[[1]], log_mode="INCREMENTAL")})
with wandb.init(project="tables", id=run_id, resume="must") as run:
    run.log({"growing": wandb.Table(columns=["n"], data=[[2]], log_mode="INCREMENTAL")})

found = dict(wandb.Api().run(f"tables/{run_id}").summary["growing"])
told = {"number": found["increment_num"], "before": len(found["previous_increments_paths"])}
Path(target).write_text(json.dumps(told))
