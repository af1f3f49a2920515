"""`ferrule serve`."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from ferrule.errors import PublicError
from ferrule.settings import ServerSettings, load_settings


@click.command()
@click.option("--host", help="The address to listen on. [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port, 0 for a free one. [8080]")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where everything is kept.")
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    help="A name, besides this machine's own, that the server is reached by. May be repeated.",
)
@click.option("--local", is_flag=True, default=None, help="Serve one user, and stop when idle.")
@click.option("--drain", is_flag=True, help="Ask an older server of the folder to stop, and end.")
@click.option("--crash-after-secs", type=click.FloatRange(min=0.1), help="[300]")
@click.option("--idle-exit-secs", type=click.FloatRange(min=0.1), help="[1800]")
@click.option("--compact-secs", type=click.FloatRange(min=0.1), help="[60]")
def serve(drain: bool, allowed_hosts: tuple[str, ...], **given: Any) -> None:
    """Take runs and show them.

    Every option may also be set by an environment variable, FERRULE_DATA_DIR and so on. The
    exit status tells why there is no server: 3 when one runs already, 4 when one runs on another
    host, 5 when the address can't be had, 6 when the data folder can't be used, 1 for all else.
    """
    try:
        settings = load_settings(given | {"allowed_hosts": allowed_hosts or None}, os.environ)
    except PublicError as err:
        raise click.UsageError(err.message) from err
    try:
        sys.exit(_outcome(settings, drain=drain, port_given=given["port"] is not None))
    except PublicError as err:
        _say(f"ferrule: {err.message}")
    except OSError as err:
        _say(f"ferrule: a file can't be used: {err}")
    sys.exit(1)


def _outcome(settings: ServerSettings, *, drain: bool, port_given: bool) -> int:
    """Serve until told to stop; return the exit status."""
    from dataclasses import replace

    import anyio

    from ferrule import serve as life
    from ferrule.logs import set_up_logging

    if settings.local and not port_given and "FERRULE_PORT" not in os.environ:
        # The one it had before, else a free one.
        settings = replace(settings, port=0)
    if settings.local:
        _make_private(settings.data_dir)
    try:
        set_up_logging(file=settings.data_dir / "server.log" if settings.local else None)
    except OSError as err:
        _say(f"ferrule: the data folder can't be used: {err}")
        return life.Exit.NO_FOLDER

    async def main() -> int:
        return await (life.drain if drain else life.serve)(settings, say=_say)

    return anyio.run(main)


def _make_private(folder: Path) -> None:
    """Make the folder of a local server, closed to others even if somebody else made it."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()
