"""`histogram`: how the values of a column are distributed."""

from typing import TYPE_CHECKING

from wandb.plot.custom_chart import CustomChart, plot_table

if TYPE_CHECKING:
    from wandb.data_types.table import Table


def histogram(
    table: "Table",
    value: str,
    title: str = "",
    split_table: bool = False,
) -> CustomChart:
    """Draw how the values of a column are distributed. The page counts them.

    Args:
        table: What to draw.
        value: The column.
        title: The chart's title.
        split_table: Whether the table itself is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log.

    Raises:
        Error: `table` is no `wandb.Table`.

    Examples:
        table = wandb.Table(columns=["height"], data=[[1.7], [1.8], [1.65]])
        run.log({"heights": wandb.plot.histogram(table, "height", title="Heights")})
    """
    return plot_table(
        data_table=table,
        vega_spec_name="wandb/histogram/v0",
        fields={"value": value},
        string_fields={"title": title},
        split_table=split_table,
    )
