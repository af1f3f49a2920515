"""Folders of TensorBoard's event files, made into runs that `wandb sync` sends.

Such a run's folder remembers how far each event file was read. What comes later is appended, so
that a second sync of files that grew sends what is new, under the same run.
"""

from __future__ import annotations

import heapq
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from errno import EWOULDBLOCK
from typing import Any

from wandb._base.ids import generate_id
from wandb._base.jsonable import json_text
from wandb._service.eventfiles import EventFile, event_files_below, namespace_of
from wandb._service.folderlock import FolderLock
from wandb._service.journalfile import JournalFile
from wandb._service.logic.eventrows import EventRows, Row, left_out_sentence
from wandb._wire.journal import files_record, header_record, telemetry_fields, timestamp
from wandb._wire.tfevents import Event

__all__ = ("EventRun", "Progress", "find_event_run", "has_event_files")

_MEMORY = "tensorboard.json"
_VERSION = 1
# No event was written later than this: the last second of the year 9999.
_LATEST_SECS = 253_402_300_799.0
_ALL_BATCHES_BYTES, _LEAST_BATCH_BYTES = 8 << 20, 4 << 10
_MOST_RUNTIME_SECS = (1 << 31) - 1
Progress = Callable[[int, int], None]


def _unheard(done: int, total: int) -> None:
    """Hear of progress, and do nothing."""


def has_event_files(path: str) -> bool:
    """Whether a path means event files, at it or below."""
    return bool(event_files_below(path))


@dataclass(slots=True)
class _Memory:
    """What a run's folder knows of the event files that it was made from.

    Attributes:
        source: The path that was given, absolute.
        root: Where names began when the first row was made: rows that come later go by it, too.
        files: How far each file was read.
        rows: Rows that were made.
        began_at: The first event's time.
        journal_bytes: The journal's end; what lies behind it was not finished.
    """

    run_id: str
    source: str
    root: str = ""
    files: dict[str, int] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    top: int = 0
    rows: int = 0
    began_at: float | None = None
    journal_bytes: int = 0


class EventRun:
    """A run made from event files.

    Attributes:
        folder: The run's folder.
        run_id: The run's id.
        notices: What was left out or can't be read, one sentence each.
    """

    def __init__(self, folder: str, memory: _Memory) -> None:
        self.folder, self._memory = folder, memory
        self.notices: list[str] = []
        self._left_out: dict[str, int] = {}
        self._runtime_secs = 0.0

    @property
    def run_id(self) -> str:
        return self._memory.run_id

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to send."""
        return self._memory.rows > 0

    def take_in(self, progress: Progress = _unheard) -> int:
        """Append what is new in the event files to the run's journal; return how many rows.

        Args:
            progress: Called now and then with the bytes read and the bytes there.

        Raises:
            OSError: The run's folder can't be written, or another process is at it; the next time
                begins where the last ended.
        """
        if not os.path.isdir(self.folder) and not self._finds_rows():
            return 0  # and no run is made of nothing
        os.makedirs(os.path.join(self.folder, "files"), exist_ok=True)
        with _locked(self.folder):
            self._reload()
            if not self._memory.journal_bytes:
                self._memory.root = self._root()
                # Whoever comes after a death here finds the folder and begins it anew.
                self._save()
            return self._append_new(progress)

    def _append_new(self, progress: Progress) -> int:
        memory = self._memory
        memory.root = memory.root or self._root()
        files = self._files()
        gathered = EventRows(dict(memory.steps), memory.top)
        journal = JournalFile(self._journal, memory.journal_bytes)
        before = memory.rows
        try:
            for event_row in _rows(self._events(files, progress), gathered):
                if memory.began_at is None:
                    memory.began_at = _time(event_row)
                if not memory.rows:
                    self._open(journal)
                journal.append(self._history(event_row))
                memory.rows += 1
            if memory.rows == before:
                self._note(files)
                return 0
            for record in self._linked(files):
                journal.append(record)
            journal.append({"exit": {"exit_code": 0, "runtime": self._whole_secs}})
            memory.journal_bytes = journal.sync()
        finally:
            journal.close()
        memory.files = {file.path: file.offset for file in files}
        memory.steps, memory.top = gathered.steps, gathered.top
        self._save()
        self._note(files)
        return memory.rows - before

    def _finds_rows(self) -> bool:
        self._memory.root = self._root()
        files = self._files()
        if next(_rows(self._events(files), EventRows()), None) is not None:
            self._left_out.clear()
            return True
        self._note(files)
        return False

    # --- reading ------------------------------------------------------------------------------

    def _files(self) -> list[EventFile]:
        known, paths = self._memory.files, self._paths()
        # Of each folder a part is in memory: values are larger there than in the file.
        batch_bytes = max(_LEAST_BATCH_BYTES, _ALL_BATCHES_BYTES // max(len(paths), 1))
        return [EventFile(path, known.get(path, 0), batch_bytes) for path in paths]

    def _root(self) -> str:
        """Return where namespaces begin: above what all folders with event files share."""
        folders = [os.path.dirname(path) for path in self._paths()]
        # By letters, as the original: the folder above what is left of `runs/a1` and `runs/a2`.
        shared = os.path.commonprefix(folders)  # noqa: RUF071
        return os.path.dirname(shared)

    def _relative(self, path: str) -> str:
        """Return a path from the root, or from above the source for what came beside the root."""
        root = self._memory.root
        if not root or os.path.commonpath((path, root)) != root:
            root = os.path.dirname(self._memory.source)
        return namespace_of(path, root)

    def _paths(self) -> list[str]:
        return event_files_below(self._memory.source)

    def _events(
        self, files: list[EventFile], progress: Progress = _unheard
    ) -> Iterator[tuple[str, Event]]:
        """Yield all new events by their time, each with its folder's name."""
        total = sum(map(_size, files))
        by_folder: dict[str, list[EventFile]] = {}
        for file in files:
            by_folder.setdefault(self._relative(os.path.dirname(file.path)), []).append(file)
        streams = [_stream(namespace, of_it) for namespace, of_it in by_folder.items()]
        for count, (_, namespace, event) in enumerate(heapq.merge(*streams, key=_by_time)):
            for kind in event.left_out:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
            if count % 1024 == 0:
                progress(sum(file.offset for file in files), total)
            yield namespace, event

    def _note(self, files: list[EventFile]) -> None:
        if self._left_out:
            self.notices.append(left_out_sentence(self._left_out))
        self.notices += [f"{file.path}: {file.trouble}" for file in files if file.trouble]

    # --- writing ------------------------------------------------------------------------------

    @property
    def _journal(self) -> str:
        return os.path.join(self.folder, f"run-{self.run_id}.wandb")

    def _open(self, journal: JournalFile) -> None:
        journal.append(header_record())
        telemetry = telemetry_fields(python_version="", platform="", features=["tensorboard_sync"])
        began_at = self._memory.began_at or 0.0
        record = {
            "run_id": self.run_id,
            "config": {"update": []},
            "start_time": timestamp(began_at),
            "telemetry": telemetry,
        }
        journal.append({"run": record})

    def _history(self, row: Row) -> dict[str, Any]:
        began_at, step = self._memory.began_at or 0.0, self._memory.rows
        self._runtime_secs = max(0.0, _time(row) - began_at)
        own = {"_timestamp": _time(row), "_runtime": self._runtime_secs, "_step": step}
        told = {**row, **own}
        items = [{"nested_key": [key], "value_json": json_text(told[key])} for key in told]
        return {"history": {"item": items, "step": {"num": step}}}

    @property
    def _whole_secs(self) -> int:
        return min(int(self._runtime_secs), _MOST_RUNTIME_SECS)

    def _linked(self, files: list[EventFile]) -> Iterator[dict[str, Any]]:
        """Put links to the event files among the run's files; yield what announces them."""
        for file in files:
            name = self._relative(file.path)
            link = os.path.join(self.folder, "files", name)
            with suppress(FileExistsError):
                os.makedirs(os.path.dirname(link), exist_ok=True)
                os.symlink(file.path, link)
            yield files_record(name, policy="END")

    def _reload(self) -> None:
        """Take over what another process did with the folder meanwhile."""
        with suppress(*_NO_MEMORY):
            self._memory = _remembered(self.folder)

    def _save(self) -> None:
        path = os.path.join(self.folder, _MEMORY)
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump({**asdict(self._memory), "version": _VERSION}, file)
        os.replace(f"{path}.new", path)


def find_event_run(path: str, wandb_dir: str, run_id: str | None = None) -> EventRun:
    """Return the run that was made from event files before, or one that is to be made.

    Args:
        path: An event file, or a folder with some at it or below.
        wandb_dir: Where runs' folders lie.
        run_id: The id that it is to have.
    """
    source = os.path.realpath(path)
    for folder, memory in _known(wandb_dir):
        if memory.source == source and run_id in (None, memory.run_id):
            return EventRun(folder, memory)
    run_id = run_id or generate_id()
    stamp = time.strftime("%Y%m%d_%H%M%S")
    folder = os.path.join(os.path.realpath(wandb_dir), f"offline-run-{stamp}-{run_id}")
    return EventRun(folder, _Memory(run_id, source))


def _known(wandb_dir: str) -> Iterator[tuple[str, _Memory]]:
    """Yield the folders that were made from event files, the newest first."""
    try:
        names = sorted(os.listdir(wandb_dir), reverse=True)
    except OSError:
        return
    for name in names:
        folder = os.path.join(os.path.realpath(wandb_dir), name)
        with suppress(*_NO_MEMORY):
            yield folder, _remembered(folder)


# A file that is not there, or is none of ours.
_NO_MEMORY = (OSError, ValueError, KeyError, TypeError, AttributeError)


def _remembered(folder: str) -> _Memory:
    with open(os.path.join(folder, _MEMORY), encoding="utf-8") as file:
        content = json.load(file)
    if content.pop("version") != _VERSION:
        raise ValueError("a memory of another version")
    return _Memory(**content)


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    lock = FolderLock(folder)
    if not lock.take():
        raise BlockingIOError(EWOULDBLOCK, "another process is at this run", folder)
    try:
        yield
    finally:
        lock.release(for_good=False)


def _rows(events: Iterator[tuple[str, Event]], gathered: EventRows) -> Iterator[Row]:
    for namespace, event in events:
        if row := gathered.add(namespace, event):
            yield row
    if row := gathered.flush():
        yield row


def _stream(namespace: str, files: list[EventFile]) -> Iterator[tuple[float, str, Event]]:
    for file in files:
        for event in file.events():
            yield event.wall_time, namespace, event


def _by_time(one: tuple[float, str, Event]) -> float:
    return one[0] if math.isfinite(one[0]) else 0.0


def _time(row: Row) -> float:
    """Return when a row was written, as far as that may be."""
    secs = float(row["_timestamp"])
    return secs if 0.0 <= secs <= _LATEST_SECS else 0.0


def _size(file: EventFile) -> int:
    try:
        return os.stat(file.path).st_size
    except OSError:
        return 0
