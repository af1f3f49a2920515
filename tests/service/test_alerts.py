"""Alerts and preemption: told once, at once, and whatever dies in between."""

import anyio
import pytest

from service.fake_server import KEY, fake_server, status
from service.runs import Run
from wandb._http.client import Client
from wandb._service.logic.pace import OTHERS
from wandb._service.syncstate import SyncState
from wandb._wire.journal import alert_record, preempting_record

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


def alert(title, text="what", level="WARN", wait_millis=300_000):
    return alert_record(title=title, text=text, level=level, wait_millis=wait_millis)


async def test_alert_is_told_as_it_was_raised(run):
    run.writer.append(alert("low", text="", level="ERROR"))
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert server.alerts == [
        {
            "entityName": "me",
            "projectName": "digits",
            "runName": "abc",
            "title": "low",
            "text": "",
            "severity": "ERROR",
            "waitDuration": 300_000,
        }
    ]


async def test_alerts_go_once_though_the_run_is_delivered_in_parts(run):
    run.writer.append(alert("first"))
    run.log(3)

    async with fake_server() as server:
        await run.deliver(server)
        run.writer.append(alert("second"))
        run.writer.close(0)
        await run.deliver(server)

    assert [one["title"] for one in server.alerts] == ["first", "second"]


async def test_alert_that_was_not_told_before_a_death_is_told_after_it(run):
    """The rows around it are known to the server; the alert is not."""
    run.writer.append(alert("late"))
    run.log(3)

    async with fake_server(answers={"alert": [status(503)] * 50}) as server:
        broken = await run.deliver(server)
        assert broken.broke_off
        run.writer.close(0)
        server.answers.clear()
        await run.deliver(server)

    assert [one["title"] for one in server.alerts] == ["late"]
    assert SyncState.load(run.folder).finished


async def test_alert_that_is_refused_is_named_and_the_run_goes_on(run):
    run.writer.append(alert("bad"))
    run.writer.append(alert("good"))
    run.writer.close(0)

    async with fake_server(answers={"alert": [status(400, "too loud")]}) as server:
        stream = await run.deliver(server)

    assert [one["title"] for one in server.alerts] == ["good"]
    assert stream.status.warnings == ["the server did not take the alert 'bad' (400: too loud)"]
    assert stream.state.finished


async def test_preemption_is_told_at_once_whatever_the_pace(run):
    """A server of others is posted to every 15 seconds; the machine may be gone by then."""
    run.log(1)

    async with (
        fake_server(ours=False) as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(run.stream(client, ours=False, follow=True, pace=OTHERS).run)
        with anyio.fail_after(OTHERS.post_secs / 2):
            while not server.posts:  # noqa: ASYNC110 - the server's own fields tell
                await anyio.sleep(0.005)
            run.writer.append(preempting_record())
            while not any(post.get("preempting") for post in server.posts):  # noqa: ASYNC110
                await anyio.sleep(0.005)
        run.writer.close(1)

    assert sum("preempting" in post for post in server.posts) == 1
    assert server.endings == [1]
