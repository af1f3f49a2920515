"""Folders of earlier processes of a run, which are to be delivered before it goes on.

Where the run stands is known only once the server has what they left; and what came later would
be taken for rows of the process that goes on.
"""

from __future__ import annotations

import os

from wandb._service.syncstate import SyncState

__all__ = ("earlier_folders",)


def earlier_folders(state: SyncState) -> list[str]:
    """List older folders beside a run's own that hold something of it to deliver, oldest first."""
    beside, own = os.path.split(os.path.realpath(state.folder))
    try:
        names = sorted(filter(_age, os.listdir(beside)), key=_age)
    except OSError:
        return []
    # Never a younger one: of two that are left, each would wait for the other. States are large
    # where configs are, and there may be thousands: only of folders that are called after the run.
    older = (
        os.path.join(beside, name)
        for name in names
        if state.run_id in name and _age(name) < _age(own)
    )
    return [folder for folder in older if _waits(folder, state)]


def _age(name: str) -> str:
    """Return what folders of runs are ordered by: the moment of their start."""
    return name.removeprefix("offline-").partition("run-")[2]


def _waits(folder: str, state: SyncState) -> bool:
    try:
        # Another user's folder is not to be sent with this user's key.
        is_own = not os.path.islink(folder) and os.lstat(folder).st_uid == os.getuid()
    except OSError:
        return False
    known = SyncState.load(folder) if is_own else None
    return (
        known is not None
        and known.run_id == state.run_id
        and known.server == state.server
        and known.is_due()
    )
