"""Read and change artifacts through `wandb.Api`: the same script under every client.

    python read_artifacts.py PATH TARGET

PATH is the run's that logged them. TARGET gets what was read.
"""

import json
import sys
from pathlib import Path

from artifacts import known, read_below

import wandb


def listed(api, run, place):
    """Return what lists say."""
    collection = api.artifact_collection("dataset", f"{place}/ds")
    return {
        "types": sorted(kind.name for kind in api.artifact_types(place)),
        "collections": sorted(
            one.name for one in api.artifact_type("dataset", place).collections()
        ),
        "versions": [one.version for one in api.artifacts("dataset", f"{place}/ds", per_page=2)],
        "collection_aliases": sorted(collection.aliases),
        "made": [one.name for one in run.logged_artifacts(per_page=3)],
        "used": [one.name for one in run.used_artifacts()],
        "exists": [api.artifact_exists(f"{place}/{name}") for name in ("ds:v0", "ds:v9", "no")],
        "collection_exists": [
            api.artifact_collection_exists(f"{place}/{name}", "dataset") for name in ("ds", "no")
        ],
    }


def lineage(artifact):
    """Return the runs around an artifact."""
    maker = artifact.logged_by()
    return {
        "logged_by": None if maker is None else maker.id,
        "used_by": [run.id for run in artifact.used_by()],
    }


def main(path, target):
    """Read everything and write it down."""
    api = wandb.Api()
    place = "/".join(path.split("/")[:2])
    run = api.run(path)
    ds = api.artifact(f"{place}/ds:v0")
    table = api.artifact(f"{place}/run-{run.id}-tab:latest", type="run_table").get("tab")
    many = api.artifact(f"{place}/many:latest")
    found = {
        **listed(api, run, place),
        **lineage(ds),
        "ds": known(ds),
        "facts": [ds.type, ds.description, ds.metadata, sorted(ds.tags), ds.file_count],
        "downloaded": read_below(ds.download(root="ds")),
        "many": len(read_below(many.download(root="many"))),
        "files": sorted((file.name, file.size) for file in ds.files(per_page=2)),
        "one_file": sorted(file.name for file in ds.files(names=["a.txt"])),
        "manifest": ds.manifest.to_manifest_json()["contents"]["a.txt"],
        "pointing": read_below(api.artifact(f"{place}/pointing:v0").download(root="pointing")),
        "elsewhere": [file.name for file in api.artifact(f"{place}/elsewhere:v0").files()],
        "joined": api.artifact(f"{place}/joined:v0").get("same").data,
        "inc": read_below(api.artifact(f"{place}/inc:latest").download(root="inc")),
        "dist": sorted(api.artifact(f"{place}/dist:latest").manifest.entries),
        "table": [table.columns, table.data],
        "entry": Path(ds.get_entry("sub/b.txt").download(root="entry")).read_text(),
        "again": api.artifact(f"{place}/ds:v0").verify(root="ds"),
    }
    found["changed"] = changed(api, run, place)
    Path(target).write_text(json.dumps(found))


def changed(api, run, place):
    """Change an artifact, log it for the run, and delete a version."""
    name = Path.cwd().name.replace(".", "-")
    one = api.artifact(f"{place}/ds:v1")
    one.description, one.metadata = name, {"by": name}
    one.aliases.append(f"x-{name}")
    one.tags.append(f"t-{name}")
    one.save()
    again = api.artifact(f"{place}/ds:x-{name}")
    told = ""
    try:
        again.delete()
    except Exception as err:  # noqa: BLE001 - each client has a class of its own
        told = str(err)
    run.use_artifact(again)
    run.log_artifact(again, aliases=[f"y-{name}"])
    return {
        "version": again.version,
        "description": again.description,
        "metadata": again.metadata,
        "tagged": f"t-{name}" in again.tags,
        "told": told,
        "logged_again": api.artifact(f"{place}/ds:y-{name}").version,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
