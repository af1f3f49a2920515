"""The list of commands; each is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from wandb._wire.journal import PRODUCER
from wandb.errors import Error

# Name → where the command is, and what the list says of it.
_COMMANDS = {
    "beta": ("wandb.cli.beta:beta", "Commands that may change."),
    "disabled": ("wandb.cli.mode:disabled", "Make runs of this folder do nothing."),
    "enabled": ("wandb.cli.mode:enabled", "Make runs of this folder go to the server again."),
    "init": ("wandb.cli.init:init", "Choose the project of this folder's runs."),
    "login": ("wandb.cli.login:login", "Keep the API key of a server."),
    "offline": ("wandb.cli.mode:offline", "Keep runs of this folder on this machine."),
    "online": ("wandb.cli.mode:online", "Send runs of this folder to the server."),
    "status": ("wandb.cli.status:status", "Show the settings that hold here."),
    "sync": ("wandb.cli.sync:sync", "Send offline runs to the server."),
}
_OTHER_NAMES = {"off": "offline", "on": "online"}


class _Commands(click.Group):
    """Commands by a table, so that calling one loads no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(_OTHER_NAMES.get(cmd_name, cmd_name))
        if place is None:
            return None
        module, _, name = place[0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=_Commands, invoke_without_command=True)
@click.version_option(PRODUCER, prog_name="wandb", message="%(prog)s, version %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Log runs, and send them where they belong."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command of the process's arguments and exit with its code."""
    try:
        cli(prog_name="wandb")
    except (Error, ValueError) as err:
        click.echo(f"Error: {err}", err=True)
        raise SystemExit(1) from err
