"""Log two versions of an artifact under whatever client is installed, and use one."""

import json
import sys
from pathlib import Path

import wandb

target, run_id, project = sys.argv[1:4]
online = "offline" not in sys.argv

folder = Path("data")
(folder / "sub").mkdir(parents=True, exist_ok=True)
(folder / "a.txt").write_text("first")
(folder / "sub" / "b.bin").write_bytes(bytes(range(256)) * 4096)
(folder / "empty").write_bytes(b"")

facts = {}
with wandb.init(project=project, id=run_id) as run:
    run.log({"loss": 1.0})
    artifact = wandb.Artifact(
        f"digits-{run_id}", type="dataset", description="words", metadata={"k": [1, 2]}
    )
    artifact.add_dir(str(folder))
    if online:
        with artifact.new_file("new.txt") as file:
            file.write("new")
    else:  # the released client removes what `new_file` made when it ends, before any sync
        Path("new.txt").write_text("new")
        artifact.add_file("new.txt")
    run.log_artifact(artifact, aliases=["best"])
    facts["digests"] = [artifact.digest]
    if online:
        artifact.wait()
        facts["names"] = [artifact.name]
        facts["id"] = artifact.id
    (folder / "a.txt").write_text("second")
    again = wandb.Artifact(f"digits-{run_id}", type="dataset")
    again.add_file(str(folder / "a.txt"))
    run.log_artifact(again)
    facts["digests"].append(again.digest)
    if online:
        again.wait()
        facts["names"].append(again.name)
        used = run.use_artifact(f"digits-{run_id}:best")
        facts["used"] = used.name
    run.log({"loss": 0.5})

Path(target).write_text(json.dumps(facts))
