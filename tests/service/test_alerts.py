"""Alerts and preemption: told once, at once, and whatever dies in between."""

from dataclasses import replace

import anyio
import pytest

from service.fake_server import KEY, fake_server, status
from service.runs import AT_ONCE, POLICIES, Run
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.policy import UPSERT
from wandb._service import alerts
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
        stream = await run.deliver(server)
        assert (stream.broke_off, stream.state.alerts_left) == (False, 1)
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


async def test_alerts_that_the_server_fails_at_hold_up_nothing_else(run):
    run.log(3)
    run.writer.append(alert("first"))
    run.writer.append(alert("second"))
    run.writer.close(0)

    async with fake_server(answers={"alert": [status(500)] * 50}) as server:
        stream = await run.deliver(server)
        assert (len(server.history), server.endings, server.alerts) == (3, [0], [])
        server.answers.clear()
        state = SyncState.load(run.folder)
        assert (state.finished, state.alerts_left, state.is_complete()) == (True, 2, False)
        await run.deliver(server)

    assert [one["title"] for one in server.alerts] == ["first", "second"]
    assert SyncState.load(run.folder).is_complete()
    assert stream.status.warnings == [
        "2 alerts were not passed on (500: no); `wandb sync` tries again"
    ]


async def test_alert_waits_for_a_server_that_is_away_while_the_run_goes_on(run, monkeypatch):
    monkeypatch.setattr(alerts, "_LAST", AT_ONCE)
    run.writer.append(alert("late"))
    forever = replace(POLICIES, upsert=UPSERT.with_backoff(Backoff(0.0, 0.0, 10_000)))

    async with (
        fake_server(answers={"alert": [status(500)] * 40}) as server,
        Client(server.url, KEY) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(run.stream(client, follow=True, policies=forever).run)
        with anyio.fail_after(20):
            while not server.alerts:  # noqa: ASYNC110 - the server's own fields tell
                await anyio.sleep(0.005)
        run.writer.close(0)

    assert len(server.alerts) == 1


async def test_end_of_a_run_waits_for_no_alert_for_long(run, monkeypatch):
    monkeypatch.setattr(alerts, "_LAST", AT_ONCE)
    run.writer.append(alert("late"))
    run.writer.close(0)
    patient = replace(POLICIES, upsert=UPSERT.with_backoff(Backoff(3600.0, 3600.0, 10_000)))

    async with fake_server(answers={"alert": [status(500)] * 1000}) as server:
        with anyio.fail_after(20):
            stream = await run.deliver(server, policies=patient)

    assert (server.endings, stream.state.finished, stream.state.alerts_left) == ([0], True, 1)


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
