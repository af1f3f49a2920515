"""Log artifacts in every way: the same script under every client.

    python artifacts.py TARGET

TARGET gets what the client knows of them afterwards.
"""

import json
import sys
from pathlib import Path

import wandb

NAMES = {
    "a.txt": b"hello a",
    "sub/b.txt": b"hello b",
    "empty": b"",
    "odd/\u00fc \u00f6#%25&+=;.txt": b"odd",
}


def made(folder, files):
    """Write files below a folder, and return it."""
    for name, content in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def dataset(folder, files, **more):
    """Return an artifact of a folder with a reference."""
    artifact = wandb.Artifact("ds", "dataset", **more)
    artifact.add_dir(made(folder, files))
    artifact.add_reference(Path("local.bin").absolute().as_uri(), name="ref/local.bin")
    return artifact


def known(artifact):
    """Return what a client knows of a logged artifact."""
    return {
        "version": artifact.version,
        "digest": artifact.digest,
        "aliases": sorted(artifact.aliases),
        "state": artifact.state,
        "files": sorted(artifact.manifest.entries),
        "id": artifact.id,
        "size": artifact.size,
    }


def logged(run, artifact, **more):
    """Log an artifact, and wait until the server has it."""
    return known(run.log_artifact(artifact, **more).wait())


def read_below(folder):
    """Return the files below a folder."""
    root = Path(folder)
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def versions(run):
    """Log a version, the same again, and another; use the first."""
    first = dataset("one", NAMES, description="words", metadata={"k": 1, "n": {"x": [1, 2]}})
    yield "first", logged(run, first, aliases=["best"], tags=["t1", "t2"])
    yield "same", logged(run, dataset("one", NAMES), aliases=["again"])
    yield "changed", logged(run, dataset("two", {**NAMES, "a.txt": b"other"}))
    used = run.use_artifact("ds:best")
    yield "used", known(used)
    yield "downloaded", read_below(used.download(root="down"))
    draft = used.new_draft()
    draft.remove("empty")
    with draft.new_file("new.txt") as file:
        file.write("new")
    yield "draft", logged(run, draft)


def many(run):
    """Log a thousand small files."""
    artifact = wandb.Artifact("many", "dataset")
    artifact.add_dir(made("many", {f"{n % 10}/{n}.txt": str(n).encode() for n in range(1000)}))
    yield "many", logged(run, artifact)["version"]


def incremental(run):
    """Log an artifact in two steps of which the second adds."""
    for number in range(2):
        artifact = wandb.Artifact("inc", "dataset", incremental=number > 0)
        artifact.add_file(made("inc", {f"{number}.txt": str(number).encode()}) + f"/{number}.txt")
        yield f"inc{number}", logged(run, artifact)


def distributed(run):
    """Patch one artifact twice, and finish it."""
    for number in range(2):
        artifact = wandb.Artifact("dist", "dataset")
        artifact.add_file(made("dist", {f"{number}": b"d"}) + f"/{number}")
        run.upsert_artifact(artifact, distributed_id="group")
    artifact = wandb.Artifact("dist", "dataset")
    artifact.add_file(made("dist", {"2": b"d"}) + "/2")
    yield "distributed", known(run.finish_artifact(artifact, distributed_id="group").wait())


def references(run):
    """Refer to a file of a logged artifact, and to an object of one that is not logged yet."""
    source = run.use_artifact("ds:v0")
    elsewhere = wandb.Artifact("elsewhere", "dataset")
    elsewhere.add_reference("custom://foo/bar", name="custom", checksum=False)
    yield "elsewhere", logged(run, elsewhere)
    pointing = wandb.Artifact("pointing", "dataset")
    pointing.add_reference(source.get_entry("a.txt"), name="pointer.txt")
    yield "pointing", logged(run, pointing)
    one, other = (wandb.Artifact(name, "dataset") for name in ("tables", "joined"))
    table = wandb.Table(columns=["x", "y"], data=[[1, "a"], [2, "b"]])
    one.add(table, "t")
    other.add(table, "same")
    run.log_artifact(one).wait()
    yield "joined", logged(run, other)


def tables(run):
    """Log a table; its artifact is made by itself."""
    run.log({"tab": wandb.Table(columns=["n", "s"], data=[[1, "one"], [2.5, None]])})
    yield "tables", 1


def main(target):
    """Log everything and write down what is known."""
    made(".", {"local.bin": b"loc"})
    found = {}
    with wandb.init(project="artifacts") as run:
        found |= {"id": run.id, "path": run.path, "entity": run.entity}
        for part in (versions, many, incremental, distributed, references, tables):
            found |= dict(part(run))
    unlogged = wandb.Artifact("fresh", "dataset")
    with unlogged.new_file("fresh.txt") as file:
        file.write("fresh")
    with wandb.init(project="artifacts") as run:
        run.use_artifact(unlogged)
        found["second"] = run.path
    Path(target).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
