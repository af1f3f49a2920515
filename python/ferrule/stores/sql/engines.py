"""Databases: SQLite in the data folder, with one writer and group commit.

SQLite takes one writer at a time and waits for the disk at each commit. So all writes go through
one thread, and those that wait while it commits share the next transaction, with a savepoint for
each: one that fails takes nothing of its neighbours along, unless it was the file that failed.
Reads have threads of their own, and in WAL mode wait for nobody.

On a network file system shared memory can't be trusted (and WAL needs it): there the journal is a
plain one, the file is locked for good, and reads go through the writer's connection.
"""

import asyncio
import logging
import queue
import re
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from ferrule.errors import BusyError
from ferrule.stores.sql.filters import matches

log = logging.getLogger(__name__)

T = TypeVar("T")

_READERS = 3
_MOST_IN_ONE_COMMIT = 256
_BUSY_SECS = 10.0


class Database(Protocol):
    """Runs pieces of work over a connection.

    A piece is a plain function; it may be slow, for it is called in a thread. What it raises goes
    to its caller, and what it wrote is then undone.
    """

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a piece that only reads, on one snapshot."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a piece that writes; it is durable when this returns.

        Raises:
            BusyError: The disk takes nothing, or another process holds the database.
        """

    def close(self) -> None:
        """Let what waits finish, and let go of files and threads."""


class _Job(Generic[T]):
    """A piece of work, and who waits for it."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.future: Future[T] = Future()

    def settle(self, outcome: "T | BaseException") -> None:
        """Hand the outcome over, if none was yet."""
        if self.future.done():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class SqliteDatabase:
    """A SQLite file."""

    def __init__(self, path: Path, *, network: bool | None = None) -> None:
        """Open a file, made if it is not there, and start its threads.

        Args:
            path: The file.
            network: Whether it lies on a network file system; None to find out.
        """
        self._network = on_network(path.parent) if network is None else network
        if self._network:
            log.warning(
                "The database lies on a network file system, where one process at a time can use "
                "it and all is slower. Put the data folder on a local disk if you can: %s",
                path,
            )
        self.engine = sqlite_engine(path, network=self._network)
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="sql-writer", daemon=True)
        self._mine = threading.local()
        self._opened: list[Connection] = []
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sql-reader")
        self._closed = False
        self._writer.start()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run a piece that only reads, on one snapshot."""
        if self._network:
            return await self.write(work)
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, self._read_here, work
        )

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run a piece that writes; it is durable when this returns."""
        if self._closed:
            raise BusyError("The server is stopping; nothing was changed. Try again.")
        job = _Job(work)
        self._jobs.put(job)
        return await asyncio.wrap_future(job.future)

    def close(self) -> None:
        """Let what waits finish, and let go of files and threads."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        for connection in self._opened:
            connection.close()
        self.engine.dispose()

    def _read_here(self, work: Callable[[Connection], T]) -> T:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self.engine.connect()
            self._opened.append(connection)
        _say(connection, "BEGIN")
        try:
            return work(connection)
        finally:
            _say(connection, "COMMIT")

    def _write_all(self) -> None:
        batch = self._next_batch()
        while batch:
            try:
                with self.engine.connect() as connection:
                    while batch and _commit(connection, batch):
                        batch = self._next_batch()
            except Exception as err:  # noqa: BLE001 - whoever waits must hear of it
                _settle(batch, [_explained(err)] * len(batch))
            # The connection is gone, and the next batch gets a new one.
            batch = batch and self._next_batch()

    def _next_batch(self) -> list[_Job[Any]]:
        """Wait for a job, and take those that wait behind it; none at the end."""
        job = self._jobs.get()
        batch: list[_Job[Any]] = []
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                batch.append(job)
            if batch and (len(batch) == _MOST_IN_ONE_COMMIT or self._jobs.empty()):
                return batch
            job = self._jobs.get()
        self._jobs.put(None)
        return batch


def _commit(connection: Connection, batch: list[_Job[Any]]) -> bool:
    """Run a batch in one transaction, and tell everyone how it ended.

    Returns:
        Whether the connection can be used again.
    """
    usable = True
    try:
        _say(connection, "BEGIN IMMEDIATE")
        outcomes = [_attempt(connection, job) for job in batch]
        _say(connection, "COMMIT")
    except Exception as err:  # noqa: BLE001 - whatever it is, everyone who waits must hear of it
        usable = _rolled_back(connection)
        outcomes = [_explained(err)] * len(batch)
    _settle(batch, outcomes)
    return usable


def _settle(batch: list[_Job[Any]], outcomes: list[Any]) -> None:
    for job, outcome in zip(batch, outcomes, strict=True):
        job.settle(outcome)


def _attempt(connection: Connection, job: _Job[Any]) -> Any:
    """Run one job of a batch; undo it alone if it fails."""
    _say(connection, "SAVEPOINT job")
    try:
        outcome = job.work(connection)
    except (OperationalError, sqlite3.OperationalError):
        # The disk or the file, not the job: the whole transaction is in doubt.
        raise
    except Exception as err:  # noqa: BLE001 - it belongs to the job's caller
        _say(connection, "ROLLBACK TO job")
        outcome = err
    _say(connection, "RELEASE job")
    return outcome


def _say(connection: Connection, statement: str) -> None:
    # Past SQLAlchemy, which takes ten times as long for a statement without parameters.
    _driver(connection).execute(statement).close()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _rolled_back(connection: Connection) -> bool:
    # SQLite has rolled back by itself after some failures, a full disk among them.
    try:
        if _driver(connection).in_transaction:
            _say(connection, "ROLLBACK")
    except sqlite3.Error as err:
        log.error("A transaction could not be undone; the file is opened anew: %s", err)
        return False
    return True


def _explained(err: Exception) -> Exception:
    if not isinstance(err, (DBAPIError, sqlite3.Error)):
        return err
    log.error("A transaction failed and was undone: %s", getattr(err, "orig", err))
    busy = BusyError(
        "The server could not write to its database; nothing was changed. Try again.",
        retry_after_secs=2,
    )
    busy.__cause__ = err
    return busy


def sqlite_engine(path: Path, *, network: bool = False) -> Engine:
    """Return an engine whose connections leave transactions to whoever uses them."""
    engine = create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_SECS, "check_same_thread": False},
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in _NETWORK_PRAGMAS if network else _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        connection.create_function("regexp", 2, matches, deterministic=True)

    event.listen(engine, "connect", prepare)
    return engine


# SQLite alone passes over the case of letters.
_LIKE = "case_sensitive_like=ON"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16384", _LIKE)
_NETWORK_PRAGMAS = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=DELETE",
    "mmap_size=0",
    "synchronous=FULL",
    "foreign_keys=ON",
    _LIKE,
)

_NETWORK_KINDS = re.compile(
    "9p|afs|beegfs|ceph|cifs|glusterfs|gpfs|lustre|ncpfs|nfs4?|pvfs2|smb3|smbfs|wekafs"
)
_LOCAL_FUSE = frozenset(("fuse.fuse-overlayfs", "fuse.lxcfs", "fuseblk"))


def on_network(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Tell whether a folder lies on a network file system, as far as the system says."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return False
    where = str(folder.resolve())
    best, kind = "", ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = before.split()[4].encode().decode("unicode_escape")
        inside = point == "/" or where == point or where.startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    return bool(_NETWORK_KINDS.fullmatch(kind)) or (
        kind.startswith("fuse") and kind not in _LOCAL_FUSE
    )
