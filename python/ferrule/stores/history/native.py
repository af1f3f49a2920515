"""The history port over `wandb._native.HistoryStore`: write-ahead log, tail and Parquet segments.

The native store takes a post in at once and syncs in groups; each post waits here for the group
that makes it durable. An eventfd, watched by the event loop, tells when a group is through: no
thread waits for the disk.
"""

import asyncio
import heapq
import itertools
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync

from ferrule.errors import BodyError, BusyError
from ferrule.ports.history import (
    FOREVER,
    Checkpoint,
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
from wandb._native import HistoryStore

READ_THREADS = 4
WRITE_THREADS = 2
# Measured with bodies of 80 KB: handing them to a thread costs half as much again as reading them.
INLINE_BYTES = 256 << 10
RETRY_SECS = 5

T = TypeVar("T")

log = logging.getLogger(__name__)


class NativeHistory:
    """The history port on disk."""

    def __init__(self, store: HistoryStore, *, wait_secs: float) -> None:
        self._store = store
        self._durability = _Durability(store, wait_secs)
        self._readers = anyio.CapacityLimiter(READ_THREADS)
        self._writers = anyio.CapacityLimiter(WRITE_THREADS)
        self._compactor = anyio.CapacityLimiter(1)

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        manifest: bytes | None,
        wait_secs: float = 20.0,
        sync_ms: float = 5.0,
    ) -> "NativeHistory":
        """Open the store of a folder: what its log holds is read back first.

        Args:
            folder: Where log and segments lie.
            manifest: That of the last checkpoint, None before the first.
            wait_secs: How long a post waits for the disk before it is told to come again.
            sync_ms: How long a group of posts is gathered before it is synced.
        """
        opened = partial(HistoryStore, str(folder), manifest, sync_ms=sync_ms)
        store = await run_sync(opened)
        for warning in store.warnings():
            log.warning("What the log holds was damaged: %s", warning)
        return cls(store, wait_secs=wait_secs)

    async def _read(self, function: Callable[[], T]) -> T:
        return await run_sync(function, limiter=self._readers)

    async def open_run(self, run: int, project: int, state: bytes | None) -> None:
        """See the port."""
        self._store.open_run(run, project, state)

    def is_open(self, run: int) -> bool:
        """See the port."""
        return self._store.is_open(run)

    async def accept(self, post: Post) -> Receipt:
        """See the port."""
        taken = partial(
            self._store.accept, post.run, post.attempt, post.writer, post.body, post.received_at
        )
        try:
            if len(post.body) <= INLINE_BYTES:
                receipt = taken()
            else:
                receipt = await run_sync(taken, limiter=self._writers)
        except ValueError as err:
            told = str(err)
            raise BodyError(f"{told[:1].upper()}{told[1:]}.") from err
        except BlockingIOError as err:
            raise _busy(self._store.failing()) from err
        await self._durability.wait_for(receipt.pop("seq"))
        return Receipt(**receipt | {"uploaded": tuple(receipt["uploaded"])})

    async def line_counts(self, run: int, attempt: int = 0, writer: str = "") -> LineCounts:
        """See the port."""
        return LineCounts(*self._store.line_counts(run, attempt, writer))

    async def missing_lines(self, run: int, attempt: int = 0, writer: str = "") -> int:
        """See the port."""
        return self._store.missing_lines(run, attempt, writer)

    async def facts(self, run: int) -> RunFacts | None:
        """See the port."""
        told = self._store.facts(run)
        return None if told is None else RunFacts(**told)

    async def recovered(self) -> list[RunFacts]:
        """See the port."""
        return [RunFacts(**told) for told in self._store.recovered()]

    async def last_step(self, scope: Scope) -> int:
        """See the port."""
        # Nearly always the store knows it, and a thread would cost more than the answer.
        spans = _spans(scope)
        known = self._store.last_step_at_hand(spans)
        if known is not None:
            return known
        return await self._read(partial(self._store.last_step, spans))

    async def row_count(self, scope: Scope, stream: Stream = Stream.HISTORY) -> int:
        """See the port."""
        spans = _spans(scope)
        known = self._store.row_count_at_hand(spans, int(stream))
        if known is not None:
            return known
        return await self._read(partial(self._store.row_count, spans, int(stream)))

    async def keys(self, scope: Scope, stream: Stream = Stream.HISTORY) -> list[KeyFacts]:
        """See the port."""
        told = await self._read(partial(self._store.keys, _spans(scope), int(stream)))
        return [KeyFacts(**key | {"kinds": tuple(key["kinds"])}) for key in told]

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
        wanted = None if keys is None else list(keys)
        return await self._read(
            partial(
                self._store.rows,
                _spans(scope),
                int(stream),
                wanted,
                min_step,
                max_step,
                limit,
                thin,
            )
        )

    async def series(self, query: SeriesQuery) -> SeriesBlock:
        """See the port."""
        columns, length, points, data = await self._read(
            partial(
                self._store.series,
                _spans(query.scope),
                int(query.stream),
                query.key,
                query.x,
                query.x_min,
                query.x_max,
                query.buckets,
            )
        )
        return SeriesBlock(tuple(columns), length, points, data)

    async def console_count(self, scope: Scope) -> int:
        """See the port."""
        return self._store.console_count(_spans(scope))

    async def console(self, scope: Scope, first: int, limit: int) -> list[tuple[int, str]]:
        """See the port."""
        return await self._read(partial(self._store.console, _spans(scope), first, limit))

    async def aside(self, scope: Scope, limit: int = 100) -> list[tuple[str, str]]:
        """See the port."""
        return await self._read(partial(self._store.aside, _spans(scope), limit))

    def log_bytes(self) -> int:
        """See the port."""
        return self._store.log_bytes()

    async def compact(self) -> Checkpoint | None:
        """See the port."""
        told = await run_sync(self._store.compact, limiter=self._compactor)
        if told is None:
            return None
        for warning in told["warnings"]:
            log.warning("A compaction left something as it is: %s", warning)
        return Checkpoint(
            manifest=told["manifest"],
            runs=told["runs"],
            facts=tuple(RunFacts(**facts) for facts in told["facts"]),
            token=told["token"],
        )

    async def committed(self, checkpoint: Checkpoint) -> None:
        """See the port."""
        await run_sync(self._store.committed, checkpoint.token, limiter=self._compactor)

    async def forget_run(self, run: int) -> None:
        """See the port."""
        self._store.forget_run(run)

    async def close(self) -> None:
        """See the port."""
        self._durability.close()
        # The folder's lock goes with the last reference, and an idle thread keeps what it was
        # called with: hand it something that it can empty.
        store = [self._store]
        del self._store, self._durability
        await run_sync(lambda: store.pop().close(), limiter=self._compactor)


class _Durability:
    """Wakes each post when the disk has it.

    What a post waits for stays in the store's log whether or not the wait ends in time, and is
    written as soon as the disk takes it again.
    """

    def __init__(self, store: HistoryStore, wait_secs: float) -> None:
        self._store = store
        self._wait_secs = wait_secs
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._eventfd = store.durable_fd()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._eventfd, self._on_group)

    def _on_group(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._eventfd, 8)
        durable = self._store.durable_seq()
        while self._waiting and self._waiting[0][0] <= durable:
            _, _, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)

    async def wait_for(self, seq: int) -> None:
        if self._store.durable_seq() >= seq:
            return
        waiter = self._loop.create_future()
        heapq.heappush(self._waiting, (seq, next(self._order), waiter))
        try:
            with anyio.fail_after(self._wait_secs):
                await waiter
        except TimeoutError as err:
            raise _busy(self._store.failing()) from err

    def close(self) -> None:
        self._loop.remove_reader(self._eventfd)
        for _, _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(_busy("the server is stopping"))
        self._waiting.clear()


def _spans(scope: Scope) -> list[tuple[int, int, int]]:
    return [(span.run, span.attempt, span.last_step) for span in scope]


def _busy(reason: str | None) -> BusyError:
    why = reason or "too much is waiting for it"
    return BusyError(
        f"The server's disk takes nothing at the moment: {why}. Send the same again later.",
        retry_after_secs=RETRY_SECS,
    )
