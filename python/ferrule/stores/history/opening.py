"""A history whose runs are made known to the engine when they are first asked for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio

from ferrule.errors import NotFound
from ferrule.ports.history import (
    FOREVER,
    Checkpoint,
    History,
    KeyFacts,
    LineCounts,
    Post,
    Receipt,
    RunFacts,
    Scope,
    SeriesBlock,
    SeriesQuery,
    Stream,
)


@dataclass(frozen=True, slots=True)
class RunState:
    """What an engine has to be told of a run: its project, and its last checkpoint's state."""

    project: int
    state: bytes | None


Lookup = Callable[[int], Awaitable[RunState | None]]


class OpeningHistory:
    """The history port over an engine, for callers who need not care for `open_run`."""

    def __init__(self, engine: History, lookup: Lookup) -> None:
        self._engine = engine
        self._lookup = lookup
        self._opening = anyio.Lock()

    async def _open(self, run: int) -> None:
        if self._engine.is_open(run):
            return
        # One at a time: an older state must not be read before, and told after, a checkpoint.
        async with self._opening:
            known = await self._lookup(run)
            if known is None:
                raise NotFound("The run was not found.")
            await self._engine.open_run(run, known.project, known.state)

    async def _open_all(self, scope: Scope) -> None:
        for span in scope:
            await self._open(span.run)

    async def open_run(self, run: int, project: int, state: bytes | None) -> None:
        """See the port."""
        await self._engine.open_run(run, project, state)

    def is_open(self, run: int) -> bool:
        """See the port."""
        return self._engine.is_open(run)

    async def accept(self, post: Post) -> Receipt:
        """See the port."""
        await self._open(post.run)
        return await self._engine.accept(post)

    async def line_counts(self, run: int, attempt: int = 0, writer: str = "") -> LineCounts:
        """See the port."""
        await self._open(run)
        return await self._engine.line_counts(run, attempt, writer)

    async def missing_lines(self, run: int, attempt: int = 0, writer: str = "") -> int:
        """See the port."""
        await self._open(run)
        return await self._engine.missing_lines(run, attempt, writer)

    async def facts(self, run: int) -> RunFacts | None:
        """See the port."""
        await self._open(run)
        return await self._engine.facts(run)

    async def recovered(self) -> list[RunFacts]:
        """See the port: opened by now, and without those that the lookup does not know.

        A compaction waits for each run of the log to be opened or forgotten.
        """
        found = await self._engine.recovered()
        return [facts for facts in found if await self._opens(facts.run)]

    async def _opens(self, run: int) -> bool:
        try:
            await self._open(run)
        except NotFound:
            await self._engine.forget_run(run)
            return False
        return True

    async def last_step(self, scope: Scope) -> int:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.last_step(scope)

    async def row_count(self, scope: Scope, stream: Stream = Stream.HISTORY) -> int:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.row_count(scope, stream)

    async def keys(self, scope: Scope, stream: Stream = Stream.HISTORY) -> list[KeyFacts]:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.keys(scope, stream)

    async def rows(
        self,
        scope: Scope,
        stream: Stream = Stream.HISTORY,
        *,
        keys: Sequence[str] | None = None,
        min_step: int = 0,
        max_step: int = FOREVER,
        limit: int | None = None,
        thin: bool = False,
    ) -> list[str]:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.rows(
            scope,
            stream,
            keys=keys,
            min_step=min_step,
            max_step=max_step,
            limit=limit,
            thin=thin,
        )

    async def series(self, query: SeriesQuery) -> SeriesBlock:
        """See the port."""
        await self._open_all(query.scope)
        return await self._engine.series(query)

    async def console_count(self, scope: Scope) -> int:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.console_count(scope)

    async def console(self, scope: Scope, first: int, limit: int) -> list[tuple[int, str]]:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.console(scope, first, limit)

    async def aside(self, scope: Scope, limit: int = 100) -> list[tuple[str, str]]:
        """See the port."""
        await self._open_all(scope)
        return await self._engine.aside(scope, limit)

    def log_bytes(self) -> int:
        """See the port."""
        return self._engine.log_bytes()

    async def compact(self) -> Checkpoint | None:
        """See the port."""
        return await self._engine.compact()

    async def committed(self, checkpoint: Checkpoint) -> None:
        """See the port."""
        await self._engine.committed(checkpoint)

    async def forget_run(self, run: int) -> None:
        """See the port."""
        await self._engine.forget_run(run)

    async def close(self) -> None:
        """See the port."""
        await self._engine.close()
