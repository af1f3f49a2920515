"""Artifacts offline: the same record, manifest and staged files as the original's."""

import json
from pathlib import Path

import pytest

from oracle.compare import declared
from oracle.harness import our_client, released_client, run_script

MAKING = """
import json, os, pathlib
import wandb

data = pathlib.Path("data")
(data / "sub").mkdir(parents=True)
(data / "a.txt").write_text("hello")
(data / "sub" / "b.bin").write_bytes(bytes(range(256)))
(data / "empty").write_bytes(b"")

run = wandb.init(project="p", id="run1")
artifact = wandb.Artifact(
    "digits", type="dataset", description="words", metadata={"k": 1, "shape": (1, 2), "x": None}
)
artifact.add_dir("data", name="in")
artifact.add_file("data/a.txt")
artifact.add_file("data/a.txt", name="kept.txt", policy="immutable")
artifact.add_file("data/a.txt", name="media/x.y.json", is_tmp=True)
artifact.add_file("data/a.txt", name="cacheless.txt", skip_cache=True)
with artifact.new_file("new/n.txt") as file:
    file.write("new")
added = artifact.get_added_local_path_name("data/a.txt")
artifact.remove("in/empty")
run.log_artifact(artifact, aliases=["best", "prod"], tags=["t 1", "t2", "t2"])
run.log_artifact("data/a.txt", name="byfile", type="file")
run.log_artifact("data", type="folder")
run.log_artifact("data/sub/b.bin")
facts = {
    "digest": artifact.digest,
    "size": artifact.size,
    "state": artifact.state,
    "draft": artifact.is_draft(),
    "manifest": artifact.manifest.to_manifest_json(),
    "added": added,
    "name": artifact.name,
    "metadata": artifact.metadata,
    "repr": repr(artifact),
    "entry": repr(artifact.manifest.entries["in/a.txt"]).partition(", local_path")[0],
}
run.finish()
print("FACTS", json.dumps(facts))
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return what each client's process left of the same script."""
    done = []
    for client in (our_client(), released_client()):
        folder = tmp_path_factory.mktemp("artifacts")
        finished = run_script(client, folder, MAKING)
        assert finished.exit_code == 0, finished.stderr
        done.append(finished)
    return done


def told(finished):
    line = next(line for line in finished.stdout.splitlines() if line.startswith("FACTS "))
    return json.loads(line.removeprefix("FACTS "))


def records(finished):
    """Return the artifact records, with what is random or of this place in words."""
    return [_plain(record, finished.folder) for record in finished.log.of_kind("artifact")]


def _plain(record, folder):
    for name in ("client_id", "sequence_client_id"):
        assert len(record[name]) == 128
        assert set(record[name]) <= set("abcdefghijklmnopqrstuvwxyz0123456789")
    contents = [_entry(entry, folder) for entry in record["manifest"]["contents"]]
    random = {"client_id", "sequence_client_id"}
    return {
        **{name: value for name, value in record.items() if name not in random},
        "aliases": sorted(record["aliases"]),
        "manifest": {**record["manifest"], "contents": contents},
    }


def _entry(entry, folder):
    """Say of where a file lies only what both clients must agree in."""
    place = Path(entry["local_path"])
    staged = place.parent == folder / ".local/share/wandb/artifacts/staging"
    if entry["path"] == "new/n.txt":
        staged = declared("a file made by Artifact.new_file, after the end of its process")
    return {**entry, "local_path": staged}


@pytest.mark.released
def test_records_are_the_originals(both):
    ours, original = map(records, both)

    assert [one["name"] for one in ours] == ["digits", "byfile", "run-run1-data", "run-run1-b.bin"]
    assert ours == original


@pytest.mark.released
def test_what_a_draft_says_is_the_same(both):
    ours, original = map(told, both)

    assert ours == original


def test_staged_files_hold_what_was_added(both):
    for finished in both[:1]:
        for record in finished.log.of_kind("artifact"):
            for entry in record["manifest"]["contents"]:
                assert Path(entry["local_path"]).stat().st_size == entry.get("size", 0)


BAD = [
    "wandb.Artifact('a b', type='t')",
    "wandb.Artifact('a', type='job')",
    "wandb.Artifact('a', type='wandb-x')",
    "wandb.Artifact('run-a', type='run_table')",
    "wandb.Artifact('a' * 129, type='t')",
    "wandb.Artifact('a', type='t', metadata=[1])",
    "wandb.Artifact('a', type='t').add_file('nowhere')",
    "wandb.Artifact('a', type='t').add_dir('nowhere')",
    "wandb.Artifact('a', type='t').remove('nowhere')",
    "wandb.Artifact('a', type='t').add({}, 'x')",
    "wandb.Artifact('a', type='t').add_reference('/data/x')",
    "wandb.Artifact('a', type='t').version",
    "wandb.Artifact('a', type='t').wait()",
    "wandb.Artifact('a', type='t').get_entry('x')",
    "wandb.Artifact('a', type='t').download()",
    "run.log_artifact('nowhere')",
    "run.log_artifact(7)",
    "run.log_artifact(wandb.Artifact('a', type='t'), aliases=['a/b'])",
    "run.log_artifact(wandb.Artifact('a', type='t'), tags=['a/b'])",
    "run.log_artifact(wandb.Artifact('a', type='t', metadata={str(n): n for n in range(101)}))",
    "run.use_artifact('x:latest')",
]


@pytest.mark.parametrize("line", BAD)
def test_mistakes_raise_what_the_original_raises(play, line):
    played = play(
        "import wandb", "run = wandb.init(mode='offline', project='p')", line, "run.finish()"
    )

    found = played[line]
    assert found.error[0] in {
        "ValueError",
        "TypeError",
        "FileNotFoundError",
        "ArtifactNotLoggedError",
    }
    assert found.error[0] == EXPECTED.get(line, "ValueError"), found


EXPECTED = {
    BAD[5]: "TypeError",
    BAD[8]: "FileNotFoundError",
    BAD[9]: "TypeError",
    **dict.fromkeys(BAD[11:15], "ArtifactNotLoggedError"),
    BAD[16]: "TypeError",
    BAD[20]: "TypeError",
}


def test_finalized_artifact_refuses_changes(play):
    line = "artifact.add_file('x.txt')"
    played = play(
        "import wandb",
        "open('x.txt', 'w').write('x')",
        "run = wandb.init(mode='offline', project='p')",
        "artifact = wandb.Artifact('a', type='t')",
        line,
        "run.log_artifact(artifact) is artifact",
        "artifact.add_dir('.')",
        "artifact.wait()",
        "run.finish()",
    )

    assert not played[line].error
    assert played["run.log_artifact(artifact) is artifact"].value is True
    assert played["artifact.add_dir('.')"].error[0] == "ArtifactFinalizedError"
    assert played["artifact.wait()"].error[0] == "ArtifactNotLoggedError"


OUTSIDE = "a path of an artifact that leads out of it, with .. or from the root"


@pytest.mark.parametrize("name", ["../x.txt", "/x.txt"])
def test_path_outside_differs_as_declared(play, either, name):
    line = f"str(wandb.Artifact('a', type='t').add_file('x.txt', name={name!r}).path)"
    played = play("import wandb", "open('x.txt', 'w').write('x')", line)

    found = played[line]
    assert (found.error[:1] or found.value) == either(OUTSIDE, original=name, ours=("ValueError",))
