"""Everything runs logged, kept in memory: the version that the native store is tested against."""

import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

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
from ferrule.stores.history.body import STREAMS, SUMMARY, Body, Chunk, read_body, read_row
from ferrule.stores.history.buckets import Place as BucketPlace
from ferrule.stores.history.buckets import Point, even_places, series_block, step_places
from ferrule.stores.history.flatten import Cells, flatten, matching_key, nest

# Rows are sorted by this: step, line, writer, attempt.
Place = tuple[int, int, int, int]
LineSpace = tuple[int, str, str]  # attempt, writer, file

STEP = "_step"

N = TypeVar("N")


@dataclass(slots=True)
class _Run:
    rows: dict[Stream, dict[Place, Cells]] = field(
        default_factory=lambda: {Stream.HISTORY: {}, Stream.EVENTS: {}}
    )
    console: dict[Place, str] = field(default_factory=dict)
    aside: list[tuple[str, str]] = field(default_factory=list)
    received: dict[LineSpace, set[int]] = field(default_factory=dict)
    writers: list[str] = field(default_factory=lambda: [""])
    last_steps: dict[int, int] = field(default_factory=dict)
    summary: str | None = None
    facts: RunFacts | None = None

    def writer_number(self, writer: str) -> int:
        if writer not in self.writers:
            self.writers.append(writer)
        return self.writers.index(writer)

    def line_count(self, attempt: int, writer: str, file: str) -> int:
        return max(self.received.get((attempt, writer, file), ()), default=-1) + 1


@dataclass(slots=True)
class _Tally:
    """What one request has brought so far."""

    new: dict[Stream, int] = field(default_factory=lambda: dict.fromkeys(Stream, 0))
    repeated: int = 0
    gap: bool = False
    summary: str | None = None


class MemoryHistory:
    """The history port in memory; nothing outlives the process."""

    def __init__(self) -> None:
        self._runs: dict[int, _Run] = {}

    async def open_run(self, run: int, project: int, state: bytes | None) -> None:
        """See the port."""
        self._runs.setdefault(run, _Run())

    def is_open(self, run: int) -> bool:
        """See the port."""
        return run in self._runs

    async def accept(self, post: Post) -> Receipt:
        """See the port."""
        body = read_body(post.body)
        run, tally = self._runs[post.run], _Tally()
        for chunk in body.chunks:
            self._take(run, post, chunk, tally)
        run.facts = self._new_facts(run, post, body, tally)
        return Receipt(
            history=tally.new[Stream.HISTORY],
            events=tally.new[Stream.EVENTS],
            console=tally.new[Stream.CONSOLE],
            repeated=tally.repeated,
            aside=tally.new[Stream.ASIDE],
            gap=tally.gap,
            last_step=run.last_steps.get(post.attempt, -1),
            summary=tally.summary,
            preempting=body.preempting,
            complete=body.complete,
            exit_code=body.exit_code,
            uploaded=body.uploaded,
        )

    def _take(self, run: _Run, post: Post, chunk: Chunk, tally: _Tally) -> None:
        if chunk.file == SUMMARY:
            self._take_summary(run, post, chunk, tally)
            return
        received = run.received.setdefault((post.attempt, post.writer, chunk.file), set())
        stream = STREAMS[chunk.file]
        for number, line in enumerate(chunk.lines, chunk.offset):
            known = number in received
            tally.repeated += known
            received.add(number)
            if stream is Stream.CONSOLE:
                place = (number, number, run.writer_number(post.writer), post.attempt)
                run.console[place] = line
                tally.new[stream] += not known
            elif not known:
                self._take_line(run, post, chunk.file, number, line, tally)
        tally.gap |= bool(chunk.lines) and not received.issuperset(range(chunk.offset))

    def _take_line(
        self, run: _Run, post: Post, file: str, number: int, line: str, tally: _Tally
    ) -> None:
        stream, row = STREAMS[file], read_row(line)
        if row is None:
            run.aside.append((file, line))
            tally.new[Stream.ASIDE] += 1
            return
        step = number if stream is Stream.EVENTS else self._step(run, post.attempt, row)
        place = (step, number, run.writer_number(post.writer), post.attempt)
        run.rows[stream][place] = flatten(row)
        tally.new[stream] += 1

    def _step(self, run: _Run, attempt: int, row: dict[str, Any]) -> int:
        highest = run.last_steps.get(attempt, -1)
        step = row.get(STEP)
        if not isinstance(step, int) or isinstance(step, bool):
            step = highest + 1
        row[STEP] = step
        run.last_steps[attempt] = max(highest, step)
        return step

    def _take_summary(self, run: _Run, post: Post, chunk: Chunk, tally: _Tally) -> None:
        for line in chunk.lines[-1:]:
            summary = read_row(line)
            if summary is None:
                run.aside.append((chunk.file, line))
                tally.new[Stream.ASIDE] += 1
                continue
            if post.writer:
                # Each of several writers tells only the keys that are its own.
                summary = json.loads(run.summary or "{}") | summary
                line = json.dumps(summary, ensure_ascii=False, separators=(",", ":"))
            run.summary = tally.summary = line

    def _new_facts(self, run: _Run, post: Post, body: Body, tally: _Tally) -> RunFacts:
        lines_came = any(tally.new.values())
        before = run.facts or RunFacts(post.run, post.received_at)
        complete = body.complete or (before.complete and not lines_came)
        return RunFacts(
            run=post.run,
            heartbeat_at=max(before.heartbeat_at, post.received_at),
            summary=run.summary,
            last_step=run.last_steps.get(post.attempt, -1),
            history_lines=sum(place[3] == post.attempt for place in run.rows[Stream.HISTORY]),
            preempting=body.preempting or (before.preempting and not complete),
            complete=complete,
            exit_code=body.exit_code if body.complete else before.exit_code if complete else None,
            attempt=post.attempt,
        )

    async def line_counts(self, run: int, attempt: int = 0, writer: str = "") -> LineCounts:
        """See the port."""
        kept = self._runs[run]
        counts = {
            stream: kept.line_count(attempt, writer, file) for file, stream in STREAMS.items()
        }
        return LineCounts(counts[Stream.HISTORY], counts[Stream.EVENTS], counts[Stream.CONSOLE])

    async def missing_lines(self, run: int, attempt: int = 0, writer: str = "") -> int:
        """See the port."""
        space = (attempt, writer, "wandb-history.jsonl")
        known = self._runs[run].received.get(space, set())
        return max(known) - min(known) + 1 - len(known) if known else 0

    async def facts(self, run: int) -> RunFacts | None:
        """See the port."""
        return self._runs[run].facts

    async def recovered(self) -> list[RunFacts]:
        """See the port."""
        return []

    async def last_step(self, scope: Scope) -> int:
        """See the port."""
        rows = self._visible(scope, Stream.HISTORY)
        return rows[-1][0][0] if rows else -1

    async def row_count(self, scope: Scope, stream: Stream = Stream.HISTORY) -> int:
        """See the port."""
        return len(self._visible(scope, stream))

    def _visible(self, scope: Scope, stream: Stream) -> list[tuple[Place, Cells]]:
        seen: list[tuple[Place, Cells]] = []
        for span in scope:
            # A cut is a step of the history; lines of other streams have none.
            cut = span.last_step if stream is Stream.HISTORY else FOREVER
            seen += (
                (place, cells)
                for place, cells in self._runs[span.run].rows[stream].items()
                if place[3] == span.attempt and place[0] <= cut
            )
        return sorted(seen, key=lambda item: item[0])

    async def keys(self, scope: Scope, stream: Stream = Stream.HISTORY) -> list[KeyFacts]:
        """See the port."""
        found: dict[str, list[tuple[int, Any]]] = {}
        for place, cells in self._visible(scope, stream):
            for key, value in cells.items():
                found.setdefault(key, []).append((place[0], value))
        return [_key_facts(key, found[key]) for key in sorted(found)]

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
        rows = [
            (step, cells)
            for (step, *_), cells in self._visible(scope, stream)
            if min_step <= step < max_step
        ]
        if keys is not None:
            rows = [(step, chosen) for step, row in rows if (chosen := _only(row, keys))]
        if thin:
            rows = _one_per_step(rows)
        chosen_rows = rows if limit is None else _thinned(rows, limit) if thin else rows[:limit]
        return [json.dumps(nest(cells), ensure_ascii=False) for _, cells in chosen_rows]

    async def series(self, query: SeriesQuery) -> SeriesBlock:
        """See the port."""
        low = -math.inf if query.x_min is None else query.x_min
        high = math.inf if query.x_max is None else query.x_max
        points = [point for point in self._points(query) if low <= point[0] <= high]
        return series_block(points, _places(query, points), query.buckets)

    def _points(self, query: SeriesQuery) -> Iterable[Point]:
        x = math.nan
        for (step, *_), cells in self._visible(query.scope, query.stream):
            x = float(step) if query.x == STEP else _number(cells.get(query.x), x)
            y = _number(cells.get(query.key), None)
            if y is not None and math.isfinite(x):
                yield x, y

    async def console_count(self, scope: Scope) -> int:
        """See the port."""
        return len(self._console(scope))

    async def console(self, scope: Scope, first: int, limit: int) -> list[tuple[int, str]]:
        """See the port."""
        return self._console(scope)[first : first + limit]

    def _console(self, scope: Scope) -> list[tuple[int, str]]:
        attempts = {span.attempt for span in scope if span.run == scope[-1].run}
        places = self._runs[scope[-1].run].console if scope else {}
        shown = sorted((place[3], *place[:3], text) for place, text in places.items())
        return [(number, text) for attempt, number, *_, text in shown if attempt in attempts]

    async def aside(self, scope: Scope, limit: int = 100) -> list[tuple[str, str]]:
        """See the port."""
        runs = dict.fromkeys(span.run for span in scope)
        return [line for run in runs for line in self._runs[run].aside][:limit]

    def log_bytes(self) -> int:
        """There is no log."""
        return 0

    async def compact(self) -> Checkpoint | None:
        """There is nothing to write at rest."""
        return None

    async def committed(self, checkpoint: Checkpoint) -> None:
        """There is nothing to let go of."""

    async def forget_run(self, run: int) -> None:
        """See the port."""
        self._runs[run] = _Run()

    async def close(self) -> None:
        """There is nothing to let go of."""


def _places(query: SeriesQuery, points: Sequence[Point]) -> BucketPlace:
    """Divide the range that was asked for, or else that of the points."""
    xs = [x for x, _ in points] or [0.0]
    low = min(xs) if query.x_min is None else query.x_min
    high = max(xs) if query.x_max is None else query.x_max
    if query.x == STEP:
        return step_places(math.ceil(low), math.floor(high), query.buckets)
    return even_places(low, high, query.buckets)


def _is_number(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        # Integers beyond 64 bits are kept as text, and are no numbers to draw.
        return -(2**63) <= value < 2**63
    return isinstance(value, float)


def _number(value: Any, otherwise: N) -> float | N:
    return float(value) if _is_number(value) else otherwise


def _only(row: Cells, keys: Sequence[str]) -> Cells | None:
    names = [matching_key(key, row) for key in keys]
    if not all(names):
        return None
    return {name: row[name] for name in names if name is not None}


def _one_per_step(rows: Sequence[tuple[int, Cells]]) -> list[tuple[int, Cells]]:
    merged: dict[int, Cells] = {}
    for step, cells in rows:
        merged[step] = merged.get(step, {}) | cells
    return list(merged.items())


def _thinned(rows: list[tuple[int, Cells]], limit: int) -> list[tuple[int, Cells]]:
    if len(rows) <= limit:
        return rows
    if limit < 2:
        return rows[-1:][:limit]
    last, gaps = len(rows) - 1, limit - 1
    return [rows[(place * last + gaps // 2) // gaps] for place in range(limit)]


def _key_facts(name: str, cells: Sequence[tuple[int, Any]]) -> KeyFacts:
    numbers = [float(value) for _, value in cells if _is_number(value)]
    finite = [value for value in numbers if math.isfinite(value)]
    steps = [step for step, _ in cells]
    return KeyFacts(
        name=name,
        numbers=len(numbers),
        others=len(cells) - len(numbers),
        first_step=min(steps),
        last_step=max(steps),
        last_value=numbers[-1] if numbers else None,
        minimum=min(finite, default=None),
        maximum=max(finite, default=None),
        monotonic=all(a <= b for a, b in itertools.pairwise(numbers)),
        kinds=tuple(sorted({_kind(value) for _, value in cells if not _is_number(value)})),
    )


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "bool",
    str: "string",
    list: "list",
    int: "integer",
    dict: "object",
}


def _kind(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("_type"), str):
        return str(value["_type"])
    return _KINDS[type(value)]
