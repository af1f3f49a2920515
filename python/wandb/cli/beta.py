"""`wandb beta`: commands whose options may change."""

from __future__ import annotations

import click

from wandb.cli.sync import beta_sync


@click.group()
def beta() -> None:
    """Commands that may change."""


beta.add_command(beta_sync, "sync")
