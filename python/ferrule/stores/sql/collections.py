"""Collections, their types and memberships in SQL."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select

from ferrule.ports.artifacts import LATEST, Alias, Artifact, Membership, version_of
from ferrule.ports.collections import ArtifactType, Collection
from ferrule.ports.pages import Page
from ferrule.stores import cursors
from ferrule.stores.sql.artifact_rows import (
    artifact_by_id,
    artifact_of,
    artifacts,
    collection_of,
    collections,
    members,
    membership_of,
    type_of,
    types,
)
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.tables import (
    artifact,
    artifact_alias,
    artifact_collection,
    artifact_member,
    artifact_type,
)

T = TypeVar("T")


class SqlCollections:
    """Collections in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def _first(self, query: Select[Any]) -> Sequence[Any] | None:
        return await self._database.read(lambda connection: connection.execute(query).first())

    async def _count(self, query: Select[Any]) -> int:
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def type(self, project_id: int, name: str) -> ArtifactType | None:
        """Return a type."""
        query = types().where(
            artifact_type.c.project_id == project_id, artifact_type.c.name == name
        )
        return type_of(await self._first(query))

    async def types(
        self, project_id: int, *, after: str | None = None, limit: int = 50
    ) -> Page[ArtifactType]:
        """List a project's types."""
        query = types().where(artifact_type.c.project_id == project_id)
        name = artifact_type.c.name
        return await self._by_name(query, name, after, limit, lambda row: ArtifactType(*row))

    async def get(self, project_id: int, name: str) -> Collection | None:
        """Return a collection."""
        query = collections().where(
            artifact_collection.c.project_id == project_id, artifact_collection.c.name == name
        )
        return collection_of(await self._first(query))

    async def by_id(self, collection_id: int) -> Collection | None:
        """Return a collection."""
        query = collections().where(artifact_collection.c.id == collection_id)
        return collection_of(await self._first(query))

    async def find(
        self,
        project_id: int,
        *,
        type_name: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Collection]:
        """List a project's collections."""
        query = collections().where(*_in_project(project_id, type_name))
        name = artifact_collection.c.name
        return await self._by_name(query, name, after, limit, lambda row: Collection(*row))

    async def count(self, project_id: int, *, type_name: str | None = None) -> int:
        """Count what `find` would list."""
        query = (
            select(func.count())
            .select_from(artifact_collection)
            .join(artifact_type, artifact_type.c.id == artifact_collection.c.type_id)
        )
        return await self._count(query.where(*_in_project(project_id, type_name)))

    async def _by_name(
        self,
        query: Select[Any],
        name: ColumnElement[str],
        after: str | None,
        limit: int,
        read: Callable[[Sequence[Any]], T],
    ) -> Page[T]:
        if after is not None:
            query = query.where(name > cursors.read(after, [str])[0])
        query = query.order_by(name).limit(limit + 1).add_columns(name)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        items = tuple(read(row[:-1]) for row in found[:limit])
        marks = tuple(cursors.written([row[-1]]) for row in found[:limit])
        return Page(items, marks, more=len(found) > limit)

    async def member(self, collection_id: int, name: str) -> Membership | None:
        """Return the version that goes by a number or an alias."""
        return await self._database.read(
            lambda connection: _member(connection, collection_id, name)
        )

    async def newest(self, collection_id: int) -> Artifact | None:
        """Return the version called `latest`, else that of the highest number."""
        return await self._database.read(lambda connection: _newest(connection, collection_id))

    async def memberships(self, artifact_id: int) -> tuple[Membership, ...]:
        """Return where an artifact is a version."""
        return await self._database.read(lambda connection: _memberships(connection, artifact_id))

    async def versions(
        self,
        collection_id: int,
        *,
        oldest_first: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Artifact]:
        """List the versions of a collection."""
        number = artifact_member.c.version
        query = (
            artifacts()
            .add_columns(number)
            .join(artifact_member, artifact_member.c.artifact_id == artifact.c.id)
            .where(artifact_member.c.collection_id == collection_id)
        )
        if after is not None:
            last = cursors.read(after, [int])[0]
            query = query.where(number > last if oldest_first else number < last)
        query = query.order_by(number if oldest_first else number.desc()).limit(limit + 1)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        items = tuple(artifact_of(row[:-1]) for row in found[:limit])
        marks = tuple(cursors.written([row[-1]]) for row in found[:limit])
        return Page(items, marks, more=len(found) > limit)

    async def count_versions(self, collection_id: int) -> int:
        """Count what `versions` would list."""
        query = select(func.count()).select_from(artifact_member)
        return await self._count(query.where(artifact_member.c.collection_id == collection_id))

    async def aliases(self, collection_id: int) -> tuple[Alias, ...]:
        """Return all aliases of a collection's versions."""
        query = (
            select(artifact_alias.c.id, artifact_alias.c.name)
            .where(artifact_alias.c.collection_id == collection_id)
            .order_by(artifact_alias.c.id)
        )
        return await self._database.read(
            lambda connection: tuple(Alias(*row) for row in connection.execute(query))
        )


def _in_project(project_id: int, type_name: str | None) -> list[ColumnElement[bool]]:
    mine = [artifact_collection.c.project_id == project_id]
    return mine if type_name is None else [*mine, artifact_type.c.name == type_name]


def _member(connection: Connection, collection_id: int, name: str) -> Membership | None:
    query = members().where(artifact_member.c.collection_id == collection_id)
    version = version_of(name)
    if version is None:
        called = select(artifact_alias.c.member_id).where(
            artifact_alias.c.collection_id == collection_id, artifact_alias.c.name == name
        )
        query = query.where(artifact_member.c.id.in_(called))
    else:
        query = query.where(artifact_member.c.version == version)
    return membership_of(connection, connection.execute(query).first())


def _newest(connection: Connection, collection_id: int) -> Artifact | None:
    called = _member(connection, collection_id, LATEST)
    if called is not None:
        return artifact_by_id(connection, called.artifact_id)
    query = (
        select(artifact_member.c.artifact_id)
        .where(artifact_member.c.collection_id == collection_id)
        .order_by(artifact_member.c.version.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else artifact_by_id(connection, found)


def _memberships(connection: Connection, artifact_id: int) -> tuple[Membership, ...]:
    query = members().where(artifact_member.c.artifact_id == artifact_id)
    rows = connection.execute(query.order_by(artifact_member.c.id)).all()
    found = (membership_of(connection, row) for row in rows)
    return tuple(one for one in found if one is not None)
