"""`wandb sync --clean`: remove folders of runs that a server has."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable

import click

from wandb._service.folderlock import FolderLock
from wandb.cli.runfolders import RunFolder

_HOUR_SECS = 3600


def clean(folders: Iterable[RunFolder], *, old_hours: int, force: bool) -> None:
    """Remove the folders that were sent whole and that nobody wrote to for some hours.

    Args:
        folders: Which to look at.
        old_hours: How long ago the run began and was last written to, at least.
        force: Don't ask.

    Raises:
        ClickException: Some could not be removed.
        Abort: The user does not want to.
    """
    whole = [one for one in folders if one.sent_whole]
    synced = [one for one in whole if one.holds_only_a_run]
    for one in whole:
        if one not in synced:
            click.echo(f"Kept, since it is no folder of a run alone: {one.folder}")
    oldest = time.time() - old_hours * _HOUR_SECS
    old = [one for one in synced if one.touched_at <= oldest]
    if not old:
        click.echo(f"There are no synced runs older than {old_hours} hours.")
        return
    click.echo(f"{len(synced)} synced runs, {len(old)} of them older than {old_hours} hours:")
    for one in old:
        click.echo(f"  {one.folder}")
    if not force:
        click.confirm(f"Remove {len(old)} runs from this machine?", abort=True)
    kept = [one.folder for one in old if not _remove(one)]
    if kept:
        raise click.ClickException(f"These could not be removed: {', '.join(kept)}")
    click.echo(f"Removed {len(old)} runs.")


def _remove(one: RunFolder) -> bool:
    """Remove a folder unless another process is at it; return whether it is gone."""
    lock = FolderLock(one.folder)
    try:
        # Looked at again under the lock: somebody may have begun to send it anew.
        if not lock.take() or not one.removable:
            return False
        shutil.rmtree(one.folder)
    except OSError:
        return not os.path.exists(one.folder)
    finally:
        lock.release(for_good=False)
    return True
