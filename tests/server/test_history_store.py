"""The native store by itself: what it says, and what it keeps when it is killed or has no room."""

import json
import os
import random
import select
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.faults import namespace_command
from server.programs.history_writer import RUN, SCOPE, Writer
from wandb._native import HistoryStore

PROGRAMS = Path(__file__).resolve().parent / "programs"
KILLS = 6
ROWS = 600
FOREVER = 2**63 - 1


@pytest.fixture
def store(tmp_path):
    opened = HistoryStore(str(tmp_path), sync_ms=0)
    opened.open_run(RUN, 1)
    yield opened
    opened.close()


def post(store, files, **more):
    body = {
        "files": {name: {"offset": at, "content": lines} for name, (at, lines) in files.items()}
    }
    receipt = store.accept(RUN, 0, "", json.dumps(body | more).encode(), 5.0)
    while store.durable_seq() < receipt["seq"]:
        select.select([store.durable_fd()], [], [], 1)
    return receipt


def rows(store):
    return [json.loads(row) for row in store.rows(SCOPE, 0, None, 0, FOREVER, None, False)]


def test_receipt_tells_all_that_a_request_brought(store):
    files = {
        "wandb-history.jsonl": (0, ['{"_step":4,"a":NaN}', "oops"]),
        "wandb-events.jsonl": (0, ['{"system.cpu":1}']),
        "output.log": (0, ["hello"]),
        "wandb-summary.json": (0, ['{"a":1}']),
    }

    receipt = post(store, files, complete=True, exitcode=3, uploaded=["config.yaml"])

    assert receipt == {
        "seq": 1,
        "history": 1,
        "events": 1,
        "console": 1,
        "repeated": 0,
        "aside": 1,
        "gap": False,
        "last_step": 4,
        "summary": '{"a":1}',
        "preempting": False,
        "complete": True,
        "exit_code": 3,
        "uploaded": ("config.yaml",),
    }
    assert store.facts(RUN) == {
        "run": RUN,
        "heartbeat_at": 5.0,
        "summary": '{"a":1}',
        "attempt": 0,
        "last_step": 4,
        "history_lines": 1,
        "preempting": False,
        "complete": True,
        "exit_code": 3,
    }


def test_repeated_request_waits_for_what_it_repeats(store):
    first = post(store, {"output.log": (0, ["a"])})
    again = post(store, {"output.log": (0, ["a"])})

    assert (again["seq"], again["repeated"], again["console"]) == (first["seq"], 1, 0)


def test_numbers_and_nesting_read_back_exactly(store):
    row = {
        "_step": 0,
        "big": 2**53 + 1,
        "huge": 10**30,
        "nested": {"a.b": {"c": 0.1}, "empty": {}},
        "image": {"_type": "image-file", "size": 3},
        "list": [1, None, "ü"],
        "yes": True,
        "none": None,
    }
    line = json.dumps(row)
    post(store, {"wandb-history.jsonl": (0, [line[:-1] + ',"minus":-0}'])})

    (found,) = rows(store)

    assert str(found.pop("minus")) in ("-0.0", "0")
    assert found == row
    kinds = {key["name"]: key["kinds"] for key in store.keys(SCOPE, 0) if key["kinds"]}
    assert kinds == {
        "huge": ("integer",),
        "image": ("image-file",),
        "list": ("list",),
        r"nested.empty": ("object",),
        "none": ("null",),
        "yes": ("bool",),
    }


def test_body_that_cannot_be_read_is_a_value_error(store):
    with pytest.raises(ValueError, match="body can't be read"):
        store.accept(RUN, 0, "", b"[1]", 1.0)


def test_run_that_was_not_opened_is_a_value_error(store):
    with pytest.raises(ValueError, match="run 99 is not open"):
        store.accept(99, 0, "", b"{}", 1.0)


def test_closed_store_takes_nothing_and_lets_go_of_its_folder(tmp_path):
    closed = HistoryStore(str(tmp_path))
    closed.open_run(RUN, 1)
    closed.close()

    with pytest.raises(RuntimeError, match="closed"):
        closed.accept(RUN, 0, "", b'{"preempting":true}', 1.0)
    HistoryStore(str(tmp_path)).close()


@pytest.mark.timeout(120)
def test_rows_that_were_acknowledged_survive_every_kill_once(tmp_path):
    chance = random.Random(11)
    acknowledged = 0
    for seed in range(KILLS):
        told = written_until_killed(tmp_path, seed, posts=chance.randint(2, 25))
        acknowledged = max(acknowledged, told)
        writer = Writer(str(tmp_path), seed)
        numbers = [row["x"] for row in rows(writer.store)]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= acknowledged
        writer.store.close()
    writer = Writer(str(tmp_path), 0)
    writer.write(ROWS)

    assert [(row["x"], row["text"]) for row in rows(writer.store)] == [
        (n, f"t{n}") for n in range(ROWS)
    ]
    assert writer.store.warnings() == []
    writer.store.close()


def written_until_killed(folder, seed, posts):
    """Let a process write until it has acknowledged some posts, kill it, return how many rows."""
    command = [sys.executable, str(PROGRAMS / "history_writer.py"), str(folder), str(seed)]
    with subprocess.Popen(
        [*command, str(ROWS)], stdout=subprocess.PIPE, env=environment()
    ) as child:
        told = [child.stdout.readline() for _ in range(posts)]
        child.kill()
        told += child.stdout.readlines()
    numbers = [int(line) for line in told if line.strip().isdigit() and line.endswith(b"\n")]
    return max(numbers, default=0)


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.timeout(60)
def test_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room(tmp_path):
    apart = namespace_command()
    if apart is None:
        pytest.skip("no mount namespaces here")
    command = [*apart, sys.executable, str(PROGRAMS / "full_disk.py"), str(tmp_path)]
    ran = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)

    assert "No space left" in seen["failing"]
    assert "No space left" in seen["told"]
    assert 0 < seen["durable_when_full"] < seen["accepted"]
    assert seen["readable_when_full"] == seen["accepted"]
    assert seen["failing_later"] is None
    assert (seen["rows"], seen["files"]) == (seen["accepted"], 1)
