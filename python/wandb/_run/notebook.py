"""A run in a notebook: links and tables in its cells, a clock that stops between them, its history.

All of IPython is loaded by whoever calls these, so its parts are imported where they are used.
"""

import json
import logging
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wandb._base.placing import place
from wandb._base.shell import ipython_shell, toggle_button
from wandb._base.terminal import termwarn
from wandb._wire.journal import config_record, files_record

if TYPE_CHECKING:
    from wandb._run.run import Run

_LOGGER = logging.getLogger(__name__)
HISTORY_FILE = "code/_session_history.ipynb"
# What cells have shown is kept for the history up to here; outputs beyond are left out of it.
_MOST_SHOWN_BYTES = 16 << 20


def show_html(html: str) -> bool:
    """Show HTML below the present cell; return whether that could be done."""
    try:
        # By its name: the types of IPython differ by its version.
        display = import_module("IPython.display")
        display.display(display.HTML(html))
    except Exception:  # at the end of a kernel there is nobody to show it to
        _LOGGER.info("nothing can be shown in the notebook", exc_info=True)
        return False
    return True


def frame(url: str, height: int, *, hidden: bool) -> str:
    """Return a frame with a page, or a button that brings it."""
    look = f"border:none;width:100%;height:{int(height)}px;"
    inside = f'<iframe src="{escape(url)}?jupyter=true" style="{look}'
    if not hidden:
        return f'{inside}"></iframe>'
    return f'{toggle_button()}{inside}display:none;"></iframe>'


def html_of(run: "Run", height: int, *, hidden: bool) -> str:
    """Return HTML that shows a run.

    Pages of a Ferrule server let nobody frame them, so those get a link; a run without a page is
    named with its folder.
    """
    url = "" if run.offline or run.disabled else run._settings.run_url
    if url and not (run._delivery is not None and run._delivery.ours):
        return frame(url, height, hidden=hidden)
    name = escape(run.name or run.id)
    shown = f'<a href="{escape(url)}" target="_blank">{name}</a>' if url else name
    return f"<p>Run {shown}, kept in {escape(run.dir)}</p>"


def display(run: "Run", height: int, *, hidden: bool) -> bool:
    """Show a run below the present cell; return whether that was done."""
    settings = run._settings
    return (
        settings._jupyter and not settings.silent and show_html(html_of(run, height, hidden=hidden))
    )


# --- while cells run ----------------------------------------------------------------------


@dataclass(slots=True)
class _Shown:
    """An output as JSON, which has as many bytes as it takes."""

    text: str


class CellHooks:
    """What a run hears of its notebook: cells that begin and end, and what they show."""

    def __init__(self, run: "Run", shell: Any) -> None:
        self._run = run
        self._shell = shell
        self._paused_at: float | None = None
        self._shown: dict[int, list[_Shown]] = {}
        self._updatable: dict[str, list[_Shown]] = {}
        self._shown_bytes = 0
        self._publish: Any = None

    def install(self) -> None:
        """Listen from now on."""
        self._shell.events.register("pre_run_cell", self._before_cell)
        self._shell.events.register("post_run_cell", self._after_cell)
        if self._run._settings.save_code:
            self._listen_to_displays()

    def end(self) -> None:
        """Listen no more, let the clock run, and keep the session's history."""
        self._before_cell()
        # A shell that was reset meanwhile has forgotten them.
        with suppress(ValueError):
            self._shell.events.unregister("pre_run_cell", self._before_cell)
        with suppress(ValueError):
            self._shell.events.unregister("post_run_cell", self._after_cell)
        publisher = self._shell.display_pub
        if self._publish is not None and publisher.__dict__.get("publish") == self._noted:
            publisher.publish = self._publish
        if self._run._settings.save_code:
            self._keep_history()

    def _before_cell(self, *args: Any) -> None:
        """Leave the time since the last cell out of the run's time."""
        if self._paused_at is not None and not self._run._is_finished:
            self._run._writer.leave_out(time.monotonic() - self._paused_at)
        self._paused_at = None

    def _after_cell(self, *args: Any) -> None:
        self._paused_at = time.monotonic()

    def _listen_to_displays(self) -> None:
        publisher = self._shell.display_pub
        self._publish = publisher.publish
        publisher.publish = self._noted

    def _noted(self, *args: Any, **kwargs: Any) -> Any:
        published = self._publish(*args, **kwargs)
        try:
            if not self._run._is_finished:
                self._note(*args, **kwargs)
        except Exception:  # the user's output is shown, and that is what counts
            _LOGGER.info("an output is not kept for the session's history", exc_info=True)
        return published

    def _note(
        self,
        data: Any,
        metadata: Any = None,
        *_: Any,
        transient: Any = None,
        update: bool = False,
        **__: Any,
    ) -> None:
        if not isinstance(data, Mapping):
            return
        plain = {kind: _text_of(shown) for kind, shown in data.items()}
        text = json.dumps({"data": plain, "metadata": metadata or {}}, default=str)
        name = (transient or {}).get("display_id")
        before = self._updatable.get(str(name), []) if update else []
        added = sum(len(text) - len(shown.text) for shown in before) if update else len(text)
        if self._shown_bytes + added > _MOST_SHOWN_BYTES:
            return
        self._shown_bytes += added
        for shown in before:
            shown.text = text
        if not update:
            self._keep_shown(_Shown(text), name)

    def _keep_shown(self, shown: "_Shown", name: str | None) -> None:
        # `execution_count` is the present cell's or the next one's, by IPython's version.
        number = len(self._shell.history_manager.input_hist_parsed) - 1
        self._shown.setdefault(number, []).append(shown)
        if name is not None:
            self._updatable.setdefault(name, []).append(shown)

    def _keep_history(self) -> None:
        cells = list(self._cells())
        if len(cells) < 2:  # only the cell that started the run, as in a script
            return
        book = json.dumps(notebook_of(cells, self._language()), default=str, indent=1)
        place(lambda made: Path(made).write_text(book, "utf-8"), self._run.dir, HISTORY_FILE)
        self._run._append(files_record(HISTORY_FILE))
        self._run._append(config_record({"_wandb": {"session_history": HISTORY_FILE}}))

    def _cells(self) -> Iterator[dict[str, Any]]:
        for _, number, (source, output) in self._shell.history_manager.get_range(output=True):
            outputs = (
                [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
            )
            shown = [
                {"output_type": "display_data", **json.loads(one.text)}
                for one in self._shown.get(number, ())
            ]
            yield {
                "cell_type": "code",
                "execution_count": number,
                "metadata": {},
                "outputs": [*outputs, *shown],
                "source": source,
            }

    def _language(self) -> Mapping[str, Any]:
        kernel = getattr(self._shell, "kernel", None)
        return getattr(kernel, "language_info", None) or {"name": "python", "version": sys.version}


def _text_of(shown: Any) -> Any:
    return b64encode(shown).decode() if isinstance(shown, bytes) else shown


def notebook_of(cells: list[dict[str, Any]], language: Mapping[str, Any]) -> dict[str, Any]:
    """Make a notebook, in the format's version 4.4, of code cells."""
    major = sys.version_info[0]
    kernel = {"display_name": f"Python {major}", "name": f"python{major}", "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": dict(language)},
        "nbformat": 4,
        "nbformat_minor": 4,
    }


def begin(run: "Run") -> None:
    """Follow the notebook that a run was started in."""
    shell = ipython_shell()
    settings = run._settings
    if settings.notebook_name and not settings.x_jupyter_path:
        termwarn(
            f"There is no notebook {settings.notebook_name!r}: WANDB_NOTEBOOK_NAME is the path of "
            "the notebook's file. The run goes on without it.",
            repeat=False,
        )
    if shell is not None and hasattr(shell, "events"):
        run._cells = CellHooks(run, shell)
        run._cells.install()


def end(run: "Run") -> None:
    """Let go of the notebook; what goes wrong with its history doesn't keep a run from ending."""
    hooks, run._cells = run._cells, None
    if hooks is None:
        return
    try:
        hooks.end()
    except Exception as err:
        _LOGGER.warning("the session's history is not kept", exc_info=True)
        termwarn(f"The history of this notebook's session is not kept with the run: {err}")


# --- what is said, as HTML ----------------------------------------------------------------


def opening_html(lines: list[str], page: str | None, name: str) -> str:
    """Lay out what a run opens with: a link that stands out, and where it is kept."""
    said = "<br>".join(map(escape, lines))
    if not page:
        return said
    link = f'<a href="{escape(page)}" target="_blank">{escape(name)}</a>'
    return f"<strong>{link}</strong><br>{said}"


def closing_html(
    history: Mapping[str, str], summary: Mapping[str, str], lines: list[str], page: str
) -> str:
    """Lay out what a run ends with: two tables side by side, and where it is kept."""
    tables = (("Run history", history), ("Run summary", summary))
    columns = "".join(_column(title, rows) for title, rows in tables if rows)
    link = f'<br>View it at <a href="{escape(page)}" target="_blank">{escape(page)}</a>'
    row = f'<div style="display:flex;flex-wrap:wrap">{columns}</div>' if columns else ""
    return row + "<br>".join(map(escape, lines)) + (link if page else "")


def _column(title: str, rows: Mapping[str, str]) -> str:
    cells = "".join(
        f'<tr><td style="text-align:left;padding:0 10px">{escape(key)}</td>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for key, text in rows.items()
    )
    return f'<div style="flex:1;padding:10px"><h3>{title}</h3><table>{cells}</table></div>'
