"""Charts in SQL."""

import time
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from ferrule.errors import NotFound
from ferrule.ports.charts import Chart
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.tables import chart as table
from ferrule.stores.sql.tables import entity


class SqlCharts:
    """Charts in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, entity: str, name: str) -> Chart | None:
        """Return the chart."""
        return await self._database.read(lambda connection: _get(connection, entity, name))

    async def put(self, chart: Chart) -> Chart:
        """Keep a chart in place of the one of its name."""
        return await self._database.write(lambda connection: _put(connection, chart))


def _lines(entity_name: str, name: str) -> Select[Any]:
    return (
        select(
            entity.c.name,
            table.c.name,
            table.c.display_name,
            table.c.kind,
            table.c.public,
            table.c.spec,
            table.c.created_at,
            table.c.updated_at,
        )
        .join(entity)
        .where(entity.c.name == entity_name, table.c.name == name)
    )


def _get(connection: Connection, entity_name: str, name: str) -> Chart | None:
    row = connection.execute(_lines(entity_name, name)).first()
    return None if row is None else Chart(*row)


def _put(connection: Connection, chart: Chart) -> Chart:
    entity_id = connection.execute(
        select(entity.c.id).where(entity.c.name == chart.entity)
    ).scalar_one_or_none()
    if entity_id is None:
        raise NotFound(f"No entity `{chart.entity}` was found.")
    now = time.time_ns() // 1000
    known = _get(connection, chart.entity, chart.name)
    kept = replace(chart, created_at=known.created_at if known else now, updated_at=now)
    values = {
        "display_name": kept.display_name,
        "kind": kept.kind,
        "public": kept.public,
        "spec": kept.spec,
        "updated_at": kept.updated_at,
    }
    if known is not None:
        own = (table.c.entity_id == entity_id, table.c.name == chart.name)
        connection.execute(update(table).where(*own).values(values))
    else:
        key = {"entity_id": entity_id, "name": kept.name, "created_at": kept.created_at}
        connection.execute(insert(table).values(key | values))
    return kept
