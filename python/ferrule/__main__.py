"""`python -m ferrule`, and the `ferrule` command."""

import os
from importlib import import_module

import click

# Each command's module is loaded when it is named: `serve` begins within the half second, and
# `user` needs no web server.
COMMANDS = {
    "open": "ferrule.cli.open:open_runs",
    "serve": "ferrule.cli.serve:serve",
    "user": "ferrule.cli.user:user",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=_Commands)
def main() -> None:
    """Ferrule, an experiment tracker: takes runs of `wandb` clients, keeps and shows them."""
    # What runs log, and who may see it, is for the owner of the data folder alone.
    os.umask(0o077)


if __name__ == "__main__":
    main(prog_name="ferrule")
