"""Charts in memory, for tests; lost with the process."""

import time
from dataclasses import replace

from ferrule.errors import NotFound
from ferrule.ports.charts import Chart
from ferrule.ports.people import People


class MemoryCharts:
    """Charts in memory."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._charts: dict[tuple[str, str], Chart] = {}

    async def get(self, entity: str, name: str) -> Chart | None:
        """Return the chart."""
        return self._charts.get((entity, name))

    async def put(self, chart: Chart) -> Chart:
        """Keep a chart in place of the one of its name."""
        if not await self._people.entity_exists(chart.entity):
            raise NotFound(f"No entity `{chart.entity}` was found.")
        now = time.time_ns() // 1000
        known = self._charts.get((chart.entity, chart.name))
        made = now if known is None else known.created_at
        kept = replace(chart, created_at=made, updated_at=now)
        self._charts[chart.entity, chart.name] = kept
        return kept
