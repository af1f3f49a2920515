"""Projects in SQL."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, or_, select, update

from ferrule.errors import NotFound
from ferrule.ports.pages import Page
from ferrule.ports.projects import Project, Totals
from ferrule.ports.runs import LIVE
from ferrule.stores import cursors
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.hot import Hot
from ferrule.stores.sql.tables import entity, project, run


class SqlProjects:
    """Projects in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, entity: str, name: str) -> Project | None:
        """Return the project."""
        return await self._database.read(lambda connection: _get(connection, entity, name))

    async def get_by_id(self, project_id: int) -> Project | None:
        """Return the project."""
        return await self._database.read(lambda connection: _by_id(connection, project_id))

    async def ensure(self, entity: str, name: str) -> Project:
        """Return the project, made now if there is none."""
        known = await self.get(entity, name)
        if known is not None:
            return known
        return await self._database.write(lambda connection: _ensure(connection, entity, name))

    async def describe(self, project_id: int, description: str) -> Project:
        """Replace the description."""
        return await self._database.write(
            lambda connection: _describe(connection, project_id, description)
        )

    async def find(
        self, entities: Sequence[str], *, after: str | None = None, limit: int = 200
    ) -> Page[Project]:
        """List the projects of some entities."""
        query = _lines().where(entity.c.name.in_(list(entities)))
        if after is not None:
            at, last_id = cursors.read(after, [int, int])
            query = query.where(
                or_(
                    project.c.updated_at < at,
                    and_(project.c.updated_at == at, project.c.id < last_id),
                )
            )
        query = query.order_by(project.c.updated_at.desc(), project.c.id.desc()).limit(limit + 1)
        found = await self._database.read(
            lambda connection: [Project(*row) for row in _rows(connection, query)]
        )
        items = tuple(found[:limit])
        marks = tuple(cursors.written([item.updated_at, item.id]) for item in items)
        return Page(items, marks, more=len(found) > limit)

    async def totals(self, project_ids: Sequence[int]) -> dict[int, Totals]:
        """Count the runs of each of the projects."""
        live = func.sum(func.iif(run.c.state.in_(LIVE), 1, 0))
        query = (
            select(run.c.project_id, func.count(), live)
            .where(run.c.project_id.in_(list(project_ids)), run.c.deleted_at.is_(None))
            .group_by(run.c.project_id)
        )
        counted = await self._database.read(
            lambda connection: {row[0]: Totals(row[1], row[2]) for row in connection.execute(query)}
        )
        return {project_id: counted.get(project_id, Totals()) for project_id in project_ids}


def _lines() -> Select[Any]:
    return select(
        project.c.id,
        entity.c.name,
        project.c.name,
        project.c.description,
        project.c.created_at,
        project.c.updated_at,
    ).join(entity)


def _rows(connection: Connection, query: Select[Any]) -> Sequence[Sequence[Any]]:
    return connection.execute(query).all()


_BY_NAME = Hot(
    _lines().where(entity.c.name == bindparam("entity"), project.c.name == bindparam("name"))
)
_BY_ID = Hot(_lines().where(project.c.id == bindparam("id")))


def _get(connection: Connection, entity_name: str, name: str) -> Project | None:
    return _one(_BY_NAME.first(connection, entity=entity_name, name=name))


def _by_id(connection: Connection, project_id: int) -> Project | None:
    return _one(_BY_ID.first(connection, id=project_id))


def _one(row: Sequence[Any] | None) -> Project | None:
    return None if row is None else Project(*row)


def _ensure(connection: Connection, entity_name: str, name: str) -> Project:
    known = _get(connection, entity_name, name)
    if known is not None:
        return known
    entity_id = connection.execute(
        select(entity.c.id).where(entity.c.name == entity_name)
    ).scalar_one_or_none()
    if entity_id is None:
        raise NotFound(f"No entity `{entity_name}` was found.")
    at = time.time_ns() // 1000
    values = {"entity_id": entity_id, "name": name, "created_at": at, "updated_at": at}
    query = insert(project).values(values).returning(project.c.id)
    return Project(connection.execute(query).scalar_one(), entity_name, name, "", at, at)


def _describe(connection: Connection, project_id: int, description: str) -> Project:
    connection.execute(
        update(project).where(project.c.id == project_id).values(description=description)
    )
    found = _by_id(connection, project_id)
    if found is None:
        raise NotFound("The project is gone.")
    return found
