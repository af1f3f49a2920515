"""What the server is told of a run while it goes on, and by whoever goes on with it."""

import json

import anyio
import pytest

from service.fake_server import KEY, fake_server
from service.runs import Run
from wandb._http.client import Client

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


async def test_changed_config_is_told_whole_with_the_names_of_the_server(run):
    async with (
        fake_server() as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        stream = run.stream(client, follow=True)
        group.start_soon(stream.run)
        await stream.identified.wait()
        run.configure(late=1)
        run.writer.close(0)

    last = server.upserts[-1]
    assert {"lr", "late", "_wandb"} == json.loads(last["config"]).keys()
    assert (last["entity"], last["id"]) == ("me", "UnVuOjE=")


METADATA = ("displayName", "notes", "tags", "groupName", "jobType", "commit", "repo", "sweep")


async def test_changed_config_leaves_alone_what_was_edited_on_the_page(tmp_path):
    named = {"name": "a", "tags": ("x",), "notes": "n", "group": "g", "job_type": "train"}
    run = Run(tmp_path / "run-x-abc", **named)
    async with (
        fake_server() as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        stream = run.stream(client, follow=True)
        group.start_soon(stream.run)
        await stream.identified.wait()
        run.configure(late=1)
        run.writer.close(0)

    first, *later = server.upserts
    assert (first["displayName"], first["tags"], first["jobType"]) == ("a", ["x"], "train")
    assert "late" in json.loads(later[-1]["config"])
    assert {upsert[name] for upsert in later for name in METADATA} == {None}


async def test_names_that_the_script_changes_are_told_alone(run):
    async with (
        fake_server() as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        stream = run.stream(client, follow=True)
        group.start_soon(stream.run)
        await stream.identified.wait()
        run.rename("later")
        run.writer.close(0)

    last = server.upserts[-1]
    assert [name for name in METADATA if last[name] is not None] == ["displayName"]
    assert last["displayName"] == "later"


async def test_next_service_goes_on_with_the_run_that_the_server_knows(tmp_path):
    """The user's own entity may be another one by then, and the project have another name."""
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
    assert (first["entity"], first["project"], first["id"]) == ("me", "digits", "UnVuOjE=")
    assert first["host"] == "box"
    assert "late" in json.loads(first["config"])
    assert [name for name in METADATA if first[name] is not None] == []
    assert (len(server.history), server.conflicts) == (4001, [])
