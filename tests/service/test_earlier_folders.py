"""Folders that earlier processes of a run left, delivered before the run goes on."""

import threading

import anyio
import pytest

from service.fake_server import KEY, fake_server
from service.runs import AT_ONCE, Run
from wandb._base.retry import Backoff
from wandb._service import delivery as delivering
from wandb._service import predecessors, standing
from wandb._service.delivery import Delivery
from wandb._service.folderlock import FolderLock
from wandb._service.syncstate import SyncState

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(delivering, "_BROKEN", AT_ONCE)
    monkeypatch.setattr(delivering, "_BUSY", Backoff(0.001, 0.001, 0))


@pytest.fixture
def runs(tmp_path):
    """Make a run that was left over, and one that goes on with it; both have ended."""

    def make(server, *, broken=False):
        first = Run(tmp_path / "run-20260101_000000-abc")
        second = Run(tmp_path / "run-20260101_000001-abc", resume=True)
        second.state.options = {"goes_on": True, "resume": "allow"}
        if broken:
            first.writer.append(UNREADABLE)
        for run in (first, second):
            run.state.server = server.url
            run.state.save()
            run.log(3)
            run.writer.close(exit_code=0)
        return first, second

    return make


# A moment that no calendar has.
UNREADABLE = {"environment": {"writer_id": "w", "started_at": {"seconds": int(9e12)}}}


def delivery_of(run, server):
    request = {"folder": run.folder, "base_url": server.url, "api_key": KEY, "near": True}
    return Delivery(request, follow=False)


async def test_leftover_that_cannot_be_delivered_holds_up_no_run_that_goes_on(runs):
    async with fake_server() as server:
        first, second = runs(server, broken=True)
        delivery = delivery_of(second, server)
        with anyio.fail_after(20):
            await delivery.run()

    assert SyncState.load(second.folder).finished
    assert [row["loss"] for row in server.history] == [0, 0.5, 1]
    (warning,) = delivery.status.warnings
    assert "goes on without it" in warning
    assert first.folder in warning
    left = SyncState.load(first.folder)
    assert (left.is_due(), left.is_complete()) == (False, False)


async def test_leftover_without_successor_is_given_up_and_stays_due(runs):
    async with fake_server() as server:
        first, _ = runs(server, broken=True)
        delivery = delivery_of(first, server)
        with anyio.fail_after(20):
            await delivery.run()

    assert "out of range" in delivery.gave_up
    assert SyncState.load(first.folder).is_due()


async def test_disk_is_read_beside_the_event_loop_and_no_state_of_other_runs(
    runs, tmp_path, monkeypatch
):
    other = Run(tmp_path / "run-20260101_000000-other", "other")
    other.writer.close(exit_code=0)
    read = []
    load, records = SyncState.load, standing.run_records

    def note(name, done):
        def noted(subject):
            read.append((name, subject, threading.current_thread() is threading.main_thread()))
            return done(subject)

        return noted

    async with fake_server() as server:
        first, second = runs(server)
        monkeypatch.setattr(predecessors.SyncState, "load", note("state", load))
        monkeypatch.setattr(standing, "run_records", note("journal", records))
        await delivery_of(second, server).run()

    assert SyncState.load(second.folder).finished
    assert other.folder not in [subject for _, subject, _ in read]
    assert ("state", first.folder, False) in read
    assert {on_loop for name, _, on_loop in read if name == "journal"} == {False}


async def test_leftover_that_another_process_delivers_is_waited_for(runs, monkeypatch):
    async with fake_server() as server:
        first, second = runs(server)
        other, tries = FolderLock(first.folder), []
        assert other.take()
        take = FolderLock.take

        def count(lock):
            tries.append(lock)
            if len(tries) == 30:
                other.release(for_good=False)
            return take(lock)

        monkeypatch.setattr(FolderLock, "take", count)
        delivery = delivery_of(second, server)
        with anyio.fail_after(20):
            await delivery.run()

    assert [row["_step"] for row in server.history] == list(range(6))
    assert delivery.status.warnings == []


async def test_waits_grow_though_the_server_answers_each_try(runs, monkeypatch):
    asked = []

    class Waits:
        def wait_secs(self, failures):
            asked.append(failures)
            return 0.0

    monkeypatch.setattr(delivering, "_BROKEN", Waits())
    async with fake_server() as server:
        first, _ = runs(server, broken=True)
        with anyio.fail_after(20):
            await delivery_of(first, server).run()

    assert asked == [1, 2, 3, 4, 5, 6]


async def test_what_an_earlier_folder_brings_counts_as_going_on(runs):
    async with fake_server() as server:
        _, second = runs(server)
        delivery, seen = delivery_of(second, server), []
        server.on_post = lambda: seen.append(delivery.moves[1])
        with anyio.fail_after(20):
            await delivery.run()

    assert len(set(seen) - {None}) > 1
