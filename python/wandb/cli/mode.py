"""`wandb offline`, `online`, `disabled` and `enabled`: the mode of a folder's runs."""

from __future__ import annotations

import os

import click

from wandb._settings import settings_file
from wandb._settings.sources import load


def _write(mode: str | None, said: str) -> None:
    path = load(os.environ, cwd=os.getcwd()).settings_workspace
    try:
        settings_file.change(path, {"mode": mode})
    except OSError as err:
        raise click.ClickException(f"The mode was not changed ({err.strerror}): {path}") from err
    click.echo(said)
    if os.environ.get("WANDB_MODE"):
        click.echo("The variable WANDB_MODE is set and goes before it.", err=True)


@click.command()
def offline() -> None:
    """Keep runs of this folder on this machine; `wandb sync` sends them later."""
    _write("offline", "Runs of this folder stay on this machine: `wandb sync` sends them.")


@click.command()
def online() -> None:
    """Send runs of this folder to the server."""
    _write(None, "Runs of this folder go to the server.")


@click.command()
@click.option("--service", is_flag=True, default=True, help="Not used.")
def disabled(service: bool) -> None:
    """Make runs of this folder do nothing."""
    _write("disabled", "Runs of this folder do nothing: `wandb enabled` ends that.")


@click.command()
@click.option("--service", is_flag=True, default=True, help="Not used.")
def enabled(service: bool) -> None:
    """Make runs of this folder go to the server again."""
    _write("online", "Runs of this folder go to the server again.")
