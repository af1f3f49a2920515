"""The feed port's contract."""

import anyio
import pytest

from ferrule.ports.feed import RunAdvanced, Topic
from ferrule.stores.feed.local import LocalFeed

pytestmark = pytest.mark.anyio

PROJECT = Topic("acme", "cats")
RUN = Topic("acme", "cats", "one")


def advanced(run_id=1, run="one", **more):
    return RunAdvanced(run_id, "acme", "cats", run, **more)


async def test_listener_of_a_run_or_its_project_hears_of_it():
    feed = LocalFeed()
    with (
        feed.subscribe(frozenset([PROJECT])) as of_project,
        feed.subscribe(frozenset([RUN])) as of_run,
    ):
        feed.publish(advanced(2, "two"))
        feed.publish(advanced(last_step=3))

        assert [event.run for event in await of_project.wait()] == ["two", "one"]
        assert [event.last_step for event in await of_run.wait()] == [3]


async def test_listener_of_both_hears_it_once():
    feed = LocalFeed()
    with feed.subscribe(frozenset([PROJECT, RUN])) as both:
        feed.publish(advanced())

        assert len(await both.wait()) == 1


async def test_newer_event_replaces_the_one_that_waits_and_keeps_its_news():
    feed = LocalFeed()
    with feed.subscribe(frozenset([RUN])) as listener:
        feed.publish(advanced(last_step=1, summary_changed=True))
        feed.publish(advanced(last_step=2))

        assert await listener.wait() == [advanced(last_step=2, summary_changed=True)]


async def test_waiting_ends_with_the_next_event_and_not_before():
    feed = LocalFeed()
    with feed.subscribe(frozenset([RUN])) as listener:
        feed.publish(advanced(last_step=1))
        await listener.wait()
        heard = []

        async def listen():
            heard.extend(await listener.wait())

        async with anyio.create_task_group() as group:
            group.start_soon(listen)
            await anyio.lowlevel.checkpoint()
            assert heard == []
            feed.publish(advanced(last_step=2))

        assert [event.last_step for event in heard] == [2]


async def test_slow_listener_loses_the_longest_waiting_runs():
    feed = LocalFeed(max_runs=2)
    with feed.subscribe(frozenset([PROJECT])) as listener:
        for number in range(4):
            feed.publish(advanced(number, f"run{number}"))

        assert [event.run for event in await listener.wait()] == ["run2", "run3"]


async def test_nobody_is_left_behind_after_listening():
    feed = LocalFeed()

    with feed.subscribe(frozenset([RUN])):
        pass

    feed.publish(advanced())
    assert feed._listeners == {}
