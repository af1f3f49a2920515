"""Typed face of the Rust extension; compared with the compiled module by stubtest.

Records are plain dicts keyed by the field names of the `.wandb` messages, with one
record kind at the top: `{"config": {"update": [{"key": "lr", "value_json": "0.1"}]}}`.
Enums are their names, timestamps `{"seconds": int, "nanos": int}`, maps dicts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

__version__: str

class NativeError(Exception):
    """A journal could not be read or written; the message names the file and the reason."""

@final
class Later:
    """Stands in a row for a fact of a file that is made when the row is drained."""

@final
class Writer:
    """This process's journal of one run: a ring, a drain thread and a file.

    Every method returns after copying into the ring; only `summary`, `flush` and `close`
    wait for the drain thread. Nothing here contacts another process.
    """

    def __new__(
        cls,
        folder: str,
        run_id: str,
        name: str | None = None,
        *,
        started_at: float | None = None,
        coerce: Callable[[str, Any, int], Any] | None = None,
        strict_steps: bool = False,
        shared: bool = False,
        ring_bytes: int = 4194304,
        console_ring_bytes: int = 1048576,
    ) -> Writer:
        """Open the journal of one writing process.

        Args:
            folder: The run's folder; it must exist.
            run_id: Names the owner's file, `run-<run_id>.wandb`.
            name: None for the owner (the process that called `init`), else the writer's
                name: the file is `writers/<name>.wandb`.
            started_at: Wall clock of the run's start, seconds since the epoch; now if None.
                Writers other than the owner read it from `control`.
            coerce: Called as `coerce(key, value, step)` for a value that is not None, bool,
                int, float, str, dict, list, tuple or a numpy scalar or small array, and for a
                list or tuple that begins with such a value; returns one of these, or raises. A
                list that it returns as it is is taken item by item. A value it cannot turn is
                left out of its row and told in `notices`. `key` is the innermost one.
            strict_steps: A step that went back raises ValueError instead of being kept.
            shared: Rows carry no `_step`; an explicit step is not used for the data.
            ring_bytes: Size of the ring of rows, a power of two.
            console_ring_bytes: Size of the ring of console text, a power of two.

        Raises:
            FileExistsError: The owner's journal exists already.
            OSError: The folder cannot be written.
        """

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> bool:
        """Keep one row, or a part of one, by the step and commit rules of `Run.log`.

        Returns:
            Whether `notices` has something to tell.

        Raises:
            TypeError: `data` is no mapping, a key is no str, `step` no integer, `commit` no bool.
            ValueError: `strict_steps` and the step went back.
            RuntimeError: The writer is closed.
        """

    def append(self, record: Mapping[str, Any]) -> None:
        """Keep one record of any kind but `history`, in order with the rows.

        Raises:
            ValueError: The record names an unknown kind or field, or a value of the wrong type.
        """

    def spill_pixels(
        self,
        pixels: bytes,
        size: tuple[int, int],
        channels: int,
        name: str,
        extension: str,
    ) -> tuple[Later, Later, Later] | None:
        """Lay the pixels of a row to come down, for a PNG file that is made when it is drained.

        Args:
            pixels: Row after row of 8-bit pixels from the top, without gaps.
            size: Width and height.
            channels: 1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGB and alpha.
            name: What the file's path below the run's files begins with; the digest follows.
            extension: What it ends with, the dot included.

        Returns:
            What the next row of this thread says of the file: its SHA-256 in hexadecimal, its size
            in bytes and its path. None where too much waits, or the disk refuses: then the caller
            makes the file.
        """

    def drop_pixels(self, later: Later) -> None:
        """Forget the pixels that this speaks of: no row will."""

    def print(self, stream: str, text: str) -> bool:
        """Keep console text; `stream` is "stdout" or "stderr". Returns as `log` does."""

    @property
    def step(self) -> int:
        """The step that the next row without a step will have, or that the open row has."""

    def start_at(self, step: int, runtime: float) -> None:
        """Count steps and time from where the run stands, since it was begun before.

        To be called by the owner, before the first row. Writers of other processes follow.
        """

    def leave_out(self, seconds: float) -> None:
        """Count the last `seconds` as no part of the run's time: nothing ran in them."""

    def summary(self) -> dict[str, Any]:
        """Catch up, then return the nested summary as this process sees it."""

    def history_tail(self, limit: int) -> dict[str, list[float]]:
        """Catch up, then return at most `limit` thinned numbers of each top-level numeric key."""

    def flush(self) -> None:
        """Wait until the ring is empty but for the open row."""

    def sync(self) -> None:
        """Flush, then fsync the journal."""

    def notices(self) -> list[tuple[str, dict[str, Any]]]:
        """Take what the user should be told, oldest first.

        Kinds: `step_back` {step, current}; `unencodable` {key, type, reason}; `large` {key, type,
        size_bytes}; `rows_lost` {count}; `disk` {reason}; `no_ring` {reason}.
        """

    def close(
        self, exit_code: int | None = None, *, runtime: float | None = None
    ) -> dict[str, Any]:
        """Seal the open row, write the summary and the exit record, sync, fold, clean up.

        Args:
            exit_code: What the exit record says; None writes no exit record.
            runtime: Seconds to record; the time since the start if None.

        Returns:
            `{"rows": int, "rows_lost": int, "path": str, "complete": bool, "reason": str,
            "recoverable": bool}`; `complete` is False when something could not be written, and
            `recoverable` says whether that waits in a file for `recover_folder`.
        """

    def abandon(self) -> None:
        """Let go of everything without writing: for the child of a fork."""

    @property
    def closed(self) -> bool:
        """Whether `close` or `abandon` was called."""

@final
class Tee:
    """Copies what is written to standard output and error to where it went before, and to runs.

    A thread that never takes the GIL reads the pipes, or pseudo-terminals where there were
    terminals, that take the descriptors' places. What it reads is kept first and shown then.
    Where both descriptors lead to one place they share a pipe, to keep what is written to them in
    order; it counts as standard output.
    """

    def __new__(cls) -> Tee:
        """Put it in place; a stream that is closed is left alone.

        Raises:
            OSError: What the system says; the streams are as they were.
        """

    def listen(self, writer: Writer) -> None:
        """Let a run have what is written from now on."""

    def leave(self, writer: Writer, patience_secs: float) -> int:
        """Let a run have nothing more, once what was written before has arrived.

        Returns:
            How many runs are left.
        """

    def stop(self) -> bool:
        """Put the streams back, unless they were led elsewhere since.

        Returns:
            Whether nobody else holds the pipes: as long as another process does, what it writes
            goes on to where it should while this one lives.
        """

    def resize(self) -> None:
        """Pass the terminal's size on; it also goes along with each text."""

    @property
    def streams(self) -> list[tuple[str, int, int]]:
        """Of each pipe: its stream's name, the descriptor that is read, and where it led before."""

    def abandon(self) -> None:
        """Let go of the parent's descriptors: for the child of a fork, which goes on writing."""

@final
class Snapshot:
    """Everything a run's folder held at one instant, all writers merged by time."""

    @property
    def state(self) -> str:
        """`running`, `finished`, `failed`, or `crashed` (no exit record and no process alive)."""

    @property
    def exit_code(self) -> int | None: ...
    @property
    def warnings(self) -> list[str]:
        """What was damaged and left out, one sentence each."""

    @property
    def rows(self) -> int:
        """Number of history rows."""

    def history(
        self,
        keys: Sequence[str] | None = None,
        *,
        min_step: int | None = None,
        max_step: int | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Rows as nested dicts, in order of writing; with `keys`, rows that have all of them."""

    def summary(self) -> dict[str, Any]:
        """The nested summary: explicit writes and metric rules applied in order."""

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Decoded records, all or of one kind (`config`, `output_raw`, `run`, …)."""

@final
class HistoryStore:
    """Lines of runs, taken in exactly once, readable at once, durable when it says so.

    Scopes are sequences of `(run, attempt, last_step)`, see `ferrule.ports.history.Span`; streams
    are numbers, 0 for history and 1 for events. Every call about a run needs `open_run` first and
    raises ValueError without it. Methods let go of the GIL and may be called from any thread.
    """

    def __new__(
        cls,
        folder: str,
        manifest: bytes | None = None,
        *,
        sync_ms: float = 5.0,
        seal_bytes: int = 67108864,
        backlog_bytes: int = 268435456,
    ) -> HistoryStore:
        """Open a folder and read back what its log has beyond the last checkpoint.

        Args:
            folder: It must exist.
            manifest: That of the last checkpoint that was committed.
            sync_ms: Under load, the log is synced at most once in so many milliseconds.
            seal_bytes: A file of the log is closed when it is this long.
            backlog_bytes: When more than this waits to be written, requests are refused.

        Raises:
            OSError: The folder can't be read or written.
            ValueError: Another process has it open.
            NativeError: It was written by a newer version, or is damaged.
        """

    def open_run(self, run: int, project: int, state: bytes | None = None) -> None:
        """Make a run known, with the state of its last checkpoint; again is harmless."""

    def is_open(self, run: int) -> bool:
        """Tell whether `open_run` was called for a run since the store was opened."""

    def accept(
        self, run: int, attempt: int, writer: str, body: bytes, received_at: float
    ) -> dict[str, Any]:
        """Take in one request; readable at once, durable when `durable_seq` has reached its `seq`.

        Returns:
            `{"seq": int}` and the fields of `ferrule.ports.history.Receipt`.

        Raises:
            ValueError: The body can't be read, and nothing is kept.
            BlockingIOError: Too much waits to be written; the same request may come again.
            RuntimeError: The store is closed.
        """

    def durable_fd(self) -> int:
        """Return an eventfd that becomes readable after each group sync or failure.

        It belongs to the store, which never closes it before it is itself let go.
        """

    def durable_seq(self) -> int:
        """Return up to where everything is on disk."""

    def failing(self) -> str | None:
        """Return why the log can't be written at the moment; it keeps trying."""

    def warnings(self) -> list[str]:
        """Return what was found damaged when the store was opened, one sentence each."""

    def line_counts(self, run: int, attempt: int, writer: str) -> tuple[int, int, int]:
        """Return for history, events and console the line number after the last one received."""

    def facts(self, run: int) -> dict[str, Any] | None:
        """Return the fields of `RunFacts`, None if nothing came since the last checkpoint."""

    def recovered(self) -> list[dict[str, Any]]:
        """Return the facts of all runs found in the log when the store was opened."""

    def last_step(self, scope: Sequence[tuple[int, int, int]]) -> int:
        """Return the highest step, -1 without rows."""

    def last_step_at_hand(self, scope: Sequence[tuple[int, int, int]]) -> int | None:
        """Return the same at once, None if something has to be read to tell."""

    def row_count(self, scope: Sequence[tuple[int, int, int]], stream: int) -> int:
        """Count rows."""

    def row_count_at_hand(self, scope: Sequence[tuple[int, int, int]], stream: int) -> int | None:
        """Count rows at once, None if something has to be read to tell."""

    def keys(self, scope: Sequence[tuple[int, int, int]], stream: int) -> list[dict[str, Any]]:
        """Return the fields of `KeyFacts` of each key, by name."""

    def rows(
        self,
        scope: Sequence[tuple[int, int, int]],
        stream: int,
        keys: Sequence[str] | None,
        min_step: int,
        max_step: int,
        limit: int | None,
        thin: bool,
    ) -> list[str]:
        """Return rows as JSON text, see `ferrule.ports.history.History.rows`."""

    def series(
        self,
        scope: Sequence[tuple[int, int, int]],
        stream: int,
        key: str,
        x: str,
        x_min: float | None,
        x_max: float | None,
        buckets: int,
    ) -> tuple[tuple[str, ...], int, int, bytes]:
        """Return columns, length, points and data of `ferrule.ports.history.SeriesBlock`.

        Raises:
            ValueError: The number of buckets is out of range.
        """

    def missing_lines(self, run: int, attempt: int = 0, writer: str = "") -> int:
        """Return how many history lines are missing between those that have come.

        Raises:
            ValueError: The run is not open.
        """

    def console_count(self, scope: Sequence[tuple[int, int, int]]) -> int:
        """Return how many console lines a scope shows."""

    def console(
        self, scope: Sequence[tuple[int, int, int]], first: int, limit: int
    ) -> list[tuple[int, str]]:
        """Return console lines as (number, text) from a position on, counted from 0."""

    def aside(self, scope: Sequence[tuple[int, int, int]], limit: int) -> list[tuple[str, str]]:
        """Return lines that were kept aside, as (file, text)."""

    def log_bytes(self) -> int:
        """Return how many bytes of requests came since the last compaction.

        All of them are in memory, too, so a compaction is due when they are many.
        """

    def compact(self) -> dict[str, Any] | None:
        """Write what is in the log to files at rest; None when there is nothing to do.

        Returns:
            `{"manifest": bytes, "runs": {run: bytes}, "facts": [RunFacts' fields], "warnings":
            [str], "token": int}`, to be kept in one transaction before `committed`. A checkpoint
            that was never committed is replaced by the next one. Warnings say what could not be
            merged and was left as it is.

        Raises:
            OSError: A file can't be written; nothing is lost, and the next one tries again.
            ValueError: A run that the log has was neither opened nor forgotten.
        """

    def committed(self, token: int) -> None:
        """Let go of what a checkpoint replaces: its transaction has been committed.

        Raises:
            ValueError: It is not the last checkpoint, or was committed before.
        """

    def forget_run(self, run: int) -> None:
        """Erase a run's rows at the next compactions; it is not open any more."""

    def close(self) -> None:
        """Make durable what waits, and take in nothing more. Reading stays possible.

        Raises:
            BlockingIOError: Something could not be made durable; it was never acknowledged.
        """

def bin_uniform(values: Any, bins: int) -> tuple[list[int], list[float]] | None:
    """Count numbers between their smallest and greatest, as `numpy.histogram` does, bit for bit.

    The GIL is let go of.

    Args:
        values: A numpy array of float64 or whole numbers in native order, without gaps in memory.
            It is read where it lies. (float32 is taken as well, and gets edges of float64, which
            are not numpy's.)
        bins: How many.

    Returns:
        Counts, and edges, one more. None where numpy has to decide: there are no numbers, one is
        not finite, they are too close to each other for their precision, or there are more than
        4096 bins.

    Raises:
        TypeError: This is no numpy array, or its numbers are of another type.
        ValueError: The array has gaps or is not aligned.
    """

def bin_between(values: Any, edges: list[float], open: bool) -> list[int] | None:
    """Count numbers between edges that numpy made, as `numpy.histogram` does.

    The GIL is let go of.

    Args:
        values: As for `bin_uniform`; of float32, too.
        edges: All edges, in nearly equal steps.
        open: Whether numbers may be NaN or lie outside the edges. They are not counted.

    Returns:
        Counts; None where numpy has to decide, as for `bin_uniform`.

    Raises:
        TypeError: This is no numpy array, or its numbers are of another type.
        ValueError: The array has gaps or is not aligned.
    """

def encode_png(pixels: bytes, width: int, height: int, channels: int) -> bytes:
    """Make a PNG file of pixels. The GIL is let go of.

    Args:
        pixels: Rows from the top, without gaps; a byte for each channel.
        width: Pixels of a row, at least 1.
        height: Rows, at least 1.
        channels: 1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGB and alpha.

    Raises:
        ValueError: The sizes do not go together, or there are other channels than these.
    """

def histogram(
    values: Any, bins: int = 64, range: tuple[float, float] | None = None
) -> tuple[list[int], list[float]] | None:
    """Count numbers into bins of equal width, as `torch.histc` does. The GIL is let go of.

    Args:
        values: A numpy array of float32 or float64 in native order, without gaps in memory. It is
            read where it lies; NaN and infinities are left out.
        bins: How many, 1 to 4096.
        range: The first and the last edge; the smallest and the largest number by default. What
            lies outside is not counted.

    Returns:
        Counts, and edges, one more. If both ends of the range are equal, there is one bin. None if
        no range is given and no number is finite.

    Raises:
        TypeError: This is no numpy array, or its numbers are of another type.
        ValueError: The array has gaps or is not aligned; the range is not finite or not in order;
            or the number of bins is out of range.
    """

def read_folder(folder: str) -> Snapshot:
    """Read a run's folder, ours or a released client's, while it is written or after.

    Raises:
        FileNotFoundError: There is no journal in it.
        NativeError: Its journal is no `.wandb` file. An empty one, of a process that died before it
            wrote anything, reads as a run without records, with a warning.
    """

def read_journal(path: str) -> Snapshot:
    """Read one `.wandb` file up to the first incomplete record."""

@final
class SummaryFold:
    """The summary of a run, from its records in order; `JournalTail` feeds it."""

    def __new__(cls) -> SummaryFold: ...
    def take(self, record: Mapping[str, Any]) -> None:
        """Take in a record that stands in no journal.

        Raises:
            ValueError: The record names an unknown kind or field, or a value of the wrong type.
        """

    def text(self) -> str:
        """Return the nested summary as JSON; NaN and infinities stand bare."""

@final
class StepBase:
    """What is added to steps and run times of rows that were counted from 0.

    They belong to a run that goes on, and whose process had not heard where it stands. Nothing is
    added behind a record of the run that says where it stands.
    """

    def __new__(cls, step: int, runtime: float) -> StepBase: ...

@final
class JournalTail:
    """Reads a journal while it is written, ours or a released client's.

    It stops at the first incomplete record, and goes on there the next time. A file that a
    recovery cuts grows again to the same bytes, so offsets stay true.
    """

    def __new__(
        cls,
        path: str,
        offset: int = 0,
        *,
        fold: SummaryFold | None = None,
        kinds: Sequence[str] | None = None,
        base: StepBase | None = None,
    ) -> JournalTail:
        """Start at the end of a record.

        Args:
            path: The journal; it need not exist yet.
            offset: Where to begin: 0, or an offset that an earlier read returned.
            fold: Takes in everything that is read.
            kinds: The only kinds of records to return.
            base: Added to the rows; shared by all journals of a run, the owner's read first.
        """

    def read(self, max_bytes: int) -> list[tuple[str, Any, int]]:
        """Return whole records of about `max_bytes` as `(kind, payload, end_offset)`.

        The payload of `history` is `(step, line)`: the row's step or None, and the row as JSON
        text as servers take it, nested values nested. Others are dicts; `unknown` has no content.

        Raises:
            NativeError: This is no journal.
            OSError: It can't be read.
        """

    @property
    def offset(self) -> int:
        """The end of the last whole record that was read."""

    @property
    def stopped(self) -> str:
        """Why the last read returned no more: `end`, `incomplete` or `damaged`."""

    def skip_damage(self) -> None:
        """Pass over damage: go on at the next block."""

def recover_folder(folder: str, *, sent: bool = False) -> dict[str, Any] | None:
    """Finish what a killed process left: drain its rings, seal open rows, fold its writers.

    Args:
        folder: The run's folder.
        sent: Fold the writers of a run that is being sent, too: everything was delivered, so
            nobody needs the places at which records lie any more.

    Returns:
        None when there is nothing to do (no leftovers, or a writer lives), else
        `{"rows": int, "writers": int}`. Safe to call at any time and from many processes.
    """

def encode_record(record: Mapping[str, Any]) -> bytes:
    """Encode one record as it stands in a journal, without framing."""

def decode_record(payload: bytes) -> dict[str, Any]:
    """Decode one record; unknown fields are left out."""

@final
class CellKinds:
    """Tells kinds of cells of tables, as numbers whose bits are one kind each.

    1 is None, and NaN where it is Python's own float; 2 a boolean, 4 a number, 8 text, 64 text
    that stands for an artifact. Other types are asked for once.
    """

    def __new__(cls, classify: Callable[[type], int]) -> CellKinds:
        """Make one that asks `classify` for the kind of the values of a class."""

    def columns(self, rows: list[Any], width: int) -> tuple[list[list[Any]], bytes, int | None]:
        """Turn rows into columns, and tell the kinds of each.

        Returns:
            The columns; for each, the kinds of all its cells together; and the first row that
            has not `width` cells, where the columns end, or None.

        Raises:
            TypeError: A row can't be iterated over.
        """

    def items(self, items: list[Any]) -> int:
        """Return the kinds of a list's items together."""

    def column(self, rows: list[Any], place: int) -> int:
        """Return the kinds together of the cells that rows have at one place.

        Raises:
            IndexError: A row has no such place.
        """

    def misfits(self, row: tuple[Any, ...], allowed: bytes) -> list[int] | None:
        """Return the places of a row whose kind is not among those allowed; None if all are."""

def table_rows_json(
    rows: list[Any],
    head: bytes,
    tail: bytes,
    convert: Callable[[Any], bytes],
    nan_is_null: bool,
) -> bytes:
    """Return the text of a table's file: a head, rows as Python's `json` writes them, a tail.

    Args:
        rows: Lists of cells; other iterables do.
        head: What comes before the rows.
        tail: What comes behind them.
        convert: Gives the JSON of a cell that is not None, a bool, a number or text, a scalar or
            an array of numpy's, or a list or tuple of these.
        nan_is_null: Write null for a NaN. Scalars of numpy's but float64 do so in any case.

    Raises:
        TypeError: `convert` does not return bytes. What it raises is passed on.
    """

def table_columns_json(
    columns: list[Any],
    stretch: tuple[int, int],
    head: bytes,
    tail: bytes,
    convert: Callable[[Any], bytes],
    nan_is_null: bool,
) -> bytes:
    """Return the same text for columns; the GIL is free meanwhile if all of them are arrays.

    Args:
        columns: Lists, or arrays of numpy's: contiguous, of float64, float32, int64, uint64 or
            bool. A NaN of float32 is null.
        stretch: The first row, and the one behind the last.
        head: As in `table_rows_json`.
        tail: As there.
        convert: As there, for cells of lists.
        nan_is_null: As there.

    Raises:
        TypeError: A column is neither, or of another type.
        ValueError: A column has fewer rows, gaps, or more axes than one.
    """

def parquet_table(
    content: bytes, *, most_cells: int, most_bytes: int
) -> tuple[list[str], list[bytes]]:
    """Read a Parquet file of whatever writer: the names of its columns, and their cells as JSON.

    Numbers, booleans and text are as in JSON, decimals too; dates, times of day and moments are
    text that is in order as it is; structs, lists and maps are objects and lists. NaN and
    infinities are the words "NaN", "Infinity" and "-Infinity".

    Args:
        content: The whole file.
        most_cells: How many cells it may have; items of lists in cells count too.
        most_bytes: How many bytes of JSON may come of it.

    Returns:
        Names, and of each column a list of its cells.

    Raises:
        ValueError: It is no Parquet file, is damaged, or is packed or coded in a way that isn't
            read; the message goes on from the file's name.
        OverflowError: There is more in it.
    """

def crc32c(content: bytes) -> int:
    """Return the CRC-32C of some bytes, as other programs' files are framed with it."""

def digest_files(paths: Sequence[str]) -> list[tuple[str, str, int]]:
    """Return MD5 and SHA-256, in hexadecimal, and size of files, in their order.

    Each is read once, several at a time, and the GIL is free meanwhile.

    Raises:
        OSError: One of them can't be read; the first that can't is named.
    """

def write_requirements(search_paths: Sequence[str], target: str) -> int:
    """Write `name==version` lines of the distributions found; returns how many. Frees the GIL."""

@final
class Pattern:
    """A regular expression whose search takes time that grows with the text alone.

    It reads what Python's `re` reads but for looking around and back references; some rare
    escapes differ. Lone surrogates, in patterns and in texts, stand for U+FFFD.
    """

    def __new__(cls, pattern: str) -> Pattern:
        """Compile a pattern.

        Raises:
            ValueError: It can't be read, is too large, or can't be searched for in such time.
        """

    def search(self, text: str) -> bool:
        """Tell whether it matches anywhere in a text."""
