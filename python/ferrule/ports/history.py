"""What runs logged: lines in, exactly once; rows, series and console text out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

FOREVER = 2**63 - 1


class Stream(IntEnum):
    """The streams of a run; the numbers are those of the native store."""

    HISTORY = 0
    EVENTS = 1
    CONSOLE = 2
    ASIDE = 3


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of one attempt of a run, up to a step, inclusive.

    A run that was never rewound is seen through one span. A rewound run has one per attempt, a
    fork has those of its parent before its own. Rows of attempts without a span are hidden.
    """

    run: int
    attempt: int = 0
    last_step: int = FOREVER


Scope = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """One file_stream request."""

    run: int
    body: bytes
    received_at: float
    attempt: int = 0
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one request brought, after everything in it became durable.

    `history`, `events` and `console` count lines that were new; lines that were known already
    are in `repeated`, lines that could not be read and were kept aside in `aside`. `gap` says
    that lines before these are missing so far. `last_step` is the attempt's highest step, -1 before
    its first row. `summary` is the new summary's JSON text, if the request had one.
    """

    history: int = 0
    events: int = 0
    console: int = 0
    repeated: int = 0
    aside: int = 0
    gap: bool = False
    last_step: int = -1
    summary: str | None = None
    preempting: bool = False
    complete: bool = False
    exit_code: int | None = None
    uploaded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineCounts:
    """For each stream of one writer and attempt the line number after the last one received."""

    history: int = 0
    events: int = 0
    console: int = 0


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What is known of one key without reading its cells.

    `name` is dotted and escaped: `a.b` is `{"a": {"b": …}}`, `a\\.b` the literal key.
    `numbers` and `others` count its cells; `kinds` names what the others are, such as
    `string`, `null`, `image-file`. Minimum and maximum leave out NaN and infinities.
    """

    name: str
    numbers: int = 0
    others: int = 0
    first_step: int = 0
    last_step: int = 0
    last_value: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    monotonic: bool = False
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """A line to draw: a key over an x, in at most `buckets` buckets of equal width in x.

    `x` is `_step` or any numeric key of the same run; a y whose row has no x uses the last x at
    or before it. Bounds are inclusive, None for all.
    """

    scope: Scope
    key: str
    x: str = "_step"
    x_min: float | None = None
    x_max: float | None = None
    buckets: int = 1000
    stream: Stream = Stream.HISTORY


@dataclass(frozen=True, slots=True)
class SeriesBlock:
    """The answer: columns of little-endian float64, one after the other in `data`.

    `raw` columns are `x`, `y`: every point, when there are at most twice as many as buckets.
    Otherwise `x` (of the last point), `last`, `first`, `min`, `x_min`, `max`, `x_max`, `mean`,
    `count`, `finite`; empty buckets are left out. NaN and infinite values don't count towards min,
    max, mean and `finite`; a bucket of nothing else has NaN there, and 0. `points` is how many
    points the range holds.
    """

    columns: tuple[str, ...]
    length: int
    points: int
    data: bytes


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the log knows of a run and the metadata store may not: the latest of each.

    `complete` with its `exit_code` is the last one posted, and False again when lines came after.
    `attempt` is that of the last post; `last_step` and `history_lines` (rows of history) are that
    attempt's alone, -1 and 0 before its first row, whatever earlier attempts reached.
    """

    run: int
    heartbeat_at: float
    summary: str | None = None
    last_step: int = -1
    history_lines: int = 0
    preempting: bool = False
    complete: bool = False
    exit_code: int | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a compaction made, to be committed in one transaction of the metadata store.

    `manifest` replaces the one before; `runs` replaces the state of each run in it; `facts` are
    the latest of those runs, to be written to the run table in the same transaction. `token`
    is handed back to `committed`.
    """

    manifest: bytes
    runs: dict[int, bytes] = field(default_factory=dict)
    facts: tuple[RunFacts, ...] = ()
    token: Any = None


class History(Protocol):
    """Lines of runs, taken in exactly once and read at once.

    Unique: a line is known by (run, attempt, writer, stream, line number); the first one to come
    stays, but for console lines, where the last one stays, and the summary, which is replaced
    whole. Repeating a request changes nothing. A gap is accepted; a late line that fills it
    counts once. What `accept` has returned for survives any death of the process. Rows are
    visible to every read that starts after `accept` returned, at the latest.

    Rows come in order of step, then of writing; what several writers logged at one step are
    several rows. A row that came without `_step` (shared mode) is given the step after the run's
    highest. All reads take a scope and see nothing outside it.
    """

    async def open_run(self, run: int, project: int, state: bytes | None) -> None:
        """Make a run known, with the state of its last checkpoint; again is harmless.

        Every other call about a run needs it first.
        """

    def is_open(self, run: int) -> bool:
        """Tell whether `open_run` was called for a run since the store was opened."""

    async def accept(self, post: Post) -> Receipt:
        """Take in one request; return when it is durable.

        Raises:
            ferrule.errors.BodyError: The body can't be read at all; nothing is kept.
            ferrule.errors.BusyError: The disk takes nothing, or too much waits; the same request
                may come again later.
        """

    async def line_counts(self, run: int, attempt: int = 0, writer: str = "") -> LineCounts:
        """Tell where a client that goes on has to start counting."""

    async def missing_lines(self, run: int, attempt: int = 0, writer: str = "") -> int:
        """Count the history lines of a writer that are missing between those that have come.

        A client that resumes a run may begin at any line.
        """

    async def facts(self, run: int) -> RunFacts | None:
        """Return the latest of a run, None if nothing came since the last checkpoint."""

    async def recovered(self) -> list[RunFacts]:
        """Return the facts of all runs found in the log when the store was opened."""

    async def last_step(self, scope: Scope) -> int:
        """Return the highest step, -1 without rows."""

    async def row_count(self, scope: Scope, stream: Stream = Stream.HISTORY) -> int:
        """Count rows."""

    async def keys(self, scope: Scope, stream: Stream = Stream.HISTORY) -> list[KeyFacts]:
        """List keys by name."""

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
        """Return rows with `min_step` ≤ step < `max_step`, each as JSON text.

        Numbers read back exactly; NaN and infinities are written bare; nesting is as logged.

        Args:
            scope: Which rows are seen.
            stream: `HISTORY` or `EVENTS`.
            keys: Dotted names; only rows that have all of them, cut down to them. A name means
                the escaped key, or the literal one that it spells.
            min_step: The first step.
            max_step: The step to stop before.
            limit: How many rows at most: the first ones, or, with `thin`, evenly spaced ones
                with the first and the last among them. With `thin`, rows of one step are
                merged into one, the later value of a leaf winning.
            thin: See `limit`.
        """

    async def series(self, query: SeriesQuery) -> SeriesBlock:
        """Return the points of a line, or buckets of them. An unknown key gives no points."""

    async def console_count(self, scope: Scope) -> int:
        """Count the console lines of the scope's last run."""

    async def console(self, scope: Scope, first: int, limit: int) -> list[tuple[int, str]]:
        """Return console lines of the scope's last run as (number, text as it was sent).

        Attempts come one after the other, the lines of each by number, those of several writers
        side by side; `first` is a position in this order, counted from 0.
        """

    async def aside(self, scope: Scope, limit: int = 100) -> list[tuple[str, str]]:
        """Return lines that were kept aside, as (file, text)."""

    def log_bytes(self) -> int:
        """Return how many bytes of requests came since the last compaction.

        All of them may be in memory, too, so that a compaction is due when they are many.
        """

    async def compact(self) -> Checkpoint | None:
        """Write what is in the log to files at rest; None when there is nothing to do."""

    async def committed(self, checkpoint: Checkpoint) -> None:
        """Let go of what the checkpoint replaces: its transaction has been committed."""

    async def forget_run(self, run: int) -> None:
        """Erase a run's rows at the next compactions."""

    async def close(self) -> None:
        """Make durable what waits, and let go of files and threads."""
