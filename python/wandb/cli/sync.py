"""`wandb sync`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

import anyio
import click

from wandb._http.client import Client
from wandb._http.options import http_options
from wandb._service.replay import Outcome, Plan, Replay
from wandb._settings.server_choice import choose
from wandb._settings.settings import Settings
from wandb._settings.sources import load
from wandb.apis.public.remote import RemoteRun
from wandb.apis.public.server import Server, reach
from wandb.cli.runfolders import RunFolder, folders_at, selected

_REDRAW_SECS = 0.2


@click.command()
@click.argument("path", nargs=-1, type=click.Path(exists=True))
@click.option("--id", "run_id", default=None, help="The run's id on the server; with one PATH.")
@click.option("--project", "-p", default=None, help="The project to send to.")
@click.option("--entity", "-e", default=None, help="The user or team to send to.")
@click.option("--job_type", default=None, help="What the run does within its group.")
@click.option("--include-online/--no-include-online", default=False, help="Online runs, too.")
@click.option("--include-offline/--no-include-offline", default=True, help="Offline runs.")
@click.option("--include-synced/--no-include-synced", default=False, help="Synced runs, too.")
@click.option("--mark-synced/--no-mark-synced", default=True, help="Leave a mark in the folder.")
@click.option("--sync-all", is_flag=True, help="Send all runs below ./wandb that are chosen.")
@click.option("--append", is_flag=True, help="Put rows after those that the server has.")
@click.option("--skip-console", is_flag=True, help="Leave out what the runs printed.")
@click.option("--show", default=5, help="How many runs to list.")
@click.option("--view", is_flag=True, help="List the runs and send nothing.")
def sync(path: tuple[str, ...], view: bool, sync_all: bool, show: int, **options: Any) -> None:
    """Send offline runs to the server.

    PATH is a run's folder, its journal (`run-….wandb`), or a folder with many runs. Without one
    the runs of ./wandb that wait are listed. What was sent before is not sent again, and a sync
    that was cut off goes on where it stopped.
    """
    settings = load(os.environ, cwd=os.getcwd())
    kinds = {
        "offline": options.pop("include_offline"),
        "online": options.pop("include_online"),
        "synced": options.pop("include_synced"),
    }
    if path:
        folders = list({one.folder: one for name in path for one in folders_at(name)}.values())
    else:
        folders = selected(folders_at(settings.wandb_dir), **kinds)
    if view:
        _list([one.described() for one in folders], len(folders))
    elif path or sync_all:
        _send(folders, settings, **options)
    else:
        _list([one.folder for one in folders], show)


def _list(lines: list[str], show: int) -> None:
    if not lines:
        click.echo("There are no runs to sync here.")
        return
    count = len(lines)
    click.echo(f"{count} run{'s' if count > 1 else ''} to sync:")
    for line in lines[:show]:
        click.echo(f"  {line}")
    if count > show:
        click.echo(f"  and {count - show} more (--show {count} lists all)")
    click.echo("`wandb sync PATH` sends one, `wandb sync --sync-all` all of them.")


def _send(
    folders: list[RunFolder],
    settings: Settings,
    *,
    run_id: str | None,
    project: str | None,
    entity: str | None,
    job_type: str | None,
    mark_synced: bool,
    append: bool,
    skip_console: bool,
) -> None:
    if not folders:
        click.echo("There are no runs to sync here.")
        return
    if run_id and len(folders) > 1:
        raise click.UsageError("--id names one run, and there are several. Give one PATH with it.")
    choice = choose(settings)
    names = {"run_id": run_id, "project": project, "entity": entity, "job_type": job_type}
    plans = [
        Plan(
            folder=one.folder,
            run_id=one.run_id,
            server="" if choice.kind == "local" else choice.base_url,
            overrides={name: value for name, value in names.items() if value},
            skip_console=skip_console,
            append=append,
            mark=mark_synced,
        )
        for one in folders
    ]
    sending = _Sending(reach(settings), settings)
    failed = anyio.run(sending.all_of, plans)
    if failed:
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class _Sending:
    """Sends runs one after the other and says how that goes."""

    server: Server
    settings: Settings

    async def all_of(self, plans: list[Plan]) -> int:
        """Send all; return how many failed."""
        failed = 0
        async with self._client() as client:
            for plan in plans:
                outcome = await self._one(plan, client)
                failed += outcome.error is not None
        return failed

    def _client(self) -> Client:
        options = http_options(self.settings)
        return Client(self.server.base_url, self.server.api_key, options)

    async def _one(self, plan: Plan, client: Client) -> Outcome:
        replay = Replay(plan)
        async with anyio.create_task_group() as beside:
            if sys.stdout.isatty():
                beside.start_soon(_show, replay, plan.folder)
            outcome = await replay.run(client)
            beside.cancel_scope.cancel()
        self._tell(plan, outcome)
        return outcome

    def _tell(self, plan: Plan, outcome: Outcome) -> None:
        for warning in outcome.warnings:
            click.echo(f"Warning: {plan.folder}: {warning}", err=True)
        if outcome.error is not None:
            click.echo(
                f"Error: {plan.folder} was not sent, or not whole: {outcome.error}", err=True
            )
            return
        who = outcome.identity
        url = who and RemoteRun(self.server, who.entity, who.project, who.run).url
        done = "was synced before" if outcome.already else "done"
        click.echo(f"Syncing: {url} ... {done}")


async def _show(replay: Replay, folder: str) -> None:
    """Keep a line on the terminal that tells how far it is."""
    name = os.path.basename(folder)
    try:
        while True:
            trouble = f" ({replay.trouble}, trying again)" if replay.trouble else ""
            line = f"{name}: {replay.sent_part():.0%}{trouble}"
            click.echo(f"\r\x1b[K{line[: _columns() - 1]}", nl=False)
            await anyio.sleep(_REDRAW_SECS)
    finally:
        click.echo("\r\x1b[K", nl=False)


def _columns() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns
