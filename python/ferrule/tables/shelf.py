"""Tables that were read, kept as long as there is room for them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import anyio
from anyio.to_thread import run_sync

from ferrule.errors import TooLarge
from ferrule.tables.frame import Frame
from ferrule.tables.reading import read_table

T = TypeVar("T")

# What a cell takes in memory, beside the text that it was read from.
CELL_BYTES = 48


class TableSource(Protocol):
    """A file that holds a table, wherever it lies: of a run, or an entry of an artifact."""

    @property
    def name(self) -> str:
        """The file's name, which tells its format."""

    @property
    def digest(self) -> str:
        """What its content is known by."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    async def read(self) -> bytes:
        """Return all of it."""


class TableShelf:
    """Reads tables in threads, each once at a time, and forgets those not asked for longest.

    Args:
        file_bytes: The largest file that is read; kept as `file_bytes`.
        max_cells: The most cells a table may have; kept as `max_cells`.
        kept_bytes: How much memory tables may take together; one is kept in any case.
        threads: How many questions are worked on at a time.
    """

    def __init__(
        self, *, file_bytes: int, max_cells: int, kept_bytes: int, threads: int = 2
    ) -> None:
        self.max_cells = max_cells
        self.file_bytes = file_bytes
        self._kept_bytes = kept_bytes
        self._threads = threads
        self._frames: OrderedDict[tuple[str, str], Frame] = OrderedDict()
        self._reading: dict[tuple[str, str], anyio.Lock] = {}
        self._limiter: anyio.CapacityLimiter | None = None

    async def get(self, source: TableSource) -> Frame:
        """Return the table of a file.

        Raises:
            BadInput: The file holds none.
            TooLarge: The file, or its table, is larger than is read.
        """
        if source.size > self.file_bytes:
            raise TooLarge(
                f"The table's file has {source.size} bytes; at most {self.file_bytes} are read. "
                "Whoever runs the server can raise `FERRULE_TABLE_BYTES`."
            )
        # The format hangs on the name, so that one content under two names is two tables.
        key = (source.digest, source.name.rpartition(".")[2])
        return await self.made(key, lambda: self._read(source))

    async def made(self, key: tuple[str, str], make: Callable[[], Awaitable[Frame]]) -> Frame:
        """Return the table of a key, which is made if it isn't kept.

        Args:
            key: Names it among all tables; what a key stands for never changes.
            make: Makes it; called by one at a time. It may ask for tables of other keys.
        """
        lock = self._reading.setdefault(key, anyio.Lock())
        async with lock:
            try:
                return self._kept(key) or self._keep(key, await make())
            finally:
                if not lock.statistics().tasks_waiting:
                    del self._reading[key]

    def _kept(self, key: tuple[str, str]) -> Frame | None:
        if key in self._frames:
            self._frames.move_to_end(key)
        return self._frames.get(key)

    async def _read(self, source: TableSource) -> Frame:
        body = await source.read()
        return await self.work(lambda: read_table(source.name, body, max_cells=self.max_cells))

    def _keep(self, key: tuple[str, str], frame: Frame) -> Frame:
        self._frames[key] = frame
        while len(self._frames) > 1 and sum(map(_weight, self._frames.values())) > self._kept_bytes:
            self._frames.popitem(last=False)
        return frame

    async def work(self, job: Callable[[], T]) -> T:
        """Do something with tables in one of the shelf's threads."""
        if self._limiter is None:
            # Made on the loop that it is used on.
            self._limiter = anyio.CapacityLimiter(self._threads)
        return await run_sync(job, limiter=self._limiter)


def _weight(frame: Frame) -> int:
    return frame.bytes + CELL_BYTES * frame.rows * len(frame.columns)
