"""One run's folder, looked at and never touched: whether its process lives, what it says first."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from wandb._native import JournalTail, NativeError, recover_folder
from wandb._service.logic.standing import Standing
from wandb._service.syncstate import STATE_FILE, SyncState

__all__ = (
    "READ_ERRORS",
    "Head",
    "Life",
    "Mark",
    "finished_copy",
    "head_of",
    "life_of",
    "mark_of",
    "rows_in",
)

_HEAD_BYTES = 64 << 10
_COUNT_BYTES = 1 << 20
_CONTROL = "control"
# What a process keeps beside its journal while it lives.
_LEFT = ("ring-", "console-", "spill-", "carry-")
# What the service of an online run asks of whoever sends the run.
_OPTIONS: dict[str, type] = {
    "shared": bool,
    "writer_id": str,
    "x_label": str,
    "x_primary": bool,
    "x_update_finish_state": bool,
    "skip_console": bool,
}


class Life(Enum):
    """What is known of a run's process.

    `LIVES` and `DEAD` are certain: the process holds locks, or held them and finished nothing.
    `QUIET` says that nothing but the journal is there: the run is over, or a released client
    writes it.
    """

    LIVES = "lives"
    DEAD = "dead"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Mark:
    """By what one sees that a journal changed, or is another one."""

    inode: int
    size: int
    changed_at: float


@dataclass(frozen=True, slots=True)
class Head:
    """What a run's folder says of the run at its start.

    Attributes:
        run_id: The run's id.
        project: Its project.
        began_at: When it began, in seconds since 1970; None if that is not said.
        title: The name that a server gave it, "" if none is known.
        ours: This package writes it, and so keeps locks beside the journal while it does.
        options: What its process asked of whoever sends it.
        standing: Where it went on from, as a server has said, None if it did not.
    """

    run_id: str
    project: str
    began_at: float | None
    title: str
    ours: bool
    options: dict[str, Any]
    standing: dict[str, Any] | None = None


def mark_of(journal: str) -> Mark | None:
    """Return the mark of a journal, None if it is gone."""
    try:
        facts = os.stat(journal)
    except OSError:
        return None
    return Mark(facts.st_ino, facts.st_size, facts.st_mtime)


def life_of(folder: str) -> Life:
    """Tell whether the run's process lives, by the locks that it holds."""
    try:
        names = os.listdir(folder)
    except OSError:
        return Life.QUIET
    kept = [name for name in names if name == _CONTROL or name.startswith("ring-")]
    states = [_is_locked(os.path.join(folder, name)) for name in kept]
    if any(state is None for state in states):
        return Life.QUIET
    return (Life.LIVES if any(states) else Life.DEAD) if states else Life.QUIET


def _is_locked(path: str) -> bool | None:
    """Whether a process holds a file's lock; None where that can't be told."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        # Shared, and for an instant: it keeps nobody from writing.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(handle)
    return False


def head_of(folder: str, run_id: str) -> Head | None:
    """Read what a folder says of its run; None while nothing is there.

    Raises:
        OSError: It can't be read.
        NativeError: The journal is none.
    """
    tail = JournalTail(os.path.join(folder, f"run-{run_id}.wandb"), kinds=["header", "run"])
    records = {kind: record for kind, record, _ in reversed(tail.read(_HEAD_BYTES))}
    record = records.get("run")
    if record is None:
        return None
    producer = (records.get("header", {}).get("version_info") or {}).get("producer", "")
    start = record.get("start_time") or {}
    began = float(start.get("seconds", 0)) + float(start.get("nanos", 0)) / 1e9
    known = SyncState.load(folder)
    identity = known.identity if known is not None else None
    title = identity.display_name if identity is not None else None
    return Head(
        run_id=str(record.get("run_id") or run_id),
        project=str(record.get("project") or "uncategorized"),
        began_at=began or None,
        title=title if isinstance(title, str) else "",
        ours="+ferrule" in str(producer),
        options=_options(known),
        standing=_standing(known),
    )


def rows_in(journal: str) -> int:
    """Count the rows of a journal.

    Raises:
        OSError: It can't be read.
        NativeError: It is none.
    """
    tail, rows, before = JournalTail(journal, kinds=["history"]), 0, -1
    while tail.offset != before:
        before = tail.offset
        rows += len(tail.read(_COUNT_BYTES))
    return rows


def _standing(known: SyncState | None) -> dict[str, Any] | None:
    if known is None or not known.standing:
        return None
    try:
        return asdict(Standing(**known.standing))
    except TypeError:
        return None


def _options(known: SyncState | None) -> dict[str, Any]:
    given = known.options if known is not None and isinstance(known.options, dict) else {}
    return {name: given[name] for name, kind in _OPTIONS.items() if type(given.get(name)) is kind}


def finished_copy(folder: str, into: str) -> None:
    """Copy the journals of a dead run, and finish in the copy what its process left.

    Raises:
        OSError: It can't be copied.
        NativeError: What it left can't be understood.
    """
    shutil.rmtree(into, ignore_errors=True)
    os.makedirs(os.path.join(into, "writers"), mode=0o700)
    for name in os.listdir(folder):
        if name == _CONTROL or name.startswith(_LEFT) or _is_journal(name):
            _copy(os.path.join(folder, name), os.path.join(into, name))
    writers = os.path.join(folder, "writers")
    for name in os.listdir(writers) if os.path.isdir(writers) else ():
        _copy(os.path.join(writers, name), os.path.join(into, "writers", name))
    # Offsets of what was sent hold in each writer's own journal: they are not to be folded.
    with open(os.path.join(into, STATE_FILE), "w", encoding="utf-8"):
        pass
    recover_folder(into)


def _is_journal(name: str) -> bool:
    return name.startswith("run-") and name.endswith(".wandb")


def _copy(path: str, to: str) -> None:
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            shutil.copyfile(path, to)
    except FileNotFoundError:
        # Somebody else finishes the run at this moment.
        return


READ_ERRORS = (OSError, NativeError)
"""What reading a folder that anybody may have filled fails with."""
