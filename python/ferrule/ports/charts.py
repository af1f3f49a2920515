"""Charts of people's own: Vega-Lite specifications that panels are drawn by."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Chart:
    """A specification by its name.

    Attributes:
        entity: Whose it is; `wandb` for those that come with the server.
        name: Unique there.
        display_name: What the page calls it.
        kind: Of which language the specification is: `vega2`.
        public: Whether everyone with an account may draw by it; else members of the entity.
        spec: The specification, a JSON object as text.
        created_at: UTC microseconds.
        updated_at: UTC microseconds.
    """

    entity: str
    name: str
    display_name: str
    kind: str
    public: bool
    spec: str
    created_at: int = 0
    updated_at: int = 0

    @property
    def path(self) -> str:
        """How the chart is named from outside, and its id: `entity/name`."""
        return f"{self.entity}/{self.name}"


class Charts(Protocol):
    """Charts of all entities. Unique: (entity, name)."""

    async def get(self, entity: str, name: str) -> Chart | None:
        """Return the chart, None if there is none."""

    async def put(self, chart: Chart) -> Chart:
        """Keep a chart in place of the one of its name, if there is one.

        Its times are set here. The time it was made stays that of the first one.

        Raises:
            ferrule.errors.NotFound: There is no such entity.
        """
