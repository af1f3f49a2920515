"""TensorBoard's event files on disk: finding them, and following them while they are written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from wandb._wire.tfevents import (
    HEAD_BYTES,
    TAIL_BYTES,
    Damaged,
    Event,
    checked_length,
    checked_payload,
)

__all__ = ("EventFile", "event_files_at", "event_files_below", "is_of_process", "namespace_of")

_NAME = re.compile(r"tfevents\.(\d+)\.(.*)")
# Markers of the profiler and of SageMaker, which hold no events.
_NO_EVENTS = (".profile-empty", ".sagemaker-uploaded", ".tmp", ".v2.lock")
_DEEPEST = 32
_BATCH_BYTES = 1 << 20


def event_files_at(folder: str) -> list[str]:
    """List the event files in a folder, in the order in which they were begun."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if _may_hold_events(entry))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names]


def event_files_below(path: str) -> list[str]:
    """List the event files that a path means: itself, or all in a folder and below.

    Folders that begin with a dot and runs' own folders are passed over; links to folders are
    not followed.
    """
    if os.path.isfile(path):
        return [path] if "tfevents" in os.path.basename(path) else []
    found: list[str] = []
    for folder, below, names in os.walk(path):
        if any(name.startswith("run-") and name.endswith(".wandb") for name in names):
            below.clear()
            continue
        depth = os.path.relpath(folder, path).count(os.sep)
        below[:] = sorted(name for name in below if name[:1] != ".") if depth < _DEEPEST else []
        found += event_files_at(folder)
    return found


def namespace_of(folder: str, root: str) -> str:
    """Return what goes before the tags of a folder's events: its path from the root."""
    relative = os.path.relpath(folder, root)
    return "" if relative == os.curdir else relative.replace(os.sep, "/")


def is_of_process(path: str, *, host: str, since: float) -> bool:
    """Whether a file was begun on this host since a run began: folders keep those of earlier runs.

    Args:
        path: The file, named as TensorBoard names it: time and host.
        host: This machine's name.
        since: Seconds since the epoch.
    """
    found = _NAME.search(os.path.basename(path))
    if found is None:
        return False
    return int(found[1]) >= int(since) and found[2].startswith(host)


def _may_hold_events(entry: os.DirEntry[str]) -> bool:
    return "tfevents" in entry.name and not entry.name.endswith(_NO_EVENTS) and entry.is_file()


def _decoded(payload: bytes | None) -> Event | None:
    try:
        return None if payload is None else Event.decode(payload)
    except Damaged:
        return None


class EventFile:
    """Reads one file as far as whole records go; what is torn is waited for.

    Attributes:
        path: The file.
        offset: The end of the last record that was read.
        trouble: Why it stands still or what was passed over; None while all is well.
    """

    def __init__(self, path: str, offset: int = 0, batch_bytes: int = _BATCH_BYTES) -> None:
        self.path, self.offset = path, offset
        self._batch_bytes = batch_bytes
        self.trouble: str | None = None

    def events(self) -> Iterator[Event]:
        """Yield what is new, up to the end that the file has now.

        The offset is past an event as soon as that is given out.
        """
        try:
            end = os.stat(self.path).st_size
            while batch := self._batch(end):
                for past, event in batch:
                    self.offset = past
                    if event is None:
                        self.trouble = "a damaged record was passed over"
                    else:
                        yield event
        except OSError as err:
            self.trouble = f"it can't be read ({err.strerror})"

    def _batch(self, end: int) -> list[tuple[int, Event | None]]:
        """Read some records, with the end of each; the file is open no longer than that.

        Raises:
            OSError: It can't be read.
        """
        batch: list[tuple[int, Event | None]] = []
        past = self.offset
        with open(self.path, "rb") as file:
            file.seek(past)
            while past + HEAD_BYTES + TAIL_BYTES <= end and past < self.offset + self._batch_bytes:
                try:
                    length = checked_length(file.read(HEAD_BYTES))
                except Damaged as err:
                    # Nothing says where the next record begins.
                    self.trouble = f"it can't be read from byte {past} on: {err}"
                    break
                past += HEAD_BYTES + length + TAIL_BYTES
                payload = checked_payload(file.read(length + TAIL_BYTES)) if past <= end else None
                if payload is None and past >= end:
                    break  # the last one may not be whole yet
                batch.append((past, _decoded(payload)))
        return batch
