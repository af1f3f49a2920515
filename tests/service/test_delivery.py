import json
import os
import threading
import zlib
from dataclasses import replace

import anyio
import pytest
import yaml

from service.fake_server import KEY, fake_server, status
from service.runs import OURS_AT_ONCE, POLICIES, Run
from wandb import _native
from wandb._http.client import Client
from wandb._service.runstream import RunStream
from wandb._service.syncstate import SyncState

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


async def test_everything_of_a_run_arrives(run):
    run.log(5)
    run.writer.print("stdout", "hello\n")
    run.writer.print("stderr", "oh\n")
    run.configure(late={"a": 1})
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert [row["loss"] for row in server.history] == [0, 0.5, 1, 1.5, 2]
    assert [row["nested"] for row in server.history] == [{"a": number} for number in range(5)]
    assert sorted(server.console) == ["ERROR oh", "hello"]
    assert server.summary["loss"] == 2
    assert server.endings == [0]
    assert server.unauthorized == server.conflicts == []
    assert stream.told()["finished"]
    assert stream.told()["left_bytes"] == 0


async def test_first_upsert_says_what_the_run_is(run):
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    first = server.upserts[0]
    config = json.loads(first["config"])
    assert (first["name"], first["project"], first["entity"]) == ("abc", "digits", None)
    assert first["program"] == "/train.py"
    assert config["lr"] == {"value": 0.1}
    assert config["_wandb"]["value"]["t"]["3"] == [2, 16]
    assert config["_wandb"]["value"]["t"]["13"] == "linux-x86_64"


async def test_files_of_the_run_are_written_and_uploaded(run):
    run.log(2)
    run.writer.print("stdout", "a\n")
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert set(server.uploads) == {
        "wandb-metadata.json",
        "wandb-summary.json",
        "config.yaml",
        "output.log",
    }
    assert yaml.safe_load(server.uploads["config.yaml"])["lr"] == {"value": 0.1}
    assert json.loads(server.uploads["wandb-metadata.json"])["writerId"] == "w" * 32
    assert server.uploads["output.log"] == b"a\n"
    told = [name for post in server.posts for name in post.get("uploaded", ())]
    assert sorted(told) == sorted(server.uploads)


# --- line numbers ---------------------------------------------------------------------------------


async def test_lines_begin_after_those_of_an_earlier_run_of_this_id(run):
    run.log(2)
    run.writer.close(0)

    async with fake_server(history_lines=10) as server:
        await run.deliver(server)

    assert sorted(server.lines["wandb-history.jsonl"]) == [10, 11]


async def test_rows_logged_later_follow_those_the_server_has(run):
    async with fake_server() as server:
        run.log(3)
        run.writer.flush()
        await run.deliver(server)
        run.log(2, first=3)
        run.writer.close(0)
        await run.deliver(server)

    assert [row["_step"] for row in server.history] == [0, 1, 2, 3, 4]
    assert server.conflicts == []
    assert server.summary["loss"] == 2


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (("foo", "\n", "bar\n"), ["foo", "bar"]),
        (("foo\nbar\n", "\x1b[2A", "FOO\n"), ["FOO", "bar"]),
        (("foo\r", "\x1b", "[Kbar\n"), ["bar"]),
        (("\x1b[", "1", "mbar\n"), ["\x1b[1mbar"]),
    ],
)
async def test_what_moves_the_cursor_alone_is_remembered_by_the_next_service(run, parts, lines):
    async with fake_server() as server:
        for part in parts:
            run.writer.print("stdout", part)
            run.writer.flush()
            await run.deliver(server)
        run.writer.close(0)
        await run.deliver(server)

    assert server.console == lines


@pytest.mark.parametrize("dies_after", range(1, 9))
async def test_service_that_dies_at_any_request_leaves_the_same_lines_to_the_next(run, dies_after):
    narrow = replace(OURS_AT_ONCE, batch_bytes=200)
    run.log(12)
    run.writer.print("stdout", "10%\r20%\rdone\nmore")
    run.writer.close(0)

    async with fake_server() as server:
        await dying(run, server, dies_after, pace=narrow)
        await run.deliver(server)

    assert [row["_step"] for row in server.history] == list(range(12))
    assert server.console == ["done", "more"]
    assert server.conflicts == []
    assert server.endings[-1] == 0


async def dying(run, server, posts, **options):
    """Deliver, and be cancelled as soon as the server has taken so many requests in."""
    async with Client(server.url, KEY) as client:
        stream = run.stream(client, ours=server.ours, **options)
        with anyio.CancelScope() as scope:

            def count():
                if len(server.posts) == posts:
                    scope.cancel()

            server.on_post = count
            await stream.run()
    server.on_post = None


async def test_batch_in_flight_is_sent_again_as_it_was_however_much_came_since(run):
    run.log(3)
    run.writer.flush()
    async with fake_server(answers={"stream": [None, status(400)]}) as server:
        await run.deliver(server)
        first = server.posts[0]
        state = SyncState.load(run.folder)
        state.refused = None
        state.save()
        run.log(3, first=3)
        run.writer.close(0)
        await run.deliver(server)

    assert server.posts[1] == first
    assert [row["_step"] for row in server.history] == list(range(6))
    assert server.conflicts == []


# --- several writers ------------------------------------------------------------------------------


def names_in(run):
    return os.listdir(run.folder)


async def test_rows_of_all_writers_arrive_and_journals_are_folded_only_then(run):
    child = run.child()
    run.log(3)
    for number in range(3):
        child.log({"child": number})
    child.close()
    run.writer.close(0)
    assert "writers" in names_in(run)

    async with fake_server() as server:
        await run.deliver(server)

    assert sum("loss" in row for row in server.history) == 3
    assert sum("child" in row for row in server.history) == 3
    assert "writers" not in names_in(run)
    assert _native.read_folder(run.folder).rows == 6
    assert not SyncState.load(run.folder).is_due()


async def test_journals_are_folded_beside_the_event_loop(run, monkeypatch):
    loop, folders = threading.get_ident(), []
    recover_folder = _native.recover_folder

    def fold(folder, **options):
        folders.append(threading.get_ident())
        return recover_folder(folder, **options)

    monkeypatch.setattr(_native, "recover_folder", fold)
    child = run.child()
    child.log({"child": 1})
    child.close()
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert folders
    assert loop not in folders


async def test_writers_keep_their_places_when_the_service_dies_between(run):
    child = run.child()
    run.log(4)
    for number in range(4):
        child.log({"child": number})
    child.close()
    run.writer.close(0)

    async with fake_server() as server:
        await dying(run, server, 2, pace=replace(OURS_AT_ONCE, batch_bytes=100))
        await run.deliver(server)

    assert sum("loss" in row for row in server.history) == 4
    assert sum("child" in row for row in server.history) == 4
    assert server.conflicts == []


# --- steps that went back -------------------------------------------------------------------------


async def test_our_server_gets_rows_whose_step_went_back(run):
    for step in (5, 3, 7):
        run.writer.log({"a": step}, step=step, commit=True)
    run.writer.close(0)

    async with fake_server(ours=True) as server:
        await run.deliver(server)

    assert [row["_step"] for row in server.history] == [5, 3, 7]


async def test_another_server_gets_what_the_original_would_send(run):
    for step in (5, 3, 7):
        run.writer.log({"a": step}, step=step, commit=True)
    run.writer.close(0)

    async with fake_server(ours=False) as server:
        stream = await run.deliver(server)

    assert [row["_step"] for row in server.history] == [5, 7]
    assert "went back" in " ".join(stream.status.warnings)
    assert stream.state.finished


async def test_steps_that_went_back_are_known_after_a_death(run):
    run.writer.log({"a": 1}, step=5, commit=True)
    run.writer.flush()
    async with fake_server(ours=False) as server:
        await run.deliver(server)
        run.writer.log({"a": 2}, step=3, commit=True)
        run.writer.close(0)
        await run.deliver(server)

    assert [row["_step"] for row in server.history] == [5]


# --- how runs end ---------------------------------------------------------------------------------


async def test_run_whose_owner_died_is_told_to_have_crashed(run):
    run.log(2)
    run.writer.flush()

    async with fake_server() as server:
        await run.deliver(server)

    assert server.endings == []
    assert server.upserts[-1]["state"] == "crashed"
    assert [row["_step"] for row in server.history] == [0, 1]


async def test_exit_code_is_told(run):
    run.writer.close(3)

    async with fake_server() as server:
        await run.deliver(server)

    assert server.endings == [3]


async def test_process_that_is_not_to_end_the_run_does_not(tmp_path):
    run = Run(tmp_path / "run", options={"x_update_finish_state": False, "x_primary": False})
    run.log(1)
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert server.endings == []
    assert stream.state.finished
    assert "config.yaml" not in server.uploads


async def test_killed_process_that_is_not_to_end_the_run_does_not(tmp_path):
    run = Run(tmp_path / "run", options={"x_update_finish_state": False, "shared": True})
    run.log(1)
    run.writer.abandon()
    _native.recover_folder(run.folder)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert (server.endings, [upsert["state"] for upsert in server.upserts]) == ([], [None])
    assert stream.state.finished


async def test_writers_of_a_shared_run_name_themselves(tmp_path):
    run = Run(tmp_path / "run", options={"shared": True, "writer_id": "rank-1"})
    run.log(1)
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert server.headers[0]["X-Wandb-Use-Async-Filestream"] == "true"
    assert server.headers[0]["X-Wandb-Async-Client-Id"] == "rank-1"


async def test_run_that_is_followed_ends_when_its_owner_does(run):
    async with (
        fake_server() as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        stream = run.stream(client, follow=True)
        group.start_soon(stream.run)
        await stream.identified.wait()
        run.log(3)
        run.writer.close(0)

    assert [row["_step"] for row in server.history] == [0, 1, 2]
    assert stream.state.finished


@pytest.mark.parametrize("ours", [True, False])
async def test_wish_of_the_server_that_the_run_stop_is_passed_on_once(run, ours):
    wishes = []
    async with (
        fake_server(ours=ours, stop=True) as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        stream = run.stream(client, ours=ours, follow=True)
        heard = anyio.Event()

        def hear():
            wishes.append(1)
            heard.set()
            return True

        stream.status.on_stop = hear
        group.start_soon(stream.run)
        run.log(1)
        await heard.wait()
        run.writer.close(255)

    assert wishes == [1]
    assert SyncState.load(run.folder).stop_passed_on


async def test_next_service_does_not_ask_a_second_time_that_the_run_stop(run):
    run.state.note_stop()
    run.writer.close(255)
    async with fake_server(stop=True) as server, Client(server.url, KEY) as client:
        stream = run.stream(client)
        stream.status.on_stop = pytest.fail
        await stream.run()

    assert stream.state.finished


async def test_journal_of_a_released_client_is_delivered(tmp_path):
    """Typed values, unknown kinds of records, no state: as `wandb sync` finds them."""
    folder = tmp_path / "offline-run-x"
    (folder / "files").mkdir(parents=True)
    journal = folder / "run-rel.wandb"
    records = [
        {"header": {"version_info": {"producer": "0.31.0"}}},
        {"run": {"run_id": "rel", "project": "p", "start_time": {"seconds": 1}}},
        {
            "history": {
                "item": [
                    {"nested_key": ["a"], "number": 0.5},
                    {"nested_key": ["_step"], "integer": 4},
                ]
            }
        },
        {"exit": {"exit_code": 2}},
    ]
    journal.write_bytes(framed(records))
    state = SyncState(str(folder), "rel")

    async with fake_server() as server, Client(server.url, KEY) as client:
        await RunStream(state, client, follow=False, policies=POLICIES, pace=OURS_AT_ONCE).run()

    assert server.history == [{"a": 0.5, "_step": 4}]
    assert server.endings == [2]
    assert server.summary == {"a": 0.5, "_step": 4}


def framed(records):
    """A journal of whole chunks in one block."""
    out = bytes([0x3A, 0x57, 0x26, 0x42, 0xE1, 0xBE, 0])
    for record in records:
        payload = _native.encode_record(record)
        head = zlib.crc32(b"\x01" + payload).to_bytes(4, "little")
        out += head + len(payload).to_bytes(2, "little") + b"\x01" + payload
    return out
