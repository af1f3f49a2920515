"""Folders of TensorBoard's event files, as `wandb sync` takes them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import click

from wandb._service.tensorboard import EventRun, find_event_run, has_event_files
from wandb._settings.settings import Settings
from wandb.cli.runfolders import RunFolder

_QUIET_SECS = 1.0
_PAUSE_SECS = 10.0


def event_folders(path: str) -> list[str]:
    """Return the path if it holds event files, at it or below."""
    return [os.path.realpath(path)] if has_event_files(path) else []


def made_into_runs(
    folders: Sequence[str], settings: Settings, run_id: str | None
) -> list[RunFolder]:
    """Make a run of each folder of event files, or add what is new to the one made before."""
    made = []
    for folder in folders:
        run = find_event_run(folder, settings.wandb_dir, run_id)
        _take_in(run, folder)
        if run.has_rows:
            made.append(RunFolder(run.folder, run.run_id))
    return made


def _take_in(run: EventRun, folder: str) -> None:
    told_at = time.monotonic() + _QUIET_SECS

    def progress(done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() >= told_at:
            told_at = time.monotonic() + _PAUSE_SECS
            click.echo(f"Reading event files: {done / max(total, 1):.0%} of {folder}", err=True)

    try:
        rows = run.take_in(progress)
    except OSError as err:
        raise click.ClickException(f"{folder} can't be made into a run ({err})") from err
    click.echo(f"{rows} new rows from TensorBoard's event files: {folder}")
    for notice in run.notices:
        click.echo(f"Warning: {notice}", err=True)
