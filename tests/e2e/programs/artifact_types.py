"""Log an artifact under a type, and then under another one."""

import json
import sys
from pathlib import Path

import wandb

target = sys.argv[1]
told = {}
Path("a.txt").write_text("a")
with wandb.init(project="made", id="types") as run:
    run.log({"loss": 1})
    for kind in ("dataset", "model"):
        artifact = wandb.Artifact("typed", type=kind, metadata={"kind": kind})
        with artifact.new_file("a.txt") as file:
            file.write(kind)
        run.log_artifact(artifact)
        try:
            artifact.wait()
        except ValueError as err:
            told |= {"error": type(err).__name__, "message": str(err)}
    run.log({"loss": 2})

told["rows"] = len(list(wandb.Api().run("made/types").scan_history()))
Path(target).write_text(json.dumps(told))
