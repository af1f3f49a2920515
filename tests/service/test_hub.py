import errno
import os
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from service.fake_server import KEY, fake_server, status
from service.runs import Run
from wandb._service import delivery, hub, syncstate
from wandb._service.folderlock import FolderLock
from wandb._service.hub import Hub
from wandb._service.syncstate import SyncState
from wandb._wire.frames import Unframer, framed

pytestmark = pytest.mark.anyio


class Asker:
    """A process that is connected to the service."""

    def __init__(self, stream):
        self._stream = stream
        self._unframer = Unframer()
        self._number = 0

    async def ask(self, do, **facts):
        self._number += 1
        await self._stream.send(framed({"id": self._number, "do": do, **facts}))
        with anyio.fail_after(20):
            while True:
                for message in self._unframer.feed(await self._stream.receive()):
                    if message.get("id") == self._number:
                        return message

    async def leave(self):
        await self._stream.aclose()


@asynccontextmanager
async def serving(path, *, linger_secs=0.5):
    """A hub on a socket until nobody needs it; what it hands out connects to it."""
    address = str(path / "s")
    listener = await anyio.create_unix_listener(address)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(Hub(linger_secs=linger_secs).serve, listener)
        askers = []

        async def connect():
            askers.append(Asker(await anyio.connect_unix(address)))
            return askers[-1]

        yield connect
        for asker in askers:
            await asker.leave()


def attach(run, server):
    return {
        "do": "attach",
        "folder": run.folder,
        "base_url": server.url,
        "api_key": KEY,
        "near": True,
    }


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


async def test_owner_hears_the_servers_word_and_of_the_end(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        assert "error" not in await owner.ask(**attach(run, server))
        identity = (await owner.ask("identity", folder=run.folder, secs=20))["identity"]
        run.log(3)
        run.writer.close(0)
        told = await owner.ask("wait", folder=run.folder, secs=20)

    assert (identity["entity"], identity["display_name"]) == ("me", "calm-reef-1")
    assert (told["done"], told["finished"], told["left_bytes"]) == (True, True, 0)
    assert len(server.history) == 3


async def test_wait_ends_when_its_time_is_over(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        await owner.ask(**attach(run, server))
        told = await owner.ask("wait", folder=run.folder, secs=0)
        run.writer.close(0)

    assert not told["done"]


async def test_run_whose_owner_is_killed_is_delivered_and_crashed(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner, other = await connect(), await connect()
        await owner.ask(**attach(run, server))
        await owner.ask("identity", folder=run.folder, secs=20)
        run.log(3)
        kill(run)
        await owner.leave()
        told = await other.ask("wait", folder=run.folder, secs=20)

    assert told["finished"]
    assert [row["_step"] for row in server.history] == [0, 1, 2]
    assert (server.endings, server.upserts[-1]["state"]) == ([], "crashed")
    assert "control" not in os.listdir(run.folder)


def service_log(run):
    return Path(run.folder, "logs", "debug-internal.log").read_text()


def kill(run):
    """Leave the run's files as SIGKILL does: locks free, rings full."""
    run.writer.abandon()


async def test_wish_that_a_dead_run_stop_does_not_break_off_its_delivery(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner, other = await connect(), await connect()
        await owner.ask(**attach(run, server))
        await owner.ask("identity", folder=run.folder, secs=20)
        await owner.leave()
        await other.ask("wait", folder=run.folder, secs=0.1)
        server.stop = True
        run.log(3)
        kill(run)
        told = await other.ask("wait", folder=run.folder, secs=20)

    assert told["finished"]
    assert len(server.history) == 3
    assert "Traceback" not in service_log(run)


async def test_owner_that_closes_its_connection_and_lives_is_still_followed(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner, other = await connect(), await connect()
        await owner.ask(**attach(run, server))
        await owner.ask("identity", folder=run.folder, secs=20)
        await owner.leave()
        run.log(1)
        assert not (await other.ask("wait", folder=run.folder, secs=1))["done"]
        run.writer.close(0)
        told = await other.ask("wait", folder=run.folder, secs=20)

    assert (told["finished"], server.endings) == (True, [0])


async def test_leftovers_of_a_dead_run_are_delivered(run, tmp_path):
    run.log(2)
    kill(run)
    async with fake_server() as server, serving(tmp_path) as connect:
        later = await connect()
        assert "error" not in await later.ask(**{**attach(run, server), "do": "deliver"})
        told = await later.ask("wait", folder=run.folder, secs=20)

    assert told["finished"]
    assert len(server.history) == 2
    assert not SyncState.load(run.folder).is_due()


async def test_run_of_a_living_owner_is_no_leftover(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        later = await connect()
        reply = await later.ask(**{**attach(run, server), "do": "deliver"})

    assert "owner lives" in reply["error"]


async def test_owner_that_comes_before_the_lock_is_taken_keeps_its_run(run, tmp_path, monkeypatch):
    """As if the run had begun between the first look at the folder and the lock."""
    monkeypatch.setattr(hub, "has_owner", lambda folder: False)
    async with fake_server() as server, serving(tmp_path) as connect:
        later = await connect()
        await later.ask(**{**attach(run, server), "do": "deliver"})
        await later.ask("wait", folder=run.folder, secs=0.3)
    run.writer.close(0)

    assert (server.upserts, SyncState.load(run.folder).finished) == ([], False)


async def test_second_service_waits_until_the_first_lets_go(run, tmp_path):
    """The lock of a service that is about to end: the owner asks the next one meanwhile."""
    first = FolderLock(run.folder)
    assert first.take()
    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        assert "error" not in await owner.ask(**attach(run, server))
        told = await owner.ask("identity", folder=run.folder, secs=0)
        assert server.upserts == []
        first.release(for_good=False)
        run.writer.close(0)
        after = await owner.ask("wait", folder=run.folder, secs=20)

    assert "another process" in told["trouble"]
    assert (after["finished"], server.endings) == (True, [0])


async def test_folder_that_cannot_be_locked_is_tried_again(run, tmp_path, monkeypatch):
    refusals = [OSError(errno.ENOLCK, "no locks available")] * 2
    take = FolderLock.take

    def refuse_twice(lock):
        if refusals:
            raise refusals.pop()
        return take(lock)

    monkeypatch.setattr(FolderLock, "take", refuse_twice)
    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        await owner.ask(**attach(run, server))
        run.writer.close(0)
        told = await owner.ask("wait", folder=run.folder, secs=20)

    assert (told["finished"], server.endings) == (True, [0])


async def test_wait_for_a_run_that_nobody_delivers_takes_its_time(run, tmp_path, monkeypatch):
    looks = []
    monkeypatch.setattr(hub, "told_by_state", lambda folder: looks.append(1) or {"done": False})
    async with serving(tmp_path) as connect:
        someone = await connect()
        told = await someone.ask("wait", folder=run.folder, secs=0.3)
    run.writer.close(0)

    assert (told["done"], len(looks) <= 4) == (False, True)


async def test_batch_in_flight_that_cannot_be_read_at_once_is_not_passed_over(
    run, tmp_path, monkeypatch
):
    run.log(3)
    run.writer.close(0)
    async with fake_server(answers={"stream": [None, status(400)]}) as server:
        await run.deliver(server)  # the server has the batch, and its word of that was lost
        server.lines.clear()
        state = SyncState.load(run.folder)
        state.refused = None
        state.save()
        faults, read = [OSError(errno.EIO, "input/output error")] * 2, open

        def read_badly(path, *arguments, **options):
            if str(path).endswith("sync-batch") and faults:
                raise faults.pop()
            return read(path, *arguments, **options)

        monkeypatch.setattr(syncstate, "open", read_badly, raising=False)
        async with serving(tmp_path) as connect:
            owner = await connect()
            await owner.ask(**attach(run, server))
            told = await owner.ask("wait", folder=run.folder, secs=20)

    assert (told["finished"], faults) == (True, [])
    assert len(server.history) == 3


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "disk full"), RecursionError()])
@pytest.mark.parametrize("step", ["begin", "commit", "save"])
async def test_run_goes_on_after_a_passing_fault(run, tmp_path, monkeypatch, step, fault):
    done, faults = getattr(SyncState, step), [fault, fault]

    def fail_twice(*arguments):
        if faults:
            raise faults.pop()
        return done(*arguments)

    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        monkeypatch.setattr(SyncState, step, fail_twice)
        await owner.ask(**attach(run, server))
        run.log(3)
        run.writer.close(0)
        told = await owner.ask("wait", folder=run.folder, secs=20)

    assert (faults, told["finished"], told["trouble"]) == ([], True, None)
    assert len(server.history) == 3
    assert (server.conflicts, server.endings) == ([], [0])


async def test_requests_that_make_no_sense_are_answered(tmp_path):
    async with serving(tmp_path) as connect:
        someone = await connect()
        replies = [
            await someone.ask("dance"),
            await someone.ask("attach"),
            await someone.ask("wait", folder="/nowhere", secs=0),
        ]

    assert all("error" in reply for reply in replies)


async def test_request_that_fails_is_answered_and_harms_no_other(tmp_path, monkeypatch):
    def fail(folder):
        raise RecursionError

    monkeypatch.setattr(hub, "told_by_state", fail)
    async with serving(tmp_path) as connect:
        someone = await connect()
        failed = await someone.ask("wait", folder="/nowhere", secs=0)
        answered = await someone.ask("dance")

    assert "the service failed" in failed["error"]
    assert "knows no request" in answered["error"]


async def test_request_without_a_server_leaves_the_folder_free(run, tmp_path):
    run.writer.close(0)
    async with serving(tmp_path) as connect:
        someone = await connect()
        reply = await someone.ask("deliver", folder=run.folder)
        lock = FolderLock(run.folder)

        assert "can't be understood" in reply["error"]
        assert lock.take()
    lock.release(for_good=True)


async def test_local_server_that_dies_under_a_run_is_started_again(run, tmp_path, monkeypatch):
    monkeypatch.setattr(delivery, "_LOCAL_LOOK_SECS", 0.01)
    async with fake_server(answers={"upsert": [status(503)] * 1000}) as server:
        # As if the server came up when it is started.
        monkeypatch.setattr(delivery, "running_server", server.answers.clear)
        async with serving(tmp_path) as connect:
            owner = await connect()
            await owner.ask(**attach(run, server), local=True)
            run.writer.close(0)
            told = await owner.ask("wait", folder=run.folder, secs=20)

    assert told["finished"]


async def test_nobody_stands_long_for_a_server_that_is_away(run, tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "_TROUBLE_SECS", 0.0)
    async with (
        fake_server(answers={"upsert": [status(503, "away")] * 1000}) as server,
        serving(tmp_path) as connect,
    ):
        owner = await connect()
        await owner.ask(**attach(run, server))
        told = await owner.ask("identity", folder=run.folder, secs=3600)
        run.writer.close(0)

    assert (told["identity"], told["trouble"]) == (None, "away")


async def test_service_leaves_when_nobody_needs_it(tmp_path):
    async with await anyio.create_unix_listener(str(tmp_path / "s")) as listener:
        with anyio.fail_after(20):
            await Hub(linger_secs=0.05).serve(listener)


async def test_service_stays_while_somebody_is_connected(tmp_path):
    listener = await anyio.create_unix_listener(str(tmp_path / "s"))
    async with listener, anyio.create_task_group() as group:
        gone = anyio.Event()

        async def serve():
            await Hub(linger_secs=0.0).serve(listener)
            gone.set()

        stream = await anyio.connect_unix(str(tmp_path / "s"))
        group.start_soon(serve)
        assert "error" in await Asker(stream).ask("dance")
        assert not gone.is_set()
        await stream.aclose()
        with anyio.fail_after(20):
            await gone.wait()
