"""Wait for an artifact in a child, and after the run has ended."""

import json
import os
import sys
from pathlib import Path

import wandb

target = sys.argv[1]
told = {}


def made(name):
    artifact = wandb.Artifact(name, type="dataset")
    with artifact.new_file("a.txt") as file:
        file.write(name)
    return artifact


with wandb.init(project="made", id="late") as run:
    late = run.log_artifact(made("late"))
    child = os.fork()
    if child == 0:
        name = run.log_artifact(made("child")).wait(timeout=60).name
        Path("child.txt").write_text(name)
        run.finish()
        os._exit(0)
    os.waitpid(child, 0)

told["late"] = late.wait(timeout=60).name
told["child"] = Path("child.txt").read_text()
told["path"] = sorted(os.listdir(late.download()))
Path(target).write_text(json.dumps(told))
