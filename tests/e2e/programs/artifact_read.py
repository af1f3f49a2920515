"""Read versions of an artifact with whatever client is installed."""

import json
import sys
from pathlib import Path

import wandb

target, *names = sys.argv[1:]
api = wandb.Api()


def read(name):
    artifact = api.artifact(name)
    folder = Path(artifact.download())
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    logged_by = artifact.logged_by()
    return {
        "name": artifact.name,
        "type": artifact.type,
        "version": artifact.version,
        "state": artifact.state,
        "description": artifact.description,
        "metadata": dict(artifact.metadata),
        "aliases": sorted(artifact.aliases),
        "digest": artifact.digest,
        "size": artifact.size,
        "file_count": artifact.file_count,
        "files": {
            str(path.relative_to(folder)): [path.stat().st_size, path.read_bytes()[:16].hex()]
            for path in paths
        },
        "listed": sorted(file.name for file in artifact.files()),
        "logged_by": logged_by and logged_by.id,
        "used_by": sorted(run.id for run in artifact.used_by()),
    }


found = [read(name) for name in names]
missing = names[0].rpartition(":")[0] + ":nothing"
Path(target).write_text(json.dumps({"found": found, "exists": api.artifact_exists(missing)}))
