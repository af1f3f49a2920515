"""What posts brought, on its way into the run table: gathered, and written about once a second."""

from contextlib import suppress
from dataclasses import dataclass

import anyio

from ferrule.errors import BusyError
from ferrule.ingest.heartbeat import state_of_recovered
from ferrule.ports.history import Checkpoint, History, RunFacts
from ferrule.ports.runs import Run, RunProgress, Runs

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pending:
    """What is known of a run and not written yet."""

    attempt: int
    state: str
    exit_code: int | None
    heartbeat_at: float


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
        self._flushing = anyio.Lock()

    def note(self, run: Run, state: str, exit_code: int | None, *, at: float) -> None:
        """Take note of a run that has posted, at a time in seconds."""
        self._pending[run.id] = Pending(run.attempt, state, exit_code, at)

    async def flush(self) -> None:
        """Write what has been noted.

        Raises:
            BusyError: The disk takes nothing; it stays noted.
        """
        if not self._pending and not self._flushing.statistics().locked:
            return
        async with self._flushing:
            taken, self._pending = self._pending, {}
            try:
                await self._write(taken)
            except BaseException:
                self._pending = taken | self._pending
                raise

    async def settle(self) -> None:
        """Write what has been noted, before a read; a disk that takes nothing is no obstacle."""
        with suppress(BusyError):
            await self.flush()

    async def _write(self, taken: dict[int, Pending]) -> None:
        progress = []
        for run, pending in taken.items():
            # A checkpoint may have written all but the state meanwhile.
            facts = await self._history.facts(run) or RunFacts(run, pending.heartbeat_at)
            progress.append(_progress(facts, pending))
        if progress:
            await self._runs.note_progress(progress)

    async def recover(self) -> list[int]:
        """Write what the log knows and the run table may not; return the runs."""
        progress = []
        for facts in await self._history.recovered():
            run = await self._runs.by_id(facts.run)
            if run is None:
                continue
            state, exit_code = run.state, run.exit_code
            # One that was begun again after its last post is running, whatever the post said.
            if _micros(facts.heartbeat_at) >= run.heartbeat_at:
                state, exit_code = state_of_recovered(run.state, facts), facts.exit_code
            pending = Pending(run.attempt, state, exit_code, facts.heartbeat_at)
            progress.append(_progress(facts, pending))
        if progress:
            await self._runs.note_progress(progress)
        return [entry.run for entry in progress]

    async def checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write what a compaction made, with the progress of its runs, in one transaction."""
        async with self._flushing:
            taken = {facts.run: self._pending.get(facts.run) for facts in checkpoint.facts}
            progress = [_progress(facts, taken[facts.run]) for facts in checkpoint.facts]
            await self._runs.checkpoint(checkpoint.manifest, checkpoint.runs, progress)
            for run, pending in taken.items():
                if pending is not None and self._pending.get(run) == pending:
                    del self._pending[run]


def _progress(facts: RunFacts, pending: Pending | None) -> RunProgress:
    return RunProgress(
        run=facts.run,
        heartbeat_at=_micros(facts.heartbeat_at),
        summary=facts.summary,
        last_step=facts.last_step,
        history_lines=facts.history_lines or None,
        state=pending.state if pending else None,
        exit_code=pending.exit_code if pending else None,
        attempt=pending.attempt if pending else None,
    )


def _micros(seconds: float) -> int:
    return int(seconds * MICROS)
