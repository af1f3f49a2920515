"""The lines a run opens and closes with, on stderr."""

import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from wandb._base.terminal import termlog, termwarn
from wandb._settings.settings import Settings

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-=*#"
POINTS = 40
_LONGEST_TEXT = 60


def opening(settings: Settings, folder: str, *, page: str | None = None) -> None:
    """Say that a run has begun, where it is kept, and where it can be looked at."""
    if settings.quiet:
        return
    name = f" {settings.run_name}," if settings.run_name else ""
    offline = "offline " if settings._offline else ""
    line = f"Run {settings.run_id},{name} kept {offline}in {shown_path(folder)}"
    shown_name = settings.run_name or str(settings.run_id)
    if _in_cell(settings, lambda notebook: notebook.opening_html([line], page, shown_name)):
        return
    termlog(line)
    if page:
        termlog(f"View it at {page}")


def _in_cell(settings: Settings, lay_out: Callable[[ModuleType], str]) -> bool:
    """Show something as HTML where the script runs in a notebook; return whether it was."""
    if not settings._jupyter or settings.silent or not settings.show_info:
        return False
    from wandb._run import notebook

    return notebook.show_html(lay_out(notebook))


def closing(
    settings: Settings,
    folder: str,
    facts: Mapping[str, Any],
    history: Mapping[str, Sequence[float]],
    summary: Mapping[str, Any],
) -> None:
    """Draw what was logged, and say how the run ended."""
    if not settings.quiet:
        _closing_tables(settings, folder, facts, history, summary)
    if facts.get("rows_lost"):
        termwarn(f"{facts['rows_lost']} rows of run {settings.run_id} were lost: the disk was full")
    if not facts.get("complete", True):
        rest = (
            "What is missing waits beside the journal and is added by the next `wandb.init` here."
            if facts.get("recoverable")
            else "What is missing could be kept nowhere and is lost."
        )
        termwarn(
            f"Run {settings.run_id} could not be written to its end ({facts.get('reason')}). {rest}"
        )
    elif facts.get("reason"):
        termwarn(
            f"The folder of run {settings.run_id} is gone: {facts['reason']}. Everything logged "
            f"was written anew to {facts['path']}; other files of the run are missing."
        )


def _closing_tables(
    settings: Settings,
    folder: str,
    facts: Mapping[str, Any],
    history: Mapping[str, Sequence[float]],
    summary: Mapping[str, Any],
) -> None:
    drawn = _drawn_history(history, _limit(settings, "history"))
    texts = _summary_texts(summary, _limit(settings, "summary"))
    ending, page = _ending(settings, folder, facts)

    def as_html(notebook: ModuleType) -> str:
        return str(notebook.closing_html(drawn[0], texts[0], [ending], page))

    if _in_cell(settings, as_html):
        return
    lines = [
        *_section("Run history:", _table(*drawn)),
        *_section("Run summary:", _table(*texts)),
    ]
    termlog("\n".join([*lines, ending, *([f"View it at {page}"] if page else [])]))


def _limit(settings: Settings, table: str) -> int:
    return int(getattr(settings, f"max_end_of_run_{table}_metrics"))


def _ending(settings: Settings, folder: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    rows = facts.get("rows", 0)
    page = "" if settings._offline else settings.run_url
    return (
        f"Run {settings.run_id} ended with {rows} row{'' if rows == 1 else 's'}, "
        f"kept in {shown_path(folder)}",
        page,
    )


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *lines, ""] if lines else []


def history_lines(history: Mapping[str, Sequence[float]], limit: int) -> list[str]:
    """Draw each metric as a row of blocks, by name."""
    return _table(*_drawn_history(history, limit))


def summary_lines(summary: Mapping[str, Any], limit: int) -> list[str]:
    """Write each plain summary value, by name."""
    return _table(*_summary_texts(summary, limit))


# Rows to show, and how many more there are.
_Rows = tuple[dict[str, str], int]


def _drawn_history(history: Mapping[str, Sequence[float]], limit: int) -> _Rows:
    drawn = {key: sparkline(history[key]) for key in sorted(history) if not key.startswith("_")}
    return _first({key: line for key, line in drawn.items() if line}, limit)


def _summary_texts(summary: Mapping[str, Any], limit: int) -> _Rows:
    shown = {key: _value_text(summary[key]) for key in sorted(summary) if not key.startswith("_")}
    return _first({key: text for key, text in shown.items() if text is not None}, limit)


def _first(rows: Mapping[str, str], limit: int) -> _Rows:
    kept = dict(list(rows.items())[:limit])
    return kept, len(rows) - len(kept)


def _table(rows: Mapping[str, str], hidden: int) -> list[str]:
    named = [(_cut(key), text) for key, text in rows.items()]
    width = max((len(name) for name, _ in named), default=0)
    lines = [f"  {name:>{width}} {text}" for name, text in named]
    return [*lines, f"  and {hidden} more"] if hidden else lines


def _value_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _cut(value.replace("\n", " "))
    return None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def sparkline(numbers: Sequence[float], width: int = POINTS) -> str:
    """Draw numbers as a row of at most `width` blocks, from the least to the greatest.

    NaN and infinities have no height and are left out.
    """
    finite = [number for number in numbers if math.isfinite(number)]
    if not finite:
        return ""
    points = finite if len(finite) <= width else _thinned(finite, width)
    blocks = _blocks()
    least, greatest = min(points), max(points)
    # Halves first: the span of two huge numbers is no number any more.
    half_span = greatest / 2 - least / 2
    top = len(blocks) - 1
    heights = (((point / 2 - least / 2) / half_span if half_span else 0) for point in points)
    return "".join(blocks[round(height * top)] for height in heights)


def _thinned(numbers: Sequence[float], width: int) -> list[float]:
    return [numbers[index * len(numbers) // width] for index in range(width)]


def _blocks() -> str:
    encoding = (getattr(sys.stderr, "encoding", None) or "ascii").lower().replace("-", "")
    return _BLOCKS if encoding.startswith("utf") else _ASCII_BLOCKS


def shown_path(path: str) -> str:
    """Shorten a path that lies below the current folder."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):
        return path
    return path if relative.startswith(os.pardir) else os.path.join(os.curdir, relative)
