"""`bar`: a bar for each row of a table."""

from typing import TYPE_CHECKING

from wandb.plot.custom_chart import CustomChart, plot_table

if TYPE_CHECKING:
    from wandb.data_types.table import Table


def bar(
    table: "Table",
    label: str,
    value: str,
    title: str = "",
    split_table: bool = False,
) -> CustomChart:
    """Draw a bar for each row of a table.

    Args:
        table: What to draw.
        label: The column of the bars' labels.
        value: The column of the bars' lengths.
        title: The chart's title.
        split_table: Whether the table itself is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log.

    Raises:
        Error: `table` is no `wandb.Table`.

    Examples:
        table = wandb.Table(columns=["class", "accuracy"], data=[["car", 0.9], ["bus", 0.7]])
        run.log({"accuracies": wandb.plot.bar(table, "class", "accuracy", title="By class")})
    """
    return plot_table(
        data_table=table,
        vega_spec_name="wandb/bar/v0",
        fields={"label": label, "value": value},
        string_fields={"title": title},
        split_table=split_table,
    )
