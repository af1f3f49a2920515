"""Restore a file of another run, into the current folder."""

import json
import sys
from pathlib import Path

import wandb

path, target = sys.argv[1:]
facts = {}
with wandb.restore("d/sub/b.txt", path, root="restored") as file:
    facts["content"] = file.read()
Path("restored/d/sub/b.txt").write_text("kept")
with wandb.restore("d/sub/b.txt", path, root="restored") as file:
    facts["kept"] = file.read()
with wandb.restore("d/sub/b.txt", path, replace=True, root="restored") as file:
    facts["replaced"] = file.read()
with wandb.init(project="files") as run, run.restore("live.txt", path) as file:
    facts["by_run"] = file.read()
    facts["beside"] = Path(file.name).parent.samefile(run.dir)
Path(target).write_text(json.dumps(facts))
