"""`line`: lines through the rows of a table."""

from typing import TYPE_CHECKING

from wandb.plot.custom_chart import CustomChart, plot_table

if TYPE_CHECKING:
    from wandb.data_types.table import Table


def line(
    table: "Table",
    x: str,
    y: str,
    stroke: str | None = None,
    title: str = "",
    split_table: bool = False,
) -> CustomChart:
    """Draw a line through the rows of a table, or one for each value of a column.

    Args:
        table: What to draw.
        x: The column of the x-axis.
        y: The column of the y-axis.
        stroke: The column that says which line a row belongs to; all belong to one if None.
        title: The chart's title.
        split_table: Whether the table itself is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log.

    Raises:
        Error: `table` is no `wandb.Table`.

    Examples:
        rows = [[step, step**power, f"x^{power}"] for step in range(10) for power in (1, 2)]
        table = wandb.Table(columns=["step", "value", "series"], data=rows)
        run.log({"powers": wandb.plot.line(table, "step", "value", stroke="series")})
    """
    return plot_table(
        data_table=table,
        vega_spec_name="wandb/line/v0",
        fields={"x": x, "y": y, "stroke": stroke},
        string_fields={"title": title},
        split_table=split_table,
    )
