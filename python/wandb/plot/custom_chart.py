"""`plot_table`: a chart by a Vega-Lite specification that the server keeps."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import termwarn
from wandb.errors import Error
from wandb.plot.chart import Chart, Panel, table_of

if TYPE_CHECKING:
    from wandb.data_types.table import Table

_SECTION = "Custom Chart Tables"


@dataclass
class CustomChartSpec:
    """How a chart is drawn.

    Attributes:
        spec_name: Which specification: `wandb/line/v0`, or `entity/name` of one of your own.
        fields: The columns of the table by the names of the specification's fields.
        string_fields: Texts by the names of the specification's strings.
        key: What the chart is logged under; set when it is.
        panel_type: Which kind of panel shows it.
        split_table: Whether the table is shown in a section of its own.
    """

    spec_name: str
    fields: dict[str, Any]
    string_fields: dict[str, Any]
    key: str = ""
    panel_type: str = "Vega2"
    split_table: bool = False

    @property
    def table_key(self) -> str:
        """What the chart's table is logged under.

        Raises:
            Error: The chart has no key yet.
        """
        if not self.key:
            raise Error("The chart has no key yet: log it, or call `set_key` first.")
        section = f"{_SECTION}/" if self.split_table else ""
        return f"{section}{self.key}_table"

    @property
    def config_key(self) -> tuple[str, str, str]:
        """Where in the run's config the chart's panel stands."""
        return ("_wandb", "visualize", self.key)

    @property
    def config_value(self) -> dict[str, Any]:
        """The chart's panel in the run's config.

        Raises:
            Error: The chart has no key yet.
        """
        return {
            "panel_type": self.panel_type,
            "panel_config": {
                "panelDefId": self.spec_name,
                "fieldSettings": self.fields,
                "stringSettings": self.string_fields,
                "transform": {"name": "tableWithLeafColNames"},
                "userQuery": {"queryFields": [self._query()]},
            },
        }

    def _query(self) -> dict[str, Any]:
        """Say where the panel finds its rows: in the table, of each run that is shown."""
        table = _field("summaryTable", args=[{"name": "tableKey", "value": self.table_key}])
        fields = [_field("id"), _field("name"), _field("_defaultColorIndex"), table]
        args = [{"name": "runSets", "value": "${runSets}"}]
        return {"name": "runSets", "args": args, "fields": fields}


def _field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **more, "fields": []}


@dataclass
class CustomChart(Chart):
    """A table, and how it is drawn. Log it as any other value."""

    table: "Table"
    spec: CustomChartSpec

    def set_key(self, key: str) -> None:
        """Say what the chart is logged under."""
        self.spec.key = key

    def placed(self, key: str) -> tuple[str, Panel]:
        """Return the key of the chart's table, and its panel."""
        panel = replace(self.spec, key=key)
        return panel.table_key, panel


def plot_table(
    vega_spec_name: str,
    data_table: "Table",
    fields: dict[str, Any],
    string_fields: dict[str, Any] | None = None,
    split_table: bool = False,
) -> CustomChart:
    """Draw a table by a Vega-Lite specification that the server keeps.

    Args:
        vega_spec_name: Which specification: one that comes with the server, such as
            `wandb/line/v0`, or one made with `Api.create_custom_chart`, as `entity/name`.
        data_table: What to draw.
        fields: The columns of the table by the names of the specification's fields.
        string_fields: Texts for the specification's strings, such as `title`.
        split_table: Whether the table itself is shown in a section "Custom Chart Tables" and not
            beside the chart.

    Returns:
        A chart to log.

    Raises:
        Error: `data_table` is no `wandb.Table`.

    Examples:
        table = wandb.Table(columns=["x", "y"], data=[[1, 1], [2, 4], [3, 9]])
        chart = wandb.plot_table("wandb/line/v0", table, {"x": "x", "y": "y"}, {"title": "Squares"})
        run.log({"squares": chart})
    """
    table = table_of(data_table, "data_table")
    _warn_of_unknown(fields, table.columns)
    spec = CustomChartSpec(vega_spec_name, fields, string_fields or {}, split_table=split_table)
    return CustomChart(table, spec)


def _warn_of_unknown(fields: dict[str, Any] | None, columns: list[Any]) -> None:
    unknown = {name for name in (fields or {}).values() if isinstance(name, str)} - set(columns)
    if unknown:
        termwarn(
            f"wandb.plot: the table has no column {', '.join(map(repr, sorted(unknown)))}, so that "
            f"the chart will show nothing of it; its columns are {columns}.",
            repeat=False,
        )
