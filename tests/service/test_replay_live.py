"""Sending runs that somebody still writes to, or may."""

import os
import shutil
from pathlib import Path

import anyio
import pytest

from service.fake_server import KEY, fake_server
from service.runs import POLICIES, Run
from wandb._http.client import Client
from wandb._service import living
from wandb._service import replay as replaying
from wandb._service.replay import Plan, Replay, mark_path
from wandb._service.syncstate import STATE_FILE

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(replaying, "_POLICIES", POLICIES)
    monkeypatch.setattr(replaying, "_LOOK_SECS", 0.01)


@pytest.fixture
def run(tmp_path):
    """An offline run of this process, without a trace of a sync."""
    made = Run(tmp_path / "offline-run-20260101_000000-abc")
    os.unlink(os.path.join(made.folder, STATE_FILE))
    yield made
    if not made.writer.closed:
        made.writer.close(exit_code=0)


async def sync(server, folder, **options):
    plan = Plan(folder=folder, run_id="abc", server=server.url, **options)
    async with Client(server.url, KEY) as client:
        return await Replay(plan).run(client)


def is_marked(folder):
    return Path(mark_path(folder, "abc")).exists()


def losses(server):
    return [row["loss"] for row in server.history]


async def test_what_is_there_is_sent_and_a_later_sync_brings_the_rest(run):
    async with fake_server() as server:
        run.log(3)
        run.writer.flush()
        first = await sync(server, run.folder)
        sent, ended = losses(server), list(server.endings)
        run.log(3, first=3)
        run.writer.flush()
        await sync(server, run.folder)
        run.log(2, first=6)
        run.writer.close(exit_code=3)
        last = await sync(server, run.folder)

    assert (first.error, first.live, first.ended) == (None, True, False)
    assert (sent, ended) == ([0.0, 0.5, 1.0], [])
    assert not any(upsert["state"] for upsert in server.upserts)
    assert (last.live, last.ended) == (False, True)
    assert losses(server) == [number / 2 for number in range(8)]
    assert (server.endings, server.conflicts) == ([3], [])
    assert is_marked(run.folder)


async def test_writers_of_a_run_that_was_sent_in_part_arrive_whole(run):
    child = run.child()
    async with fake_server() as server:
        run.log(2)
        child.log({"loss": 100.0})
        run.writer.flush()
        child.flush()
        await sync(server, run.folder)
        child.log({"loss": 101.0})
        child.close()
        run.log(1, first=2)
        run.writer.close(exit_code=0)
        outcome = await sync(server, run.folder)

    assert (outcome.error, outcome.ended) == (None, True)
    assert sorted(losses(server)) == [0.0, 0.5, 1.0, 100.0, 101.0]
    assert server.conflicts == []


async def test_sync_that_follows_stays_until_the_end(run):
    async def go_on(server):
        run.log(1)
        run.writer.flush()
        while len(server.history) < 1:  # noqa: ASYNC110 - the stand-in tells nobody
            await anyio.sleep(0.01)
        run.log(1, first=1)
        run.writer.close(exit_code=5)

    async with fake_server() as server, anyio.create_task_group() as beside:
        beside.start_soon(go_on, server)
        with anyio.fail_after(20):
            outcome = await sync(server, run.folder, follow=True)

    assert (outcome.error, outcome.ended, outcome.live) == (None, True, False)
    assert losses(server) == [0.0, 0.5]
    assert server.endings == [5]


async def test_sync_that_follows_ends_with_a_run_that_is_killed(run, tmp_path):
    """A folder whose owner is dead, as a copy of one that lives is."""
    run.log(2)
    run.writer.flush()
    copied = tmp_path / "copied"
    shutil.copytree(run.folder, copied)

    async with fake_server() as server:
        with anyio.fail_after(20):
            outcome = await sync(server, str(copied), follow=True)

    assert (outcome.error, outcome.ended, outcome.live) == (None, False, False)
    assert (losses(server), server.upserts[-1]["state"]) == ([0.0, 0.5], "crashed")


@pytest.fixture
def others(run, monkeypatch):
    """The journal of another client, cut in the middle of its last record."""
    monkeypatch.setattr(living, "_OURS", "of nobody")
    run.log(4)
    run.writer.close(exit_code=0)
    return Path(run.folder, "run-abc.wandb")


async def test_journal_of_another_client_without_an_end_is_left_open_while_it_is_fresh(others):
    whole = others.read_bytes()
    others.write_bytes(whole[:-5])
    folder = str(others.parent)

    async with fake_server() as server:
        early = await sync(server, folder)
        states = [upsert["state"] for upsert in server.upserts]
        others.write_bytes(whole)
        outcome = await sync(server, folder)

    assert (early.error, early.live, states) == (None, True, [None] * len(states))
    assert (outcome.error, outcome.ended, server.endings) == (None, True, [0])
    assert losses(server) == [0.0, 0.5, 1.0, 1.5]


async def test_old_journal_of_another_client_without_an_end_counts_as_crashed(others):
    others.write_bytes(others.read_bytes()[:-5])
    os.utime(others, (1, 1))

    async with fake_server() as server:
        outcome = await sync(server, str(others.parent))

    assert (outcome.error, outcome.live) == (None, False)
    assert server.upserts[-1]["state"] == "crashed"


async def test_empty_journal_is_sent_when_it_has_grown(others):
    whole = others.read_bytes()
    others.write_bytes(b"")
    folder = str(others.parent)

    async with fake_server() as server:
        early = await sync(server, folder)
        others.write_bytes(whole)
        outcome = await sync(server, folder)

    assert (early.error, early.empty) == (None, True)
    assert (outcome.ended, losses(server)) == (True, [0.0, 0.5, 1.0, 1.5])


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
async def test_damage_within_costs_only_what_is_damaged(others, part):
    whole = others.read_bytes()
    place = int(len(whole) * part)
    others.write_bytes(whole[:place] + b"\x5a" * 8 + whole[place + 8 :])

    async with fake_server() as server:
        outcome = await sync(server, str(others.parent))

    assert outcome.error is None or "damaged" in outcome.error
    assert losses(server) == [0.0, 0.5, 1.0, 1.5][: len(losses(server))]
