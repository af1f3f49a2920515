"""`%wandb` and `%%wandb`: pages of runs below notebook cells."""

from typing import TYPE_CHECKING, Any, NoReturn

from wandb._base.shell import ipython_shell
from wandb._run.notebook import show_html
from wandb._run.session import session
from wandb.errors import Error, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from wandb._run.run import Run

_HEIGHT = 420


class _Cell:
    """The cell under `%%wandb`, while it runs: it shows the first run that starts in it."""

    height = _HEIGHT
    waits = False


def register(shell: Any) -> None:
    """Make the magics known to a shell."""
    shell.register_magic_function(wandb, magic_kind="line_cell", magic_name="wandb")


def display_if_magic_is_used(run: "Run") -> bool:
    """Show a run's page if the present cell asks for one; return whether it does."""
    if not _Cell.waits:
        return False
    _Cell.waits = False
    return show_html(run.to_html(height=_Cell.height))


def wandb(line: str, cell: str | None = None) -> None:
    """Show a page of the server: that of a path, or of the run that was started last.

        %wandb entity/project/runs/id

    Above a cell it runs the cell, and shows the run that is active or gets started in it:

        %%wandb -h 800
        with wandb.init() as run:
            run.log({"loss": 1})

    Args:
        line: A path, or nothing; and `-h` or `--height` with the frame's height in pixels.
        cell: What to run.

    Raises:
        UsageError: The line says something else; the cell is not run.
    """
    asked = _understood(line)
    run = session.newest_run()
    if asked.path:
        _show_path(asked.path, asked.height)
    elif run is not None:
        show_html(run.to_html(height=asked.height))
    if cell is None:
        return
    _Cell.waits, _Cell.height = not (asked.path or run), asked.height
    try:
        ipython_shell().run_cell(cell)
    finally:
        _Cell.waits = False


def _understood(line: str) -> "Namespace":
    import shlex
    from argparse import ArgumentParser

    class Parser(ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise UsageError(f"%wandb [PATH] [-h HEIGHT]: {message}; nothing was run")

    parser = Parser(add_help=False)
    parser.add_argument("path", nargs="?")
    parser.add_argument("-h", "--height", default=_HEIGHT, type=int)
    try:
        return parser.parse_args(shlex.split(line))
    except ValueError as err:  # a quote without an end
        raise UsageError(f"%wandb [PATH] [-h HEIGHT]: {err}; nothing was run") from err


def _show_path(path: str, height: int) -> None:
    from html import escape

    from wandb.apis.public import Api

    try:
        found = Api().from_path(path)
        show = getattr(found, "to_html", None)
        html = show(height=height) if show else _link(str(found.url), path)
    except (Error, ValueError) as err:
        html = f"There is nothing to show at {escape(repr(path))}: {escape(str(err))}"
    show_html(html)


def _link(url: str, name: str) -> str:
    from html import escape

    return f'<a href="{escape(url)}" target="_blank">{escape(name)}</a>'
