"""Runs that somebody may still be writing, and how to begin to send one."""

from __future__ import annotations

import fcntl
import os
import time

from wandb._service.delivery import has_owner
from wandb._service.reader import records_of_kind
from wandb._service.syncstate import SyncState

__all__ = ("FRESH_SECS", "may_be_written", "save_before_reading")

# Released clients leave no trace of a living process but the growth of their journal: one that was
# written to within this time, as long as a server waits for a silent run, may go on.
FRESH_SECS = 300.0
_OURS = "+ferrule"


def may_be_written(state: SyncState) -> bool:
    """Whether a process may still write to a run.

    For runs of this package that is known, after `recover`. One of another client, if its journal
    has no end, may go on as long as that was written to within the last five minutes.
    """
    return has_owner(state.folder) or (_is_fresh(state) and not _is_ours(state))


def save_before_reading(state: SyncState) -> None:
    """Save a state that may be the folder's first.

    As long as it is there nobody folds the journals of the run's writers into one, which would
    make offsets in them meaningless. A fold that goes on at the moment is waited for.

    Raises:
        OSError: It can't be written.
    """
    handle = os.open(state.folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        state.save()
    finally:
        os.close(handle)


def _is_ours(state: SyncState) -> bool:
    for _, header in records_of_kind(state, "header"):
        return _OURS in str(header.get("version_info", {}).get("producer", ""))
    return False


def _is_fresh(state: SyncState) -> bool:
    try:
        written = os.stat(os.path.join(state.folder, f"run-{state.run_id}.wandb")).st_mtime
    except OSError:
        return False
    return abs(time.time() - written) < FRESH_SECS
