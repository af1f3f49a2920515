"""What all charts have in common: a table, and a panel in the run's config that shows it."""

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from wandb.errors import Error

if TYPE_CHECKING:
    from wandb.data_types.table import Table


class Panel(Protocol):
    """What is said of a chart in the run's config."""

    @property
    def config_key(self) -> tuple[str, str, str]:
        """Where in the config."""

    @property
    def config_value(self) -> dict[str, Any]:
        """What is said."""


class Chart:
    """A value of `Run.log` that becomes a table in the row and a panel in the config."""

    is_chart: ClassVar[bool] = True

    table: "Table"

    def placed(self, key: str) -> tuple[str, Panel]:
        """Return the key of the chart's table, and its panel, for a chart logged under a key."""
        raise NotImplementedError


def table_of(value: Any, argument: str) -> "Table":
    """Return a table that somebody passed.

    Raises:
        Error: It is none.
    """
    from wandb.data_types.table import Table

    if not isinstance(value, Table):
        raise Error(f"`{argument}` must be a `wandb.Table`, not {type(value).__name__}")
    return value
