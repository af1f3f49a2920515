"""Folders of earlier processes of a run, which are to be delivered before it goes on.

Where the run stands is known only once the server has what they left; and what came later would
be taken for rows of the process that goes on.
"""

from __future__ import annotations

import os

from wandb._service.syncstate import SyncState

__all__ = ("earlier_folders",)


def earlier_folders(state: SyncState) -> list[str]:
    """List folders beside a run's own that hold something of it to deliver, oldest first."""
    beside, own = os.path.split(os.path.realpath(state.folder))
    try:
        names = sorted(name for name in os.listdir(beside) if "run-" in name and name != own)
    except OSError:
        return []
    folders = (os.path.join(beside, name) for name in names)
    return [folder for folder in folders if _is_earlier(folder, state)]


def _is_earlier(folder: str, state: SyncState) -> bool:
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
