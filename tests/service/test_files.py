"""Files of a run: kept up to date, by the thousand, and such that are no files."""

import errno
import os

import anyio
import pytest

from service.fake_server import KEY, fake_server, status
from service.runs import Run
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._service import live_files, run_files
from wandb._service.live_files import LiveFiles
from wandb._service.syncstate import SyncState
from wandb._wire.journal import files_record

pytestmark = pytest.mark.anyio

AT_ONCE = {"x_live_policy_rate_limit": 0}


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc", options=dict(AT_ONCE))


def put(run, name, content="x"):
    path = os.path.join(run.folder, "files", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(content)
    return path


async def following(run, server, script):
    """Deliver a run while a script goes on with it and then ends it."""
    async with Client(server.url, KEY) as client, anyio.create_task_group() as group:
        stream = run.stream(client, ours=server.ours, follow=True)
        group.start_soon(stream.run)
        with anyio.fail_after(30):
            await script()
            run.writer.close(0)
    return stream


async def until(condition):
    while not condition():  # noqa: ASYNC110 - what is waited for is in the server's own fields
        await anyio.sleep(0.005)


async def test_live_file_goes_again_when_it_has_changed_and_not_otherwise(run):
    put(run, "log.txt", "one")
    put(run, "still.txt", "same")
    run.writer.append(files_record("log.txt", "still.txt", policy="LIVE"))

    async with fake_server() as server:

        async def script():
            await until(lambda: server.uploads.get("log.txt") == b"one")
            put(run, "log.txt", "one\ntwo")
            await until(lambda: server.uploads.get("log.txt") == b"one\ntwo")
            put(run, "log.txt", "three")
            await until(lambda: server.uploads.get("log.txt") == b"three")

        stream = await following(run, server, script)

    assert stream.state.finished
    assert stream.status.warnings == []
    puts = [name for name in server.put_names if name == "still.txt"]
    assert puts == ["still.txt"]


async def test_last_change_of_a_live_file_goes_at_the_end(run):
    run.state.options["x_live_policy_rate_limit"] = 10_000
    run.state.save()
    put(run, "log.txt", "one")
    run.writer.append(files_record("log.txt", policy="LIVE"))

    async with fake_server() as server:

        async def script():
            await until(lambda: "log.txt" in server.uploads)
            put(run, "log.txt", "last words")

        await following(run, server, script)

    assert server.uploads["log.txt"] == b"last words"


async def test_file_of_the_end_goes_at_the_end_only(run):
    put(run, "late.txt", "early")
    run.writer.append(files_record("late.txt", policy="END"))
    put(run, "now.txt")
    run.writer.append(files_record("now.txt"))

    async with fake_server() as server:

        async def script():
            await until(lambda: "now.txt" in server.uploads)
            assert "late.txt" not in server.uploads
            put(run, "late.txt", "late")

        await following(run, server, script)

    assert server.uploads["late.txt"] == b"late"


async def test_file_that_is_saved_again_goes_again(run):
    put(run, "a.txt", "one")
    run.writer.append(files_record("a.txt"))

    async with fake_server() as server:

        async def script():
            await until(lambda: server.uploads.get("a.txt") == b"one")
            put(run, "a.txt", "two")
            run.writer.append(files_record("a.txt"))
            await until(lambda: server.uploads.get("a.txt") == b"two")

        await following(run, server, script)

    assert server.uploads["a.txt"] == b"two"


async def test_second_version_that_was_under_way_at_a_death_goes_after_it(run, monkeypatch):
    path, still = put(run, "a.txt", "one"), put(run, "still.txt")
    run.writer.append(files_record("a.txt", "still.txt"))
    upload, begun = run_files.upload, anyio.Event()

    async def hang(client, url, place, **options):
        if place == path:
            begun.set()
            await anyio.sleep_forever()
        return await upload(client, url, place, **options)

    async with fake_server() as server:
        async with Client(server.url, KEY) as client, anyio.create_task_group() as group:
            group.start_soon(run.stream(client, follow=True).run)
            with anyio.fail_after(20):
                await until(lambda: {"a.txt", "still.txt"} <= server.uploads.keys())
                monkeypatch.setattr(run_files, "upload", hang)
                put(run, "a.txt", "second")
                run.writer.append(files_record("a.txt"))
                run.log(1)
                await begun.wait()
                await until(lambda: server.history)
                state = SyncState.load(run.folder)
                while not (state.stamps and state.progress.journals):
                    await anyio.sleep(0.005)
                    state = SyncState.load(run.folder)
            group.cancel_scope.cancel()
        monkeypatch.setattr(run_files, "upload", upload)
        run.writer.close(0)
        os.unlink(still)
        stream = await run.deliver(server)

    assert server.uploads["a.txt"] == b"second"
    assert server.put_names.count("still.txt") == 1
    assert stream.status.warnings == []


async def test_thousands_of_files_go_in_few_requests(run):
    names = [f"many/{number}.txt" for number in range(1200)]
    for name in names:
        put(run, name, name)
    run.writer.append(files_record(*names))
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert stream.state.finished
    assert {name: server.uploads.get(name) for name in names} == {n: n.encode() for n in names}
    assert server.file_requests < 10


async def test_names_that_are_ignored_stay(tmp_path):
    run = Run(tmp_path / "run-x-abc", options={"ignore_globs": ["*.ckpt", "d/b*", "output.log"]})
    names = ["a.ckpt", "d/a.ckpt", "d/b.txt", "d/e/b.txt", "a.txt"]
    for name in names:
        put(run, name)
    run.writer.append(files_record(*names, policy="LIVE"))
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert set(server.uploads) & {*names, "output.log"} == {"a.txt", "d/a.ckpt", "d/e/b.txt"}


@pytest.mark.parametrize("policy", ["NOW", "LIVE", "END"])
async def test_what_is_no_file_holds_up_nothing_and_is_named_once(run, policy):
    os.mkfifo(os.path.join(run.folder, "files", "pipe"))
    os.symlink("/dev/zero", os.path.join(run.folder, "files", "device"))
    os.symlink("nowhere", os.path.join(run.folder, "files", "gone"))
    os.mkdir(os.path.join(run.folder, "files", "folder"))
    put(run, "good.txt")
    names = ("pipe", "device", "gone", "folder", "bad\0name", "good.txt")
    run.writer.append(files_record(*names, policy=policy))
    run.writer.close(0)

    async with fake_server() as server:
        with anyio.fail_after(30):
            stream = await run.deliver(server)

    assert stream.state.finished
    assert "good.txt" in server.uploads
    for name in ("pipe", "device", "gone"):
        assert sum(warning.startswith(name) for warning in stream.status.warnings) == 1


async def test_file_that_cannot_be_read_is_named_and_the_others_go(run, monkeypatch):
    secret = put(run, "secret.txt")
    put(run, "open.txt")
    run.writer.append(files_record("secret.txt", "open.txt"))
    run.writer.close(0)
    usual = open

    def refuse(path, *args, **kwargs):
        if path == secret:
            raise PermissionError(13, "Permission denied", path)
        return usual(path, *args, **kwargs)

    monkeypatch.setattr("wandb._http.transfer.open", refuse, raising=False)
    async with fake_server() as server:
        stream = await run.deliver(server)

    assert (stream.state.finished, "open.txt" in server.uploads) == (True, True)
    assert stream.status.warnings == ["secret.txt was not uploaded (Permission denied)"]


async def test_file_that_shrinks_while_it_is_read_goes_as_it_is_then(run, monkeypatch):
    path = put(run, "shrinking.bin", "x" * (3 << 20))
    run.writer.append(files_record("shrinking.bin"))
    run.writer.close(0)
    from wandb._http import transfer

    usual = transfer._piece

    def shrink(name, at, size):
        if name == path and at:
            os.truncate(path, 5)
        return usual(name, at, size)

    monkeypatch.setattr(transfer, "_piece", shrink)
    async with fake_server() as server:
        stream = await run.deliver(server)

    assert stream.state.finished
    assert server.uploads["shrinking.bin"] == b"xxxxx"
    assert stream.status.warnings == []


async def test_name_that_a_server_refuses_keeps_no_other_from_going(run):
    names = [f"{number}.txt" for number in range(40)]
    for name in names:
        put(run, name)
    run.writer.append(files_record(*names))
    run.writer.close(0)

    async with fake_server(refused_name="17.txt") as server:
        stream = await run.deliver(server)

    assert stream.state.finished
    assert set(names) - set(server.uploads) == {"17.txt"}
    assert [w for w in stream.status.warnings if "17.txt" in w] == stream.status.warnings


async def test_upload_that_fails_is_told_once_by_name(run, monkeypatch):
    monkeypatch.setattr(live_files, "_AGAIN", Backoff(0.01, 0.01, 0))
    put(run, "live.txt", "one")
    run.writer.append(files_record("live.txt", policy="LIVE"))

    async with fake_server(answers={"put": [status(403, "no room")] * 50}) as server:

        async def script():
            for number in range(3):
                await until(lambda: server.refused_puts > number)  # noqa: B023
                put(run, "live.txt", "x" * number)

        stream = await following(run, server, script)

    assert stream.state.finished
    named = [warning for warning in stream.status.warnings if "live.txt" in warning]
    assert named == ["live.txt was not uploaded (403: no room)"]


async def test_live_file_that_failed_goes_at_the_end(run, monkeypatch):
    put(run, "live.txt", "one")
    run.writer.append(files_record("live.txt", policy="LIVE"))
    upload, failures = run_files.upload, [OSError(errno.EIO, "input/output error")]

    async def fail_once(client, url, path, **options):
        if path.endswith("live.txt") and failures:
            raise failures.pop()
        return await upload(client, url, path, **options)

    monkeypatch.setattr(run_files, "upload", fail_once)
    async with fake_server() as server:
        stream = await following(run, server, lambda: until(lambda: not failures))

    assert (server.uploads["live.txt"], stream.state.unsent) == (b"one", [])


async def test_live_file_without_an_address_is_asked_for_ever_more_rarely(run, monkeypatch):
    put(run, "live.txt", "one")
    run.writer.append(files_record("live.txt", policy="LIVE"))
    due, looks = LiveFiles.due, []

    def look(live, now):
        looks.append(now)
        return due(live, now)

    monkeypatch.setattr(LiveFiles, "due", look)
    monkeypatch.setattr(run_files, "_LOOK_SECS", 0.01)
    asked = []
    async with fake_server(created={"files": []}) as server:

        async def script():
            await until(lambda: len(looks) >= 30)
            asked.append(server.file_requests)

        stream = await following(run, server, script)

    assert asked[0] < 10
    assert [one for one in stream.status.warnings if "live.txt" in one] == [
        "the server gave no address for live.txt, which was not uploaded"
    ]


async def test_what_becomes_known_of_the_machine_later_is_told(run):
    run.writer.append({"environment": {"writer_id": "w" * 32, "git": {"commit": "abc"}}})
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert b'"commit": "abc"' in server.uploads["wandb-metadata.json"]


# --- which live files are due -------------------------------------------------------------------


class Disk:
    """Stamps by name, and the present time."""

    def __init__(self, **options):
        self.stamps = {}
        self.live = LiveFiles(lambda name: name, stamp=self.stamps.get, **options)

    def upload(self, name, *, began, now):
        self.live.note_sent(name, self.stamps.get(name), began=began, now=now)


def test_live_file_is_due_once_for_each_change():
    disk = Disk()
    disk.live.add("a")
    assert disk.live.due(0) == []

    disk.stamps["a"] = (1, 1, 1)
    assert disk.live.due(1) == ["a"]

    disk.upload("a", began=1, now=1)
    assert disk.live.due(2) == []

    disk.stamps["a"] = (2, 1, 1)
    assert disk.live.due(3) == ["a"]


def test_live_file_that_changes_on_and_on_waits_for_its_rest():
    disk = Disk(rest_secs=10)
    disk.live.add("a")
    for now in range(0, 30, 5):
        disk.stamps["a"] = (now, 1, 1)
        assert disk.live.due(now) == []

    assert disk.live.due(34) == []
    assert disk.live.due(35) == ["a"]


def test_large_live_file_is_not_always_under_way():
    disk = Disk(limit_secs=1)
    disk.live.add("a")
    disk.stamps["a"] = (1, 1, 1)
    disk.upload("a", began=0, now=7)
    disk.stamps["a"] = (2, 1, 1)

    assert disk.live.due(69) == []
    assert disk.live.due(70) == ["a"]


def test_file_that_fails_rests_ever_longer_and_is_not_as_it_was_sent():
    disk = Disk()
    disk.live.add("a")
    disk.stamps["a"] = (1, 1, 1)
    for begin, again in ((0, 2), (2, 6), (6, 14)):
        disk.live.note_failed("a", began=begin, now=begin)
        assert disk.live.due(again - 0.1) == []
        assert disk.live.due(again) == ["a"]
    assert disk.live.changed(["a"]) == ["a"]

    disk.upload("a", began=14, now=14)
    assert disk.live.changed(["a"]) == []
    disk.live.note_failed("a", began=20, now=20)
    assert disk.live.due(22) == ["a"]


def test_change_during_an_upload_is_seen_after_it():
    disk = Disk()
    disk.live.add("a")
    disk.stamps["a"] = (2, 1, 1)
    disk.live.note_sent("a", (1, 1, 1), began=0, now=0)

    assert disk.live.due(1) == ["a"]
    assert disk.live.changed(["a", "never watched"]) == ["a", "never watched"]
