"""`scatter`: a point for each row of a table."""

from typing import TYPE_CHECKING

from wandb.plot.custom_chart import CustomChart, plot_table

if TYPE_CHECKING:
    from wandb.data_types.table import Table


def scatter(
    table: "Table",
    x: str,
    y: str,
    title: str = "",
    split_table: bool = False,
) -> CustomChart:
    """Draw a point for each row of a table.

    Args:
        table: What to draw.
        x: The column of the x-axis.
        y: The column of the y-axis.
        title: The chart's title.
        split_table: Whether the table itself is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log.

    Raises:
        Error: `table` is no `wandb.Table`.

    Examples:
        table = wandb.Table(columns=["altitude", "celsius"], data=[[0, 15.0], [1000, 8.5]])
        run.log({"air": wandb.plot.scatter(table, "altitude", "celsius")})
    """
    return plot_table(
        data_table=table,
        vega_spec_name="wandb/scatter/v0",
        fields={"x": x, "y": y},
        string_fields={"title": title},
        split_table=split_table,
    )
