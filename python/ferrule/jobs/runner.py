"""What the server does by itself: writing progress, compaction, states of silent runs.

Each job is a loop of its own in one task group. A round that fails is logged and comes again:
nothing is lost by a round that did not happen.
"""

import logging
import time
from collections.abc import Awaitable, Callable

import anyio

from ferrule.errors import PublicError
from ferrule.ingest.accept import RunCache
from ferrule.ingest.heartbeat import state_of_silent
from ferrule.ingest.summary import ProgressBook
from ferrule.ports.feed import Feed, RunAdvanced
from ferrule.ports.history import History
from ferrule.ports.runs import Runs

MICROS = 1_000_000
FLUSH_SECS = 1.0

Round = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Jobs:
    """The jobs of one server."""

    def __init__(
        self,
        runs: Runs,
        history: History,
        book: ProgressBook,
        cache: RunCache,
        feed: Feed,
        *,
        compact_secs: float,
        compact_bytes: int,
        crash_after_secs: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._runs = runs
        self._history = history
        self._book = book
        self._cache = cache
        self._feed = feed
        self._compact_secs = compact_secs
        self._compact_bytes = compact_bytes
        self._compacted_at = clock()
        self._crash_after_secs = crash_after_secs
        self._clock = clock
        self._started_at = clock()
        self.busy = 0

    async def run(self) -> None:
        """Do all jobs until cancelled."""
        sweep_secs = max(0.2, min(30.0, self._crash_after_secs / 4))
        look_secs = min(FLUSH_SECS, self._compact_secs)
        async with anyio.create_task_group() as group:
            group.start_soon(self._again, "writing progress", self._book.flush, FLUSH_SECS)
            group.start_soon(self._again, "compaction", self.compact_if_due, look_secs)
            group.start_soon(self._again, "looking for silent runs", self.sweep, sweep_secs)

    async def _again(self, name: str, job: Round, every_secs: float) -> None:
        while True:
            await anyio.sleep(every_secs)
            await self._once(name, job)

    async def _once(self, name: str, job: Round) -> None:
        try:
            await job()
        except PublicError as err:
            log.warning("A round of %s did not happen, and comes again: %s", name, err)
        except Exception:
            log.exception("A round of %s failed, and comes again.", name)

    async def settle(self) -> None:
        """Leave all rows in files at rest, for a server that stops.

        What can't be written stays in the log, where the next start finds it.
        """
        await self._once("the last compaction", self.compact)

    async def compact_if_due(self) -> None:
        """Compact when it was long ago, or much waits in the log, and so in memory."""
        waited = self._clock() - self._compacted_at
        if waited >= self._compact_secs or self._history.log_bytes() >= self._compact_bytes:
            self._compacted_at = self._clock()
            await self.compact()

    async def compact(self) -> None:
        """Move what is in the log to files at rest.

        Not cut short by the server's stop: what is written would have to be written again.
        """
        self.busy += 1
        try:
            with anyio.CancelScope(shield=True):
                checkpoint = await self._history.compact()
                if checkpoint is not None:
                    await self._book.checkpoint(checkpoint)
                    await self._history.committed(checkpoint)
        finally:
            self.busy -= 1

    async def sweep(self) -> None:
        """Give runs that are silent for too long the state that follows from it.

        The time before this server started does not count: clients could not reach it.
        """
        silent_since = self._clock() - self._crash_after_secs
        if silent_since < self._started_at:
            return
        await self._book.flush()
        before = int(silent_since * MICROS)
        for run in await self._runs.stale(before):
            state = state_of_silent(run.state)
            self._cache.forget(run)
            changed = await self._runs.set_state(run.id, state, unheard_since=before)
            self._cache.forget(run)
            if changed is not None:
                self._feed.publish(RunAdvanced.of(changed, state=state))
