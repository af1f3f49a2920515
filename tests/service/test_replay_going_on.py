"""Sending folders of runs that go on, and that no server was asked about while they ran."""

import json
import os
import shutil

import pytest

from service.fake_server import KEY, fake_server
from service.runs import POLICIES, Run
from wandb._http.client import Client
from wandb._service import replay as replaying
from wandb._service.replay import Plan, Replay
from wandb._service.syncstate import STATE_FILE, SyncState
from wandb._wire.journal import run_record

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(replaying, "_POLICIES", POLICIES)


@pytest.fixture
def offline(tmp_path):
    """Make folders of offline runs of one id that have ended; values count over all of them."""
    made = []

    def run(count, first=0, *, first_step=0, children=(), **fields):
        one = Run(tmp_path / f"offline-run-20260101_00000{len(made)}-abc", **fields)
        one.writer.start_at(first_step, 0.0)
        for value in range(first, first + count):
            one.writer.log({"a": value})
        for name in children:
            child = one.child(name)
            child.log({"a": name})
            child.close()
        one.writer.close(exit_code=0)
        os.unlink(os.path.join(one.folder, STATE_FILE))
        made.append(one)
        return one.folder

    return run


async def sync(server, folder):
    plan = Plan(folder=folder, run_id="abc", server=server.url)
    async with Client(server.url, KEY) as client:
        return await Replay(plan).run(client)


def curve(server):
    assert server.conflicts == []
    return [(row["_step"], row["a"]) for row in server.history]


async def test_resumed_run_is_put_after_what_the_server_has(offline):
    first = offline(3, config={"lr": 0.1, "old": 1}, tags=["t"])
    second = offline(2, 3, config={"lr": 0.2}, resume=True)
    async with fake_server() as server:
        await sync(server, first)
        outcome = await sync(server, second)

    assert outcome.error is None
    assert curve(server) == [(step, step) for step in range(5)]
    config = json.loads(server.upserts[-1]["config"])
    assert [config[name]["value"] for name in ("lr", "old")] == [0.2, 1]
    assert (server.summary["_step"], server._latest("tags")) == (4, ["t"])
    assert server.history[3]["_runtime"] >= server.history[2]["_runtime"]


async def test_resumed_run_that_no_server_has_begins_there(offline):
    async with fake_server() as server:
        await sync(server, offline(2, resume=True))

    assert curve(server) == [(0, 0), (1, 1)]


async def test_resumed_run_is_sent_again_to_its_place(offline):
    first, second = offline(3), offline(2, 3, resume=True)
    async with fake_server() as server:
        await sync(server, first)
        await sync(server, second)
        os.unlink(os.path.join(second, STATE_FILE))
        await sync(server, second)

    assert curve(server) == [(step, step) for step in range(5)]


async def test_every_writers_rows_are_put_behind(offline):
    first, second = offline(3), offline(2, 3, resume=True, children=["c"])
    async with fake_server() as server:
        await sync(server, first)
        await sync(server, second)

    assert sorted(curve(server), key=str) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, "c")]


async def test_run_that_knew_where_it_stands_keeps_its_steps(offline, tmp_path):
    first = offline(3)
    knew = Run(tmp_path / "run-20260101_000009-abc", resume=True)
    knew.writer.start_at(3, 5.0)
    facts = {**knew._facts, "resume": True, "resumed": True, "starting_step": 3, "runtime": 5}
    knew.writer.append(run_record(**facts))
    knew.writer.log({"a": 3})
    knew.writer.close(exit_code=0)
    os.unlink(os.path.join(knew.folder, STATE_FILE))
    async with fake_server() as server:
        await sync(server, first)
        await sync(server, knew.folder)

    assert curve(server) == [(step, step) for step in range(4)]
    assert server.history[3]["_runtime"] >= 5


def rewind(step):
    return {"run": "abc", "value": float(step), "metric": "_step"}


async def test_rewound_run_is_rewound_before_it_is_sent_and_once(offline):
    first = offline(5)
    second = offline(2, 30, first_step=2, branch_point=rewind(1))
    async with fake_server() as server:
        await sync(server, first)
        await sync(server, second)
        await sync(server, second)

    assert server.rewinds == [("abc", 1.0)]
    assert curve(server) == [(0, 0), (1, 1), (2, 30), (3, 31)]


async def test_rewound_run_waits_for_the_run_that_it_goes_back_in(offline):
    first = offline(5)
    second = offline(1, 30, first_step=2, branch_point=rewind(1))
    async with fake_server() as server:
        outcome = await sync(server, second)
        assert "no such run" in outcome.error
        await sync(server, first)
        await sync(server, second)

    assert curve(server) == [(0, 0), (1, 1), (2, 30)]


async def test_moved_folder_goes_on_all_the_same(offline, tmp_path):
    first, second = offline(3), offline(2, 3, resume=True)
    moved = str(tmp_path / "elsewhere")
    shutil.move(second, moved)
    async with fake_server() as server:
        await sync(server, first)
        await sync(server, moved)

    assert curve(server) == [(step, step) for step in range(5)]


async def test_part_that_an_older_service_sent_is_not_written_over(offline, tmp_path):
    first = offline(3)
    run = Run(tmp_path / "offline-run-20260101_000009-abc", resume=True)
    os.unlink(os.path.join(run.folder, STATE_FILE))
    async with fake_server() as server:
        await sync(server, first)
        run.writer.log({"a": 3})
        run.writer.sync()
        assert (await sync(server, run.folder)).live
        state = SyncState.load(run.folder)
        state.standing = None
        state.save()
        run.writer.log({"a": 4})
        run.writer.close(exit_code=0)
        await sync(server, run.folder)

    assert curve(server) == [(step, step) for step in range(5)]


@pytest.fixture
def leftover(offline, tmp_path):
    """Make the folder of an online run whose service died, and one that goes on with it."""
    first = Run(tmp_path / "run-20260101_000000-abc")

    async def make(server):
        first.state.server = server.url
        first.state.save()
        first.writer.log({"a": 0})
        first.writer.sync()
        assert (await sync(server, first.folder)).live
        first.writer.log({"a": 1})
        first.writer.sync()
        offline(0)
        return first, offline(2, 2, resume=True)

    return make


async def test_what_an_older_folder_holds_of_the_run_is_sent_before_it(leftover):
    async with fake_server() as server:
        first, second = await leftover(server)
        first.writer.close(exit_code=0)
        outcome = await sync(server, second)

    assert outcome.error is None
    assert curve(server) == [(step, step) for step in range(4)]
    assert SyncState.load(first.folder).finished


async def test_nothing_is_sent_before_an_older_folder_that_cannot_be(leftover):
    async with fake_server() as server:
        first, second = await leftover(server)
        outcome = await sync(server, second)
        first.writer.close(exit_code=0)
        posts = [row["a"] for row in server.history]

    assert f"an older folder of this run comes first: {first.folder}" in outcome.error
    assert posts == [0, 1]
