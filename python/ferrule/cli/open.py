"""`ferrule open`: the page over a folder of runs, or over the user's own server."""

import os
import sys
from pathlib import Path

import click

DEFAULTS = ("wandb", ".wandb")


@click.command(name="open")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", help="The address to listen on. [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port. [a free one]")
@click.option("--browser/--no-browser", default=None, help="[a browser, where there is a screen]")
@click.option("--server", is_flag=True, help="Open your own server on this machine instead.")
def open_runs(path: Path | None, host: str, port: int, browser: bool | None, server: bool) -> None:
    """Show the runs at and below PATH: a run's folder, a `wandb` folder, or one above it.

    Runs are read where they lie, by this and the original client, while they are written or
    after. Nothing is written to their folders, nothing is sent anywhere, and nothing is left when
    you stop it by Ctrl-C.

    PATH is `./wandb` by default. Where that does not exist, and with --server, it is the page of
    your own server on this machine, which `wandb.init` starts, that is opened.
    """
    chosen = None if server else path or default_folder()
    if path is not None and server:
        raise click.UsageError("Name a PATH, or give --server, not both.")
    if chosen is None:
        from ferrule.cli.own_server import open_own_server

        sys.exit(open_own_server(browser=browser))
    folder = existing_folder(chosen)
    from ferrule.cli.in_place import show_in_place

    sys.exit(show_in_place(folder, host=host, port=port, browser=browser))


def default_folder() -> Path | None:
    """Return where runs lie that were told nothing else, None if there are none."""
    above = Path(os.environ.get("WANDB_DIR") or ".").expanduser()
    return next((above / name for name in DEFAULTS if (above / name).is_dir()), None)


def existing_folder(path: Path) -> Path:
    """Return the folder that a path means: a journal stands for its run.

    Raises:
        click.UsageError: There is none.
    """
    folder = path.expanduser()
    if folder.is_file() and folder.suffix == ".wandb":
        folder = folder.parent
    if not folder.is_dir():
        raise click.UsageError(
            f"There is no folder {str(path)!r}. Name a run's folder, a `wandb` folder, or one "
            "above."
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        raise click.UsageError(f"The folder {str(path)!r} can't be read by you.")
    return folder.absolute()
