"""How `wandb sync` sends runs, one after the other, and says how that goes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import anyio
import click

from wandb._http.client import Client
from wandb._http.options import http_options
from wandb._service.replay import Outcome, Plan, Replay
from wandb.apis.public.remote import RemoteRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wandb._settings.settings import Settings
    from wandb.apis.public.server import Server

# Nothing is said of what takes no longer than this.
_QUIET_SECS = 1.0
_REDRAW_SECS = 0.2
_PLAIN_SECS = 10.0


def send(plans: Iterable[Plan], server: Server, settings: Settings) -> int:
    """Send runs; return how many were not sent, or not whole."""
    return anyio.run(_Sending(server, settings).all_of, list(plans))


@dataclass(frozen=True, slots=True)
class _Sending:
    server: Server
    settings: Settings

    async def all_of(self, plans: list[Plan]) -> int:
        failed = 0
        async with self._client() as client:
            for plan in plans:
                outcome = await self._one(plan, client)
                self._tell(plan, outcome)
                failed += outcome.error is not None
        return failed

    def _client(self) -> Client:
        options = http_options(self.settings)
        return Client(self.server.base_url, self.server.api_key, options)

    async def _one(self, plan: Plan, client: Client) -> Outcome:
        replay = Replay(plan)
        show = _redraw if sys.stdout.isatty() else _report
        async with anyio.create_task_group() as beside:
            beside.start_soon(show, replay, plan.folder)
            outcome = await replay.run(client)
            beside.cancel_scope.cancel()
        return outcome

    def _tell(self, plan: Plan, outcome: Outcome) -> None:
        for warning in outcome.warnings:
            click.echo(f"Warning: {plan.folder}: {warning}", err=True)
        if outcome.error is not None:
            click.echo(
                f"Error: {plan.folder} was not sent, or not whole: {outcome.error}. "
                "The next sync goes on from there.",
                err=True,
            )
        elif outcome.empty:
            click.echo(f"{plan.folder}: {_EMPTY}")
        else:
            click.echo(f"Syncing: {self._url(outcome)} ... {_done(outcome)}")

    def _url(self, outcome: Outcome) -> str:
        who = outcome.identity
        return RemoteRun(self.server, who.entity, who.project, who.run).url if who else ""


_EMPTY = "its journal holds no run (yet), so there is nothing to send"


def _done(outcome: Outcome) -> str:
    if outcome.live:
        return (
            "what is there is sent. The run may still go on: sync it again when it has ended, or "
            "stay with it by --live"
        )
    if outcome.already:
        return "was synced before"
    return "done" if outcome.ended else "done; the run had no end and counts as crashed"


async def _redraw(replay: Replay, folder: str) -> None:
    """Keep a line on the terminal that tells how far it is."""
    await anyio.sleep(_QUIET_SECS)
    try:
        while True:
            line = _progress(replay, folder)
            click.echo(f"\r\x1b[K{line[: get_terminal_size().columns - 1]}", nl=False)
            await anyio.sleep(_REDRAW_SECS)
    finally:
        click.echo("\r\x1b[K", nl=False)


async def _report(replay: Replay, folder: str) -> None:
    """Write a line now and then, where nobody looks on."""
    for secs in _growing_pauses():
        await anyio.sleep(secs)
        click.echo(_progress(replay, folder), err=True)


def _growing_pauses() -> Iterator[float]:
    yield _QUIET_SECS
    while True:
        yield _PLAIN_SECS


def _progress(replay: Replay, folder: str) -> str:
    trouble = f" ({replay.trouble}, trying again)" if replay.trouble else ""
    return f"{os.path.basename(folder)}: {replay.sent_part():.0%} sent{trouble}"
