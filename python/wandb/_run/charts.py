"""Charts on their way into a run: their tables go into the row, their panels into the config.

The native writer walks a row once and knows nothing of charts. Where it asks for a value, and
`wandb.plot` was ever imported, the row may have some: the walk is ended, before anything of the
row was kept, and `log_with_charts` takes them out first. Rows of numbers are not looked at.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeGuard

from wandb._base.jsonable import config_value
from wandb._wire.journal import config_record

if TYPE_CHECKING:
    from wandb._run.run import Run
    from wandb.plot.chart import Chart, Panel

_PLOT = "wandb.plot.chart"
# What is nested deeper the writer refuses.
_DEEPEST = 128

_looked_at = ContextVar("looked_at", default=False)


class RowMayHaveCharts(BaseException):
    """Ends the walk of a row, so that it is looked at for charts first.

    No `Exception`: the writer takes those for a value's own fault, and goes on.
    """


def look_first(value: Any) -> None:
    """End the walk of a row that has such a value, if it may have charts.

    Raises:
        RowMayHaveCharts: It may.
        TypeError: The row was looked at, and there is still a chart, as in a list.
    """
    if _PLOT not in sys.modules:
        return
    if not _looked_at.get():
        raise RowMayHaveCharts
    if _is_chart(value):
        raise TypeError("a chart must be logged under a key of its own, not inside another value")


def log_with_charts(run: "Run", data: Mapping[str, Any], step: int | None, commit: Any) -> bool:
    """Log a row with its charts taken out: tables in their place, panels in the config.

    The caller's mapping is left as it is.
    """
    charts: dict[str, Chart] = {}
    row = _without_charts(data, charts)
    for key, chart in charts.items():
        table_key, panel = chart.placed(key)
        row[table_key] = chart.table
        _keep(run, panel)
    with _once_looked_at():
        return run._log_row(row, step, commit)


@contextmanager
def _once_looked_at() -> Iterator[None]:
    before = _looked_at.set(True)
    try:
        yield
    finally:
        _looked_at.reset(before)


def _is_chart(value: Any) -> "TypeGuard[Chart]":
    return getattr(type(value), "is_chart", False) is True


def _without_charts(
    data: Mapping[str, Any], charts: "dict[str, Chart]", path: str = "", depth: int = 0
) -> dict[str, Any]:
    """Copy a mapping without its charts, and note those by their keys, joined by dots."""
    kept: dict[str, Any] = {}
    for key, value in data.items():
        inner = f"{path}.{key}" if path else str(key)
        if _is_chart(value):
            charts[inner] = value
        elif isinstance(value, dict) and depth < _DEEPEST:
            kept[key] = _without_charts(value, charts, inner, depth + 1)
        else:
            kept[key] = value
    return kept


def _keep(run: "Run", panel: "Panel") -> None:
    """Put a panel into the run's config, unless it stands there."""
    owner, kind, key = panel.config_key
    keep_told(run, owner, kind, key, config_value(panel.config_value))


def keep_told(run: "Run", owner: str, kind: str, key: str, told: Any) -> None:
    """Put what the page is told of a key into the run's config, unless it stands there."""
    known = run._config._items.setdefault(owner, {}).setdefault(kind, {})
    if known.get(key) != told:
        known[key] = told
        run._append(config_record({owner: {kind: {key: told}}}))
