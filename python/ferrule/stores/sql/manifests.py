"""Manifests, entries and contents in SQL."""

from collections.abc import Collection as Several
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from ferrule.errors import Conflict
from ferrule.ports.artifacts import COMMITTED
from ferrule.ports.manifests import Content, Entry, Manifest
from ferrule.ports.pages import Page
from ferrule.stores import cursors
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.tables import (
    artifact,
    artifact_collection,
    artifact_content,
    artifact_entry,
    artifact_manifest,
    entity,
    project,
)

_MANIFEST = tuple(artifact_manifest.c[one.name] for one in fields(Manifest))
_ENTRY = tuple(artifact_entry.c[one.name] for one in fields(Entry))
_CONTENT = tuple(artifact_content.c[one.name] for one in fields(Content))
# SQLite takes 32,766 variables in a statement, PostgreSQL's driver the same.
_AT_ONCE = 10_000


class SqlManifests:
    """Manifests, entries and contents in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, manifest: Manifest) -> Manifest:
        """Note a manifest that will come."""
        values = asdict(manifest)
        del values["id"]
        query = insert(artifact_manifest).values(values).returning(artifact_manifest.c.id)
        made = await self._database.write(lambda connection: connection.execute(query).scalar_one())
        return Manifest(**values, id=made)

    async def get(self, manifest_id: int) -> Manifest | None:
        """Return a manifest."""
        return await self._database.read(lambda connection: _manifest(connection, manifest_id))

    async def announce(
        self, manifest_id: int, digest: str, base_id: int | None = None
    ) -> Manifest | None:
        """Say what a manifest's bytes will be."""
        values: dict[str, Any] = {"digest": digest, "blob": ""}
        if base_id is not None:
            values["base_id"] = base_id
        return await self._database.write(
            lambda connection: _changed(connection, manifest_id, values)
        )

    async def arrived(self, manifest_id: int, blob: str) -> None:
        """Note where a manifest's bytes are."""
        await self._database.write(
            lambda connection: _changed(connection, manifest_id, {"blob": blob})
        )

    async def of(self, artifact_id: int) -> tuple[Manifest, ...]:
        """Return an artifact's manifests."""
        query = (
            select(*_MANIFEST)
            .where(artifact_manifest.c.artifact_id == artifact_id)
            .order_by(artifact_manifest.c.id)
        )
        return await self._database.read(
            lambda connection: tuple(Manifest(*row) for row in connection.execute(query))
        )

    async def contents(
        self, md5s: Several[str], *, entities: Several[str] | None
    ) -> dict[str, Content]:
        """Return what some entities have of contents."""
        return await self._database.read(lambda connection: _contents(connection, md5s, entities))

    async def keep(self, entity: str, content: Content) -> Content:
        """Note that an entity has bytes."""
        return await self._database.write(
            lambda connection: keep_content(connection, entity, content)
        )

    async def readable(self, entity: str, md5: str) -> Content | None:
        """Return bytes that a committed artifact of an entity has."""
        return await self._database.read(lambda connection: _readable(connection, entity, md5))

    async def entry(self, artifact_id: int, path: str) -> Entry | None:
        """Return an entry."""
        query = select(*_ENTRY).where(*_wanted(artifact_id, [path]))
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else Entry(*row)

    async def entries(
        self,
        artifact_id: int,
        *,
        names: Sequence[str] = (),
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Entry]:
        """List an artifact's entries."""
        query = select(*_ENTRY).where(*_wanted(artifact_id, names))
        if after is not None:
            query = query.where(artifact_entry.c.path > cursors.read(after, [str])[0])
        query = query.order_by(artifact_entry.c.path).limit(limit + 1)
        found = await self._database.read(
            lambda connection: [Entry(*row) for row in connection.execute(query)]
        )
        items = tuple(found[:limit])
        marks = tuple(cursors.written([entry.path]) for entry in items)
        return Page(items, marks, more=len(found) > limit)

    async def count(self, artifact_id: int, *, names: Sequence[str] = ()) -> int:
        """Count what `entries` would list."""
        query = select(func.count()).select_from(artifact_entry).where(*_wanted(artifact_id, names))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def all(self, artifact_id: int) -> tuple[Entry, ...]:
        """Return every entry of an artifact."""
        query = select(*_ENTRY).where(*_wanted(artifact_id, ())).order_by(artifact_entry.c.path)
        return await self._database.read(
            lambda connection: tuple(Entry(*row) for row in connection.execute(query))
        )


def _wanted(artifact_id: int, names: Sequence[str]) -> list[ColumnElement[bool]]:
    mine = [artifact_entry.c.artifact_id == artifact_id]
    return [*mine, artifact_entry.c.path.in_(list(names))] if names else mine


def _manifest(connection: Connection, manifest_id: int) -> Manifest | None:
    query = select(*_MANIFEST).where(artifact_manifest.c.id == manifest_id)
    row = connection.execute(query).first()
    return None if row is None else Manifest(*row)


def _changed(connection: Connection, manifest_id: int, values: dict[str, Any]) -> Manifest | None:
    mine = artifact_manifest.c.id == manifest_id
    connection.execute(update(artifact_manifest).where(mine).values(values))
    return _manifest(connection, manifest_id)


def _contents(
    connection: Connection, md5s: Several[str], entities: Several[str] | None
) -> dict[str, Content]:
    query = select(*_CONTENT).order_by(artifact_content.c.id.desc())
    if entities is not None:
        query = query.join(entity).where(entity.c.name.in_(list(entities)))
    found: dict[str, Content] = {}
    for some in _batches(list(md5s)):
        rows = connection.execute(query.where(artifact_content.c.md5.in_(some)))
        # The oldest comes last, and stays.
        found |= {row[0]: Content(*row) for row in rows}
    return found


def _batches(texts: list[str]) -> Iterator[list[str]]:
    return (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))


def keep_content(connection: Connection, owner: str, content: Content) -> Content:
    """Note that an entity has bytes, inside a transaction. See the port."""
    owner_id = connection.execute(select(entity.c.id).where(entity.c.name == owner)).scalar_one()
    query = select(*_CONTENT).where(
        artifact_content.c.entity_id == owner_id, artifact_content.c.md5 == content.md5
    )
    row = connection.execute(query).first()
    if row is None:
        values = {"entity_id": owner_id, **asdict(content)}
        connection.execute(insert(artifact_content).values(values))
        return content
    if row[1] != content.blob:
        raise Conflict("Other bytes of the same MD5 are here already, so these were not kept.")
    return Content(*row)


def _readable(connection: Connection, owner: str, md5: str) -> Content | None:
    used = (
        select(artifact_entry.c.path)
        .join(artifact, artifact.c.id == artifact_entry.c.artifact_id)
        .join(artifact_collection, artifact_collection.c.id == artifact.c.collection_id)
        .join(project, project.c.id == artifact_collection.c.project_id)
        .where(
            artifact_entry.c.digest == md5,
            artifact_entry.c.ref.is_(None),
            artifact.c.state == COMMITTED,
            project.c.entity_id == artifact_content.c.entity_id,
        )
    )
    query = (
        select(*_CONTENT)
        .join(entity)
        .where(entity.c.name == owner, artifact_content.c.md5 == md5, used.exists())
    )
    row = connection.execute(query).first()
    return None if row is None else Content(*row)
