"""A page hears at once that a run went on."""

import json
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientPayloadError

from ferrule.http import live
from ferrule.ports.feed import RunAdvanced
from server.http.conftest import KEYS, basic

pytestmark = pytest.mark.anyio


class Events:
    def __init__(self, response):
        self.response = response

    async def next(self):
        """Return the next (kind, content), None at the end."""
        fields = {}
        while line := (await self.response.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        if not fields:
            return None
        return fields["event"], json.loads(fields["data"])


@asynccontextmanager
async def listening(house, topic="run:alice/cats/run1"):
    headers = {"Authorization": basic(KEYS["member"])}
    async with house.client.get("/api/v1/stream", params={"topic": topic}, headers=headers) as got:
        assert (got.status, got.content_type) == (200, "text/event-stream")
        events = Events(got)
        kind, content = await events.next()
        assert (kind, content["server"]) == ("hello", house.services.server_id)
        yield events


@pytest.mark.parametrize("topic", ["run:alice/cats/run1", "project:alice/cats"])
async def test_post_is_heard(house, topic):
    async with listening(house, topic) as events:
        await house.post_lines(history=(0, [{"_step": 3}]), console=(0, ["hi"]))

        assert await events.next() == (
            "run",
            {
                "run": "run1",
                "entity": "alice",
                "project": "cats",
                "last_step": 3,
                "rows": 1,
                "console_lines": 1,
                "state": "running",
                "summary_changed": False,
            },
        )


async def test_burst_is_told_together_and_its_end_is_never_lost(house):
    async with listening(house) as events:
        for step in range(30):
            await house.post_lines(history=(step, [{"_step": step}]))
        heard = []
        while not heard or heard[-1]["last_step"] < 29:
            heard.append((await events.next())[1])

    assert heard[-1]["rows"] == 30
    assert len(heard) < 30


async def test_end_of_the_run_is_heard(house):
    async with listening(house) as events:
        await house.post_lines(more={"complete": True, "exitcode": 0})

        _, content = await events.next()

    assert (content["state"], content["summary_changed"]) == ("finished", True)


async def test_silence_is_filled_with_pings(house, monkeypatch):
    monkeypatch.setattr(live, "KEEP_ALIVE_SECS", 0.01)
    async with listening(house) as events:
        assert await events.next() == ("ping", {})


async def test_stream_ends_with_the_session(house, monkeypatch):
    monkeypatch.setattr(live, "KEEP_ALIVE_SECS", 0.01)
    async with listening(house) as events:
        person = await house.stores.people.by_name("alice")
        [key] = await house.stores.people.keys_of(person.id)
        await house.stores.people.remove_key(person.id, key.id)
        house.clock.now += live.RECHECK_SECS + 1
        while not events.response.content.at_eof():
            await events.next()

    assert house.services.activity.pages_open == 0


async def test_stream_ends_when_the_server_stops(house):
    async with listening(house) as events:
        assert house.services.activity.pages_open == 1
        house.services.stopping.set()

        await events.response.content.read()

    assert house.services.activity.pages_open == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?topic=", 400),
        ("?topic=run:alice/cats", 400),
        ("?topic=odd:alice/cats", 400),
        ("?topic=run:alice/cats/none", 404),
        ("?topic=project:alice/none", 404),
    ],
)
async def test_topic_that_can_not_be_is_refused(house, query, status):
    assert (await house.ask("GET", f"/api/v1/stream{query}")).status == status


async def test_stream_that_fails_is_cut_off_not_ended(house, monkeypatch):
    async def broken(path):
        raise RuntimeError("broken")

    async with listening(house) as events:
        monkeypatch.setattr(house.services.cache, "get", broken)
        house.services.feed.publish(RunAdvanced.of(await house.run()))

        with pytest.raises(ClientPayloadError):
            await events.next()
