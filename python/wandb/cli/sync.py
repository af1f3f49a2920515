"""`wandb sync` and `wandb beta sync`: what is asked for, and of which runs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from wandb._service.replay import Plan
from wandb._settings.server_choice import choose
from wandb._settings.settings import Settings
from wandb._settings.sources import load
from wandb.apis.public.server import reach
from wandb.cli.cleaning import clean
from wandb.cli.eventfolders import event_folders, made_into_runs
from wandb.cli.runfolders import Choice, RunFolder, by_age, folders_at
from wandb.cli.sending import send

_SIZES = ("x_file_stream_max_bytes", "x_file_stream_max_line_bytes")

if TYPE_CHECKING:
    _Text = click.ParamType[Any]
else:  # older versions of click know no parameters of the type
    _Text = click.ParamType


class _Patterns(_Text):
    """Patterns, separated by commas."""

    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(part.strip() for part in parts if part.strip())


class _Renaming(_Text):
    """`old=new`, several separated by commas."""

    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        for old, equals, new in pairs:
            if not (old.strip() and equals and new.strip()):
                self.fail(f"{value!r} is not of the form old=new,older=newer", param, ctx)
        return {old.strip(): new.strip() for old, _, new in pairs}


@dataclass(frozen=True, slots=True)
class Wishes:
    """How runs are to be sent."""

    run_id: str | None = None
    project: str | None = None
    entity: str | None = None
    job_type: str | None = None
    mark_synced: bool = True
    append: bool = False
    skip_console: bool = False
    replace_tags: dict[str, str] = field(default_factory=dict)
    live: bool = False

    @property
    def overrides(self) -> dict[str, str]:
        """What is called otherwise than the run says."""
        names = {
            "run_id": self.run_id,
            "project": self.project,
            "entity": self.entity,
            "job_type": self.job_type,
        }
        return {name: value for name, value in names.items() if value}

    def plan(self, one: RunFolder, server: str, settings: Settings) -> Plan:
        """Say how one run is sent."""
        sizes = {name: getattr(settings, name) for name in _SIZES}
        return Plan(
            folder=one.folder,
            run_id=one.run_id,
            server=server,
            overrides=self.overrides,
            skip_console=self.skip_console,
            append=self.append,
            mark=self.mark_synced,
            replace_tags=self.replace_tags,
            follow=self.live,
            sizes={name: size for name, size in sizes.items() if size is not None},
        )


@click.command()
@click.argument("path", nargs=-1, type=click.Path(exists=True))
@click.option("--view", is_flag=True, hidden=True, help="List the runs and send nothing.")
@click.option("--verbose", is_flag=True, hidden=True, help="With --view: each record, too.")
@click.option("--id", "run_id", default=None, help="The run's id on the server; with one PATH.")
@click.option("--project", "-p", default=None, help="The project to send to.")
@click.option("--entity", "-e", default=None, help="The user or team to send to.")
@click.option("--job_type", default=None, help="What the run does within its group.")
@click.option(
    "--sync-tensorboard/--no-sync-tensorboard",
    default=None,
    help="Take PATH as a folder of TensorBoard's event files, or never. By default, if it holds "
    "no runs.",
)
@click.option(
    "--include-globs", type=_Patterns(), default="", help="Only runs that one of these fits."
)
@click.option(
    "--exclude-globs", type=_Patterns(), default="", help="No run that one of these fits."
)
@click.option("--ignore", type=_Patterns(), default="", hidden=True, help="As --exclude-globs.")
@click.option("--include-online/--no-include-online", default=False, help="Online runs, too.")
@click.option("--include-offline/--no-include-offline", default=True, help="Offline runs.")
@click.option("--include-synced/--no-include-synced", default=False, help="Synced runs, too.")
@click.option("--mark-synced/--no-mark-synced", default=True, help="Leave a mark in the folder.")
@click.option("--sync-all", is_flag=True, help="Send all runs below ./wandb that are chosen.")
@click.option("--clean", is_flag=True, help="Remove runs from this machine that were sent whole.")
@click.option("--clean-old-hours", default=24, help="With --clean: only what is older than this.")
@click.option("--clean-force", is_flag=True, help="With --clean: don't ask.")
@click.option("--show", default=5, help="How many runs to list.")
@click.option("--append", is_flag=True, help="Put rows after those that the server has.")
@click.option("--skip-console", is_flag=True, help="Leave out what the runs printed.")
@click.option(
    "--replace-tags", type=_Renaming(), default="", help="Tags to rename: old=new,older=newer."
)
@click.option("--live", is_flag=True, help="Stay with a run that is being written until it ends.")
def sync(
    path: tuple[str, ...],
    view: bool,
    verbose: bool,
    sync_tensorboard: bool | None,
    include_globs: tuple[str, ...],
    exclude_globs: tuple[str, ...],
    ignore: tuple[str, ...],
    include_online: bool,
    include_offline: bool,
    include_synced: bool,
    sync_all: bool,
    clean: bool,
    clean_old_hours: int,
    clean_force: bool,
    show: int,
    **wishes: Any,
) -> None:
    """Send offline runs to the server.

    PATH is a run's folder, its journal (`run-….wandb`), a folder with many runs, or one with
    TensorBoard's event files. Without one the runs of ./wandb that wait are listed. What was sent
    before is not sent again, and a sync that was cut off goes on where it stopped. Of a run that
    is still being written, what is there is sent.
    """
    settings = load(os.environ, cwd=os.getcwd())
    choice = Choice(
        offline=include_offline,
        online=include_online,
        synced=include_synced or clean,
        include=include_globs,
        exclude=(*exclude_globs, *ignore),
    )
    wanted = Wishes(**wishes)
    if clean:
        _clean(path, choice, settings, old_hours=clean_old_hours, force=clean_force)
        return
    folders, events = _found(path, choice, settings, tensorboard=sync_tensorboard)
    if view:
        (_dump if verbose else _describe)(folders)
    elif path or sync_all:
        _check_one_id(wanted, len(folders) + len(events))
        made = made_into_runs(events, settings, wanted.run_id)
        _send([*folders, *made], settings, wanted)
    else:
        _list([one.folder for one in folders], show)


def _clean(
    path: Sequence[str], choice: Choice, settings: Settings, *, old_hours: int, force: bool
) -> None:
    folders = choice.fitting(_all_at(path)) if path else choice.of(folders_at(settings.wandb_dir))
    clean(folders, old_hours=old_hours, force=force)


def _found(
    path: Sequence[str], choice: Choice, settings: Settings, *, tensorboard: bool | None
) -> tuple[list[RunFolder], list[str]]:
    """Return the runs that are meant, and the folders with event files."""
    if not path:
        return choice.of(folders_at(settings.wandb_dir)), []
    folders: list[RunFolder] = []
    events: list[str] = []
    for name in path:
        runs = [] if tensorboard else choice.fitting(_all_at([name]))
        folders += runs
        if not runs and tensorboard is not False:
            events += event_folders(name)
    return by_age(dict.fromkeys(folders)), list(dict.fromkeys(events))


def _all_at(path: Sequence[str]) -> list[RunFolder]:
    return list({one.folder: one for name in path for one in folders_at(name)}.values())


def _check_one_id(wanted: Wishes, count: int) -> None:
    if wanted.run_id and count > 1:
        raise click.ClickException(
            "--id names one run, and there are several: nothing was sent. Give one PATH with it."
        )


def _list(lines: list[str], show: int) -> None:
    if not lines:
        click.echo("There are no runs to sync here.")
        return
    count = len(lines)
    click.echo(f"{count} run{'s' if count > 1 else ''} to sync:")
    for line in lines[: max(show, 0)]:
        click.echo(f"  {line}")
    if count > show:
        click.echo(f"  and {count - max(show, 0)} more (--show {count} lists all)")
    click.echo("`wandb sync PATH` sends one, `wandb sync --sync-all` all of them.")


def _describe(folders: list[RunFolder]) -> None:
    _list([one.described() for one in folders], len(folders))


def _dump(folders: list[RunFolder]) -> None:
    for one in folders:
        click.echo(one.described())
        for record in one.records():
            click.echo(json.dumps(record))


def _send(folders: list[RunFolder], settings: Settings, wanted: Wishes) -> None:
    if not folders:
        click.echo("There are no runs to sync here.")
        return
    choice = choose(settings)
    server = "" if choice.kind == "local" else choice.base_url
    plans = [wanted.plan(one, server, settings) for one in folders]
    if send(plans, reach(settings), settings):
        raise SystemExit(1)


@click.command()
@click.argument("wandb_dir", type=click.Path(exists=True))
@click.option("--id", "run_id", default=None, help="The run's id on the server, if it is one run.")
@click.option("--project", "-p", default=None, help="The project to send to.")
@click.option("--entity", default=None, help="The user or team to send to.")
@click.option("--skip-console", is_flag=True, help="Leave out what the runs printed.")
@click.option("--append", is_flag=True, help="Put rows after those that the server has.")
@click.option("--include", "-i", multiple=True, help="Only runs that one of these patterns fits.")
@click.option("--exclude", "-e", multiple=True, help="No run that one of these patterns fits.")
@click.option("--mark-synced/--no-mark-synced", default=True, help="Leave a mark in the folder.")
@click.option("--skip-synced/--no-skip-synced", default=True, help="Leave out what was sent.")
@click.option("--dry-run", is_flag=True, help="List the runs and send nothing.")
def beta_sync(
    wandb_dir: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    skip_synced: bool,
    dry_run: bool,
    **wishes: Any,
) -> None:
    """Send all runs below WANDB_DIR, online and offline ones."""
    choice = Choice(online=True, synced=not skip_synced, include=include, exclude=exclude)
    folders, wanted = choice.of(folders_at(wandb_dir)), Wishes(**wishes)
    if dry_run:
        _list([one.folder for one in folders], len(folders))
        return
    _check_one_id(wanted, len(folders))
    _send(folders, load(os.environ, cwd=os.getcwd()), wanted)
