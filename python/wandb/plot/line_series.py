"""`line_series`: several lines in one chart."""

from collections.abc import Iterable
from typing import Any

from wandb.plot.custom_chart import CustomChart, plot_table


def line_series(
    xs: Iterable[Iterable[Any]] | Iterable[Any],
    ys: Iterable[Iterable[Any]],
    keys: Iterable[str] | None = None,
    title: str = "",
    xname: str = "x",
    split_table: bool = False,
) -> CustomChart:
    """Draw several lines in one chart.

    Args:
        xs: The x values, one list for all lines or one for each.
        ys: The y values, a list for each line.
        keys: The lines' names; `line_0`, `line_1` and so on if None.
        title: The chart's title.
        xname: The title of the x-axis.
        split_table: Whether the table of the points is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log. A line has as many points as the shorter of its two lists.

    Raises:
        TypeError: What must be a list is none.
        ValueError: There are not as many lists of x values, or names, as there are lines.

    Examples:
        xs = list(range(10))
        ys = [[x for x in xs], [x**2 for x in xs]]
        run.log({"powers": wandb.plot.line_series(xs, ys, keys=["x", "x^2"], xname="step")})
    """
    from wandb.data_types.table import Table

    lines = [_listed("ys", line) for line in _listed("ys", ys)]
    places = _for_each(_listed("xs", xs), len(lines))
    if len(places) != len(lines):
        raise ValueError(
            f"`xs` has {len(places)} lists for {len(lines)} lines: "
            "pass one list, or one for each line of `ys`"
        )
    names = [f"line_{at}" for at in range(len(lines))] if keys is None else list(keys)
    if len(names) != len(lines):
        raise ValueError(f"`keys` has {len(names)} names for {len(lines)} lines: pass as many")
    rows = [
        [x, name, y]
        for name, points, values in zip(names, places, lines, strict=True)
        for x, y in zip(points, values, strict=False)
    ]
    columns = ["step", "lineKey", "lineVal"]
    return plot_table(
        data_table=Table(columns=columns, data=rows),
        vega_spec_name="wandb/lineseries/v0",
        fields={column: column for column in columns},
        string_fields={"title": title, "xname": xname},
        split_table=split_table,
    )


def _listed(argument: str, values: Any) -> list[Any]:
    try:
        return list(values)
    except TypeError as err:
        raise TypeError(f"`{argument}` must hold lists of values, not {values!r}") from err


def _for_each(xs: list[Any], lines: int) -> list[Any]:
    """Return a list of x values for each line, given these or the one that all share."""
    shared = not xs or not isinstance(xs[0], Iterable) or isinstance(xs[0], (str, bytes))
    return [xs] * lines if shared else xs
