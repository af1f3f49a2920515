"""`visualize`: a table drawn by one of the page's own charts, named by an id."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wandb.plot.chart import Chart, Panel, table_of

if TYPE_CHECKING:
    from wandb.data_types.table import Table


@dataclass
class VisualizeSpec:
    """Which chart is drawn.

    Attributes:
        name: The chart's id.
        key: What the table is logged under; set when it is.
    """

    name: str
    key: str = ""

    @property
    def config_key(self) -> tuple[str, str, str]:
        """Where in the run's config the chart stands."""
        return ("_wandb", "viz", self.key)

    @property
    def config_value(self) -> dict[str, Any]:
        """What the run's config says of the chart."""
        settings = {"x-axis": "_step", "key": self.key}
        return {"id": self.name, "historyFieldSettings": settings}


@dataclass
class Visualize(Chart):
    """A table, and which chart draws it. Log it as any other value."""

    table: "Table"
    spec: VisualizeSpec

    def set_key(self, key: str) -> None:
        """Say what the table is logged under."""
        self.spec.key = key

    def placed(self, key: str) -> tuple[str, Panel]:
        """Return the key of the table, which is the chart's own, and its panel."""
        return key, replace(self.spec, key=key)


def visualize(id: str, value: "Table") -> Visualize:
    """Draw a table by one of the page's own charts.

    Args:
        id: The chart's id.
        value: What to draw.

    Raises:
        Error: `value` is no `wandb.Table`.
    """
    return Visualize(table_of(value, "value"), VisualizeSpec(id))
