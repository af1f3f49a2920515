"""Bare values that users log, such as images and figures of other libraries → values of ours.

They are known by the names of their classes, so that nothing heavy is imported to know one.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from wandb._base.jsonable import Converters
from wandb.data_types.base import WBValue

Maker = Callable[[Any], WBValue | None]


def made_by(home: str) -> Maker:
    """Make values by what a name of the form `"module:name.name"` leads to."""
    module, _, names = home.partition(":")

    def make(value: Any) -> WBValue | None:
        found: Any = import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
        made: WBValue | None = found(value)
        return made

    return make


def _table_of_pandas(frame: Any) -> WBValue:
    table: WBValue = import_module("wandb.data_types.table").Table(dataframe=frame)
    return table


def _table_of_polars(frame: Any) -> WBValue:
    tables = import_module("wandb.data_types.table")
    table: WBValue = tables.Table(columns=list(frame.columns), data=list(map(list, frame.rows())))
    return table


_plot_of = made_by("wandb.data_types.plotly:Plotly.make_plot_media")


def _plot_of_module(module: Any) -> WBValue | None:
    """Make a plot of `pyplot`'s current figure; other modules are no values."""
    return _plot_of(module) if module.__name__ == "matplotlib.pyplot" else None


# `top-package.ClassName` of a class or an ancestor of it → what makes a value of ours.
_MAKERS: dict[str, Maker] = {
    "wandb.WBValue": lambda value: value,
    "PIL.Image": made_by("wandb.data_types.image:Image"),
    "bokeh.Document": made_by("wandb.data_types.bokeh:Bokeh"),
    "bokeh.Model": made_by("wandb.data_types.bokeh:Bokeh"),
    "builtins.module": _plot_of_module,
    "matplotlib.Artist": _plot_of,
    "pandas.DataFrame": _table_of_pandas,
    "plotly.BaseFigure": _plot_of,
    "polars.DataFrame": _table_of_polars,
}

_known = Converters(_MAKERS)


def as_value(value: Any) -> WBValue | None:
    """Return a value of ours for one that a user logs, or None where there is none."""
    make = _known.find(type(value))
    made: WBValue | None = None if make is None else make(value)
    return made
