"""`GET /api/v1/stream?topic=run:E/P/R&topic=project:E/P`: what happens, as server-sent events.

`hello` comes first; then `run` `{"run", "entity", "project", "last_step", "rows",
"console_lines", "state", "summary_changed"}` at once when a run goes on, then at most four times
a second. Events are hints: whoever missed some asks the other addresses again. A `ping` comes after
15 seconds without; each minute the session is looked at again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import orjson
from aiohttp import web

from ferrule.auth.permissions import Action, Viewer, require
from ferrule.errors import BadInput, NotFound
from ferrule.http.finding import viewer_of
from ferrule.http.services import Services, services
from ferrule.ports.feed import RunAdvanced, Subscription, Topic
from ferrule.ports.history import Span

MIN_GAP_SECS = 0.25
KEEP_ALIVE_SECS = 15
RECHECK_SECS = 60
MAX_TOPICS = 200


async def stream(request: web.Request) -> web.StreamResponse:
    """Tell a page what happens, until it leaves, its session ends, or the server stops."""
    at_hand, viewer = services(request), await viewer_of(request)
    topics = frozenset([await _topic(at_hand, viewer, text) for text in _asked(request)])
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    at_hand.activity.pages_open += 1
    try:
        with at_hand.feed.subscribe(topics) as subscription:
            await response.prepare(request)
            async with _until_stopped(at_hand):
                # A page that was closed breaks the connection, and that is all.
                with suppress(ConnectionError):
                    await _Talk(request, response, subscription).run()
    finally:
        at_hand.activity.pages_open -= 1
        at_hand.activity.last_used_at = at_hand.clock()
    return response


@asynccontextmanager
async def _until_stopped(at_hand: Services) -> AsyncIterator[None]:
    """End what is inside when the server begins to stop."""
    async with anyio.create_task_group() as group:

        async def end() -> None:
            await at_hand.stopping.wait()
            group.cancel_scope.cancel()

        group.start_soon(end)
        yield
        group.cancel_scope.cancel()


class _Talk:
    """One page's stream."""

    def __init__(
        self, request: web.Request, response: web.StreamResponse, subscription: Subscription
    ) -> None:
        self._request = request
        self._response = response
        self._subscription = subscription
        self._at_hand = services(request)
        self._number = _last_seen(request)

    async def run(self) -> None:
        """Write until the session ends."""
        await self._send("hello", {"server": self._at_hand.server_id})
        checked_at = self._at_hand.clock()
        while True:
            events: list[RunAdvanced] = []
            with anyio.move_on_after(KEEP_ALIVE_SECS):
                events = await self._subscription.wait()
            if self._at_hand.clock() - checked_at > RECHECK_SECS:
                checked_at = self._at_hand.clock()
                if (await self._at_hand.callers.of(self._request)).viewer is None:
                    return
            for event in events:
                await self._send("run", await self._told(event))
            if events:
                # What comes meanwhile is told together.
                await anyio.sleep(MIN_GAP_SECS)
            else:
                # An event and no comment, which browsers hide: a page learns that it still hears.
                await self._response.write(b"event: ping\ndata: {}\n\n")

    async def _told(self, event: RunAdvanced) -> dict[str, Any]:
        told: dict[str, Any] = {
            "run": event.run,
            "entity": event.entity,
            "project": event.project,
            "last_step": event.last_step,
            "rows": 0,
            "console_lines": 0,
            "state": event.state,
            "summary_changed": event.summary_changed,
        }
        run = await self._at_hand.cache.get((event.entity, event.project, event.run))
        if run is not None:
            history = self._at_hand.history
            told["rows"] = await history.row_count((Span(run.id, run.attempt),))
            told["console_lines"] = await history.console_count(run.scope)
        return told

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        self._number += 1
        said = orjson.dumps(content)
        await self._response.write(
            b"id: %d\nevent: %s\ndata: %s\n\n" % (self._number, kind.encode(), said)
        )


def _last_seen(request: web.Request) -> int:
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _asked(request: web.Request) -> list[str]:
    topics = request.query.getall("topic", [])
    if not topics or len(topics) > MAX_TOPICS:
        raise BadInput(f"Name 1 to {MAX_TOPICS} topics: `?topic=run:entity/project/run`.")
    return topics


async def _topic(at_hand: Services, viewer: Viewer, text: str) -> Topic:
    kind, _, path = text.partition(":")
    names = path.split("/")
    if kind == "project" and len(names) == 2:
        project = await at_hand.stores.projects.get(*names)
        if project is None:
            raise NotFound(f"No project `{path}` was found.")
        require(viewer, Action.READ, project)
        return Topic(project.entity, project.name)
    if kind == "run" and len(names) == 3:
        run = await at_hand.cache.get((names[0], names[1], names[2]))
        if run is None:
            raise NotFound(f"No run `{path}` was found.")
        require(viewer, Action.READ, run)
        return Topic(run.entity, run.project, run.name)
    raise BadInput("A topic is `run:entity/project/run` or `project:entity/project`.")


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get("/api/v1/stream", stream)
