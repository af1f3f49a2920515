"""The feed inside one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import anyio

from ferrule.ports.feed import RunAdvanced, Subscription, Topic


class LocalSubscription:
    """Events that wait for one listener, the latest of each run."""

    def __init__(self, max_runs: int) -> None:
        self._waiting: dict[int, RunAdvanced] = {}
        self._max_runs = max_runs
        self._something = anyio.Event()

    def offer(self, event: RunAdvanced) -> None:
        """Let an event wait in place of an older one of its run."""
        older = self._waiting.get(event.run_id)
        if older is not None and older.summary_changed:
            event = replace(event, summary_changed=True)
        if older is None and len(self._waiting) >= self._max_runs:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[event.run_id] = event
        self._something.set()

    async def wait(self) -> list[RunAdvanced]:
        """See the port."""
        await self._something.wait()
        self._something = anyio.Event()
        events = list(self._waiting.values())
        self._waiting.clear()
        return events


class LocalFeed:
    """The feed port for one process."""

    def __init__(self, *, max_runs: int = 1000) -> None:
        self._listeners: dict[Topic, set[LocalSubscription]] = {}
        self._max_runs = max_runs

    def publish(self, event: RunAdvanced) -> None:
        """See the port."""
        project = Topic(event.entity, event.project)
        # One that listens to both the run and its project hears it once.
        for listener in self._of(project) | self._of(replace(project, run=event.run)):
            listener.offer(event)

    def _of(self, topic: Topic) -> set[LocalSubscription]:
        return self._listeners.get(topic, set())

    @contextmanager
    def subscribe(self, topics: frozenset[Topic]) -> Iterator[Subscription]:
        """See the port."""
        listener = LocalSubscription(self._max_runs)
        for topic in topics:
            self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            for topic in topics:
                self._listeners[topic].discard(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic]
