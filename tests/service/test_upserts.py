"""What the server is told of a run while it goes on, and by whoever goes on with it."""

import json
from contextlib import asynccontextmanager

import anyio
import pytest

from service.fake_server import KEY, fake_server
from service.runs import Run
from wandb._http.client import Client

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


@asynccontextmanager
async def delivering(run):
    """Deliver a run that the server knows by now; the block ends its journal."""
    async with (
        fake_server() as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        stream = run.stream(client, follow=True)
        group.start_soon(stream.run)
        await stream.identified.wait()
        yield server


async def test_changed_config_is_told_whole_with_the_names_of_the_server(run):
    async with delivering(run) as server:
        run.configure(late=1)
        run.writer.close(0)

    last = server.upserts[-1]
    assert {"lr", "late", "_wandb"} == json.loads(last["config"]).keys()
    assert (last["entity"], last["id"]) == ("me", "UnVuOjE=")


METADATA = ("displayName", "notes", "tags", "groupName", "jobType", "commit", "repo", "sweep")


async def test_changed_config_leaves_alone_what_was_edited_on_the_page(tmp_path):
    named = {"name": "a", "tags": ("x",), "notes": "n", "group": "g", "job_type": "train"}
    run = Run(tmp_path / "run-x-abc", **named)
    async with delivering(run) as server:
        run.configure(late=1)
        run.writer.close(0)

    first, *later = server.upserts
    assert (first["displayName"], first["tags"], first["jobType"]) == ("a", ["x"], "train")
    assert "late" in json.loads(later[-1]["config"])
    assert {upsert[name] for upsert in later for name in METADATA} == {None}


async def test_names_that_the_script_changes_are_told_alone(run):
    async with delivering(run) as server:
        run.rename("later")
        run.writer.close(0)

    last = server.upserts[-1]
    assert [name for name in METADATA if last[name] is not None] == ["displayName"]
    assert last["displayName"] == "later"


async def test_next_service_goes_on_with_the_run_that_the_server_knows(tmp_path):
    """The user's own entity may be another one by then."""
    run = Run(tmp_path / "run-x-abc", name="a", tags=("x",))
    run.log(2000)
    run.configure(late=1)
    run.log(2000, first=2000)
    run.writer.flush()
    async with fake_server() as server:
        async with Client(server.url, KEY) as client, anyio.create_task_group() as group:
            stream = run.stream(client, follow=True)
            group.start_soon(stream.run)
            with anyio.fail_after(20):
                while stream.state.left_bytes():  # noqa: ASYNC110 - nothing tells
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        server.upserts.clear()
        run.log(1, first=4000)
        run.writer.close(0)
        await run.deliver(server)

    first = server.upserts[0]
    assert (first["entity"], first["project"], first["name"]) == ("me", "digits", "abc")
    assert first["id"] is None
    assert first["host"] == "box"
    assert "late" in json.loads(first["config"])
    assert [name for name in METADATA if first[name] is not None] == []
    assert (len(server.history), server.conflicts) == (4001, [])


# --- a server that lost the run -------------------------------------------------------------------


async def half_delivered(run, server):
    """Deliver twenty rows of a run that goes on."""
    run.log(20)
    run.writer.flush()
    async with Client(server.url, KEY) as client, anyio.create_task_group() as group:
        stream = run.stream(client, follow=True)
        group.start_soon(stream.run)
        with anyio.fail_after(20):
            while stream.state.left_bytes():  # noqa: ASYNC110 - nothing tells
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    run.log(10, first=20)
    run.writer.close(0)


async def delivered(run, server):
    """Deliver as the service does, which begins anew when a stream broke off."""
    while (stream := await run.deliver(server)).broke_off:
        pass
    return stream


async def test_run_that_the_server_lost_is_sent_anew_with_all_its_names(tmp_path):
    run = Run(tmp_path / "run-x-abc", name="a", tags=("x",), notes="n", group="g")
    async with fake_server() as server:
        await half_delivered(run, server)
        server.forget()
        stream = await delivered(run, server)

    told = {}
    for upsert in server.upserts:
        told |= {name: value for name, value in upsert.items() if value is not None}
    assert (told["displayName"], told["tags"], told["notes"]) == ("a", ["x"], "n")
    assert told["groupName"] == "g"
    assert [row["_step"] for row in server.history] == list(range(30))
    assert "config.yaml" in server.uploads
    assert (stream.state.finished, server.endings) == (True, [0])


async def test_run_that_got_the_number_of_a_lost_one_is_left_alone(run):
    async with fake_server() as server:
        await half_delivered(run, server)
        server.forget()
        server.runs[1] = ("me", "digits", "other")
        await delivered(run, server)

    assert server.runs[2] == ("me", "digits", "abc")
    assert {upsert["name"] for upsert in server.upserts} == {"abc"}
    assert len(server.history) == 30


async def test_run_that_was_made_anew_without_our_hearing_of_it_is_sent_anew(run):
    """The answer to the upsert that made it was lost: the next one makes nothing."""
    async with fake_server() as server:
        await half_delivered(run, server)
        server.forget()
        server.runs |= {1: ("me", "digits", "other"), 2: ("me", "digits", "abc")}
        await delivered(run, server)

    assert len(server.history) == 30
