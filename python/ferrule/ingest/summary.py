"""What posts brought, on its way into the run table: gathered, and written about once a second."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import anyio

from ferrule.errors import BusyError
from ferrule.ingest.heartbeat import state_of_recovered
from ferrule.ports.history import Checkpoint, History, RunFacts
from ferrule.ports.runs import Run, RunProgress, Runs

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pending:
    """What posts of a run brought that is not written yet; None where they say nothing."""

    posted_at: float
    summary: str | None = None
    state: str | None = None
    exit_code: int | None = None

    def then(self, later: "Pending") -> "Pending":
        """Return both in one, the later one having the last word."""
        later = replace(later, posted_at=max(self.posted_at, later.posted_at))
        summary = self.summary if later.summary is None else later.summary
        if later.state is not None:
            return replace(later, summary=summary)
        return replace(later, summary=summary, state=self.state, exit_code=self.exit_code)


class ProgressBook:
    """Runs whose row in the metadata store lags behind their log.

    The log is the truth until then: what is lost here with the process is found in it when the
    server starts again. One flush runs at a time; a caller of `flush` returns when all that was
    noted before the call is written.
    """

    def __init__(self, runs: Runs, history: History) -> None:
        self._runs = runs
        self._history = history
        self._pending: dict[int, Pending] = {}
        self._writing: dict[int, Pending] = {}
        self._flushing = anyio.Lock()

    def note(self, run: int, news: Pending) -> None:
        """Take note of a run that has posted."""
        before = self._pending.get(run)
        self._pending[run] = news if before is None else before.then(news)

    def state_of(self, run: int) -> str | None:
        """Return the state that a run is in by what is not written yet."""
        for known in (self._pending.get(run), self._writing.get(run)):
            if known is not None and known.state is not None:
                return known.state
        return None

    async def flush(self) -> None:
        """Write what has been noted.

        Raises:
            BusyError: The disk takes nothing; it stays noted.
        """
        if not self._pending and not self._flushing.statistics().locked:
            return
        async with self._taken() as taken:
            progress = [_progress(await self._facts(run), news) for run, news in taken.items()]
            if progress:
                await self._runs.note_progress(progress)

    async def settle(self) -> None:
        """Write what has been noted, before a read; a disk that takes nothing is no obstacle."""
        with suppress(BusyError):
            await self.flush()

    async def recover(self) -> None:
        """Note what the log knows and the run table does not, and write it if the disk takes it."""
        for facts in await self._history.recovered():
            run = await self._runs.by_id(facts.run)
            if run is not None:
                self.note(run.id, _recovered(run, facts))
        await self.settle()

    async def checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write what a compaction made, with the progress of its runs, in one transaction."""
        sealed = {facts.run: facts for facts in checkpoint.facts}
        async with self._taken() as taken:
            progress = [
                _progress(await self._facts(run, sealed.get(run)), taken.get(run))
                for run in sealed | taken
            ]
            await self._runs.checkpoint(checkpoint.manifest, checkpoint.runs, progress)

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[dict[int, Pending]]:
        """Hand out what is noted, alone; it is noted again if it can't be written."""
        async with self._flushing:
            self._writing, self._pending = self._pending, {}
            try:
                yield self._writing
            except BaseException:
                newer, self._pending = self._pending, self._writing
                for run, news in newer.items():
                    self.note(run, news)
                raise
            finally:
                self._writing = {}

    async def _facts(self, run: int, sealed: RunFacts | None = None) -> RunFacts:
        # What a checkpoint told is not told again, and may be older than what came since.
        return await self._history.facts(run) or sealed or RunFacts(run, 0.0)


def _recovered(run: Run, facts: RunFacts) -> Pending:
    # A post that brings nothing is written here, and leaves no trace in the log.
    if _micros(facts.heartbeat_at) <= run.posted_at:
        return Pending(facts.heartbeat_at)
    # One that was begun again after its last post is running, whatever the post said.
    begun_again = _micros(facts.heartbeat_at) < run.heartbeat_at
    return Pending(
        facts.heartbeat_at,
        facts.summary,
        None if begun_again else state_of_recovered(facts),
        facts.exit_code,
    )


def _progress(facts: RunFacts, pending: Pending | None) -> RunProgress:
    counts = RunProgress(
        run=facts.run,
        heartbeat_at=_micros(facts.heartbeat_at),
        last_step=facts.last_step,
        history_lines=facts.history_lines or None,
        attempt=facts.attempt,
    )
    if pending is None:
        return counts
    posted_at = _micros(pending.posted_at)
    return replace(
        counts,
        heartbeat_at=max(counts.heartbeat_at, posted_at),
        posted_at=posted_at,
        summary=pending.summary,
        state=pending.state,
        exit_code=pending.exit_code,
    )


def _micros(seconds: float) -> int:
    return int(seconds * MICROS)
