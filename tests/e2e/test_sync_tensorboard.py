"""Folders of TensorBoard's event files become runs: the rows of the released client's."""

import json
import math
import struct
import subprocess

import pytest

from e2e.running import run_program
from oracle.compare import declared
from oracle.harness import our_client, released_client
from service import event_bytes as made

pytestmark = pytest.mark.timeout(300)
TIME = 1_700_000_000.0
EMPTY = made.histogram("h/empty", [], [])
CUBE = made.packed(6, "d", [0, 1, 3, 1, 2, 4, 2, 3, 5])


def events(*steps, late=0.0):
    """Make events half a second apart: step, and the values' parts.

    `late` puts them between those of other folders: of the same instant any may come first.
    """
    return [
        made.event(step, *parts, wall_time=TIME + late + number / 2)
        for number, (step, *parts) in enumerate(steps)
    ]


FILES = {
    "logs/events.out.tfevents.1700000000.box": events(
        (0, made.scalar("loss", 1)),
        (0, made.scalar("acc/top1", 0.1)),
        (1, made.scalar("loss", 0.3)),
        # Above all that follow: see the case on a step that is the highest of all.
        (100, made.scalar("rare", 7)),
        (2, made.scalar("loss", 0.2), made.scalar("acc/top1", 0.7)),
        (2, made.scalar("loss", 0.25)),
        (3, made.histogram("h", [0.5, 1, 5, 1e300], [0, 2, 3, 1], 0.6, 6.5)),
        (4, made.histogram("h/two", [0.5, 1], [1, 1], 0.25, 1)),
        (5, EMPTY),
        (6, made.tensor("h/cube", 2, CUBE, (3, 3), "histograms")),
        (7, made.tensor("t/float", 1, made.packed(5, "f", [0.1]))),
        (8, made.tensor("t/int", 9, made.part(10, made.varint(1 << 60)))),
        (9, made.tensor("t/list", 1, made.packed(5, "f", [1, 2.5]), (2,), "")),
        (10, made.tensor("note", 7, made.part(8, b"hello"), (1,), "text")),
        (11, made.scalar("odd. key/$ü", math.inf)),
        (-3, made.scalar("back", 1)),
    ),
    "logs/train/events.out.tfevents.1700000000.box": events(
        (0, made.scalar("loss", 3)),
        (1, made.scalar("loss", 2)),
        (2, made.scalar("loss", 1)),
        late=0.125,
    ),
    "logs/val/deep/events.out.tfevents.1700000000.box": events(
        (5, made.scalar("loss", 4)),
        (5, made.scalar("acc", 4)),
        (6, made.scalar("loss", 3)),
        late=0.25,
    ),
    "single/one/events.out.tfevents.1700000000.box": events((1, made.scalar("a", 2))),
    "pair/a1/events.out.tfevents.1700000000.box": events((1, made.scalar("a", 2))),
    "pair/a2/events.out.tfevents.1700000000.box": events((2, made.scalar("a", 3)), late=0.125),
}


@pytest.fixture
def files(tmp_path):
    for name, payloads in FILES.items():
        made.write(tmp_path / name, *payloads)
    return tmp_path


def sync(client, folder, server, key, *words, expect=0):
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key}
    done = subprocess.run(
        [client.interpreter, "-m", "wandb", "sync", *words],
        env=client.environment(folder, **settings),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def stored(folder, server, key, path):
    return run_program(our_client(), folder, "read_all", path, "TARGET", url=server.url, key=key)


def singles(value):
    """Return a value with its numbers as TensorBoard keeps most of them, in 32 bits."""
    if isinstance(value, dict):
        return {name: singles(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [singles(inner) for inner in value]
    return struct.pack("<f", value) if isinstance(value, (int, float)) else value


def comparable(row):
    exact = ("_step", "_timestamp", "_runtime")
    return {name: row[name] if name in exact else singles(row[name]) for name in row}


@pytest.mark.released
@pytest.mark.parametrize("folder", ["logs", "single/one", "pair"])
def test_rows_are_those_of_the_released_client(files, tmp_path, server, key, folder):
    declared("32-bit numbers of TensorBoard's in `wandb sync`")
    name = folder.replace("/", "-")
    theirs, ours = f"alice/theirs/{name}", f"alice/ours/{name}"
    released = released_client("0.21.3-tensorboard")
    sync(released, files, server, key, folder, "-p", "theirs", "--id", name)
    said = sync(our_client(), files, server, key, folder, "-p", "ours", "--id", name)

    expected = stored(tmp_path / "read", server, key, theirs)
    found = stored(tmp_path / "read", server, key, ours)

    assert len(expected["rows"]) >= 1
    assert [*map(comparable, found["rows"])] == [*map(comparable, expected["rows"])]
    assert found["state"] == expected["state"] == "finished"
    assert ("left out: text (1)" in said) == (folder == "logs")
    assert len([one for one in found["files"] if "tfevents" in one]) == len(
        [*(files / folder).rglob("*tfevents*")]
    )


def test_files_that_grew_are_sent_on_under_the_same_run(files, tmp_path, server, key):
    path = files / "pair/a1/events.out.tfevents.1700000000.box"
    first = sync(our_client(), files, server, key, "pair", "-p", "growing")
    nothing = sync(our_client(), files, server, key, "pair", "-p", "growing")
    later = made.record(made.event(9, made.scalar("a", 9), wall_time=TIME + 100))
    with path.open("ab") as file:
        file.write(later[:-3])
    torn = sync(our_client(), files, server, key, "pair", "-p", "growing")
    with path.open("ab") as file:
        file.write(later[-3:])
    grown = sync(our_client(), files, server, key, "pair", "-p", "growing")

    assert "2 new rows" in first
    assert "0 new rows" in nothing
    assert "was synced before" in nothing
    assert "0 new rows" in torn
    assert "1 new rows" in grown
    (memory,) = files.glob("wandb/*/tensorboard.json")
    run_id = json.loads(memory.read_text())["run_id"]
    rows = stored(tmp_path / "read", server, key, f"alice/growing/{run_id}")["rows"]
    assert [row["global_step"] for row in rows] == [1, 2, 9]
    assert [row["_step"] for row in rows] == [0, 1, 2]


def test_flags_decide_whether_event_files_count(files, server, key):
    nothing = sync(our_client(), files, server, key, "single", "--no-sync-tensorboard")
    folder = sync(our_client(), files, server, key, "single", "--sync-tensorboard", "-p", "flags")

    assert "no runs to sync" in nothing
    assert "/alice/flags/runs/" in folder


def test_api_sends_a_folder_and_returns_the_run(files, tmp_path, server, key):
    script = "import json, sys, wandb\nrun = wandb.Api().sync_tensorboard('pair', 'byapi', 'api')\n"
    script += "print(json.dumps([run.path, [row['global_step'] for row in run.scan_history()]]))"
    client = our_client()
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key}

    done = subprocess.run(
        [client.interpreter, "-c", script],
        env=client.environment(files, **settings),
        cwd=files,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["alice", "api", "byapi"], [1, 2]]
