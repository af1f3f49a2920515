"""Artifacts in SQL."""

import json
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from ferrule.errors import Conflict, NotFound
from ferrule.ports.artifacts import (
    COMMITTED,
    DELETED,
    LATEST,
    MADE,
    PENDING,
    USED,
    Artifact,
    ArtifactChange,
    Contents,
    NewArtifact,
)
from ferrule.ports.manifests import Entry
from ferrule.ports.pages import Page
from ferrule.stores import cursors
from ferrule.stores.sql.artifact_rows import artifact_by_id, artifact_of, artifacts
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.manifests import keep_content
from ferrule.stores.sql.tables import (
    artifact,
    artifact_alias,
    artifact_client,
    artifact_collection,
    artifact_edge,
    artifact_entry,
    artifact_member,
    artifact_type,
    project,
)


class SqlArtifacts:
    """Artifacts in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, new: NewArtifact) -> Artifact:
        """Note that an artifact comes."""
        return await self._database.write(lambda connection: _create(connection, new))

    async def get(self, artifact_id: int) -> Artifact | None:
        """Return the artifact."""
        return await self._database.read(lambda connection: artifact_by_id(connection, artifact_id))

    async def by_client(self, client_id: str) -> Artifact | None:
        """Return the artifact that a client named so."""
        query = (
            artifacts()
            .join(artifact_client, artifact_client.c.artifact_id == artifact.c.id)
            .where(artifact_client.c.client_id == client_id)
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else artifact_of(row)

    async def commit(self, artifact_id: int, contents: Contents) -> Artifact:
        """Make an artifact the next version of its collection."""
        return await self._database.write(
            lambda connection: _commit(connection, artifact_id, contents)
        )

    async def update(self, artifact_id: int, change: ArtifactChange) -> Artifact | None:
        """Change what is said of an artifact."""
        return await self._database.write(
            lambda connection: _update(connection, artifact_id, change)
        )

    async def add_aliases(
        self, collection_id: int, artifact_id: int, names: tuple[str, ...]
    ) -> bool:
        """Give a version aliases."""
        return await self._database.write(
            lambda connection: _give(connection, collection_id, artifact_id, names)
        )

    async def remove_aliases(
        self, collection_id: int, artifact_id: int, names: tuple[str, ...]
    ) -> bool:
        """Take aliases from a version."""
        return await self._database.write(
            lambda connection: _take(connection, collection_id, artifact_id, names)
        )

    async def delete(self, artifact_id: int, *, aliases_too: bool) -> bool:
        """Delete an artifact."""
        return await self._database.write(
            lambda connection: _delete(connection, artifact_id, aliases_too)
        )

    async def use(self, run_id: int, artifact_id: int, *, used_as: str = "") -> None:
        """Note that a run uses an artifact."""
        await self._database.write(
            lambda connection: _tie(connection, run_id, artifact_id, USED, used_as)
        )

    async def of_run(
        self, run_id: int, edge: str, *, after: str | None = None, limit: int = 50
    ) -> Page[Artifact]:
        """List what a run has made or used."""
        query = _tied(artifacts().add_columns(artifact_edge.c.id), run_id, edge)
        if after is not None:
            query = query.where(artifact_edge.c.id > cursors.read(after, [int])[0])
        query = query.order_by(artifact_edge.c.id).limit(limit + 1)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        items = tuple(artifact_of(row[:-1]) for row in found[:limit])
        marks = tuple(cursors.written([row[-1]]) for row in found[:limit])
        return Page(items, marks, more=len(found) > limit)

    async def count_of_run(self, run_id: int, edge: str) -> int:
        """Count what `of_run` would list."""
        query = _tied(select(func.count()).select_from(artifact), run_id, edge)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def used_by(self, artifact_id: int) -> tuple[int, ...]:
        """Return the numbers of the runs that use an artifact."""
        query = (
            select(artifact_edge.c.run_id)
            .where(artifact_edge.c.artifact_id == artifact_id, artifact_edge.c.edge == USED)
            .order_by(artifact_edge.c.id)
        )
        return await self._database.read(
            lambda connection: tuple(connection.execute(query).scalars())
        )


def _tied(query: Select[Any], run_id: int, edge: str) -> Select[Any]:
    return query.join(artifact_edge, artifact_edge.c.artifact_id == artifact.c.id).where(
        artifact_edge.c.run_id == run_id,
        artifact_edge.c.edge == edge,
        artifact.c.state == COMMITTED,
    )


def _create(connection: Connection, new: NewArtifact) -> Artifact:
    collection_id = _collection(connection, new)
    known = _known(connection, collection_id, new)
    artifact_id = _insert(connection, collection_id, new) if known is None else known.id
    if known is not None and known.state == COMMITTED:
        _give(connection, collection_id, artifact_id, new.aliases)
        if new.run_id is not None:
            _tie(connection, new.run_id, artifact_id, MADE)
    made = _there(connection, artifact_id)
    if new.client_id is not None:
        _name(connection, new.client_id, made)
    return made


def _there(connection: Connection, artifact_id: int) -> Artifact:
    found = artifact_by_id(connection, artifact_id)
    if found is None:
        raise NotFound("The artifact is gone; it may have been deleted.")
    return found


def _collection(connection: Connection, new: NewArtifact) -> int:
    """Return the collection's id, made if it is not there."""
    query = (
        select(artifact_collection.c.id, artifact_type.c.name)
        .join(artifact_type, artifact_type.c.id == artifact_collection.c.type_id)
        .where(
            artifact_collection.c.project_id == new.project_id,
            artifact_collection.c.name == new.collection,
        )
    )
    found = connection.execute(query).first()
    if found is None:
        return _new_collection(connection, new)
    if found[1] != new.type:
        raise Conflict(
            f"`{new.collection}` holds artifacts of type `{found[1]}`, so none of type "
            f"`{new.type}` can go there; choose another name."
        )
    return int(found[0])


def _new_collection(connection: Connection, new: NewArtifact) -> int:
    if connection.execute(select(project.c.id).where(project.c.id == new.project_id)).first():
        values = {
            "project_id": new.project_id,
            "type_id": _type(connection, new),
            "name": new.collection,
            "created_at": new.at,
            "updated_at": new.at,
        }
        made = insert(artifact_collection).values(values).returning(artifact_collection.c.id)
        return int(connection.execute(made).scalar_one())
    raise NotFound("The project is gone.")


def _type(connection: Connection, new: NewArtifact) -> int:
    query = select(artifact_type.c.id).where(
        artifact_type.c.project_id == new.project_id, artifact_type.c.name == new.type
    )
    found = connection.execute(query).scalar_one_or_none()
    if found is not None:
        return int(found)
    values = {"project_id": new.project_id, "name": new.type, "created_at": new.at}
    made = insert(artifact_type).values(values).returning(artifact_type.c.id)
    return int(connection.execute(made).scalar_one())


def _known(connection: Connection, collection_id: int, new: NewArtifact) -> Artifact | None:
    """Return the artifact that a client means by a new one, if it is there."""
    mine = artifacts().where(artifact.c.collection_id == collection_id)
    wanted = []
    if new.client_id is not None:
        named = select(artifact_client.c.artifact_id).where(
            artifact_client.c.client_id == new.client_id
        )
        wanted.append(mine.where(artifact.c.id.in_(named)))
    if new.distributed_id is not None:
        shared = artifact.c.distributed_id == new.distributed_id
        wanted.append(mine.where(shared, artifact.c.state == PENDING))
    elif new.deduplicate:
        same = artifact.c.digest == new.digest
        newest = artifact.c.version.desc()
        wanted.append(mine.where(same, artifact.c.state == COMMITTED).order_by(newest))
    for query in wanted:
        row = connection.execute(query.limit(1)).first()
        if row is not None:
            return artifact_of(row)
    return None


def _insert(connection: Connection, collection_id: int, new: NewArtifact) -> int:
    values = {
        "collection_id": collection_id,
        "state": PENDING,
        "tags": json.dumps(new.tags),
        "waiting": json.dumps(new.aliases),
        "created_at": new.at,
        "updated_at": new.at,
        **{name: getattr(new, name) for name in _SAID},
    }
    made = insert(artifact).values(values).returning(artifact.c.id)
    return int(connection.execute(made).scalar_one())


_SAID = (
    *("run_id", "digest", "description", "metadata", "ttl_secs", "history_step", "user"),
    "distributed_id",
)


def _name(connection: Connection, client_id: str, found: Artifact) -> None:
    same = artifact_client.c.client_id == client_id
    named = artifacts().join(artifact_client, artifact_client.c.artifact_id == artifact.c.id)
    row = connection.execute(named.where(same)).first()
    if row is not None and artifact_of(row).entity != found.entity:
        # What others call theirs stays as it is.
        return
    connection.execute(delete(artifact_client).where(same))
    values = {"client_id": client_id, "artifact_id": found.id}
    connection.execute(insert(artifact_client).values(values))


def _commit(connection: Connection, artifact_id: int, contents: Contents) -> Artifact:
    found = _there(connection, artifact_id)
    if found.state == COMMITTED:
        return found
    for content in contents.borrowed:
        keep_content(connection, found.entity, content)
    if contents.entries:
        connection.execute(insert(artifact_entry), _entry_rows(artifact_id, contents.entries))
    version = _next_version(connection, found.collection_id, contents.at)
    values = {
        "state": COMMITTED,
        "version": version,
        "digest": contents.digest,
        "manifest": contents.manifest,
        "size": sum(entry.size for entry in contents.entries),
        "file_count": len(contents.entries),
        "updated_at": contents.at,
        "waiting": "[]",
    }
    mine = artifact.c.id == artifact_id
    waiting = connection.execute(select(artifact.c.waiting).where(mine)).scalar_one()
    connection.execute(update(artifact).where(mine).values(values))
    _join(connection, found.collection_id, artifact_id, version, contents.at)
    _give(connection, found.collection_id, artifact_id, tuple(json.loads(waiting)))
    if found.run_id is not None:
        _tie(connection, found.run_id, artifact_id, MADE)
    return _there(connection, artifact_id)


def _entry_rows(artifact_id: int, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    # `asdict` copies deeply, which takes ten times as long as the insert.
    names = tuple(field.name for field in fields(Entry))
    values = attrgetter(*names)
    return [
        {"artifact_id": artifact_id, **dict(zip(names, values(entry), strict=True))}
        for entry in entries
    ]


def _next_version(connection: Connection, collection_id: int, at: int) -> int:
    counted = (
        update(artifact_collection)
        .where(artifact_collection.c.id == collection_id)
        .values(versions_made=artifact_collection.c.versions_made + 1, updated_at=at)
        .returning(artifact_collection.c.versions_made)
    )
    return int(connection.execute(counted).scalar_one()) - 1


def _join(
    connection: Connection, collection_id: int, artifact_id: int, version: int, at: int
) -> None:
    values = {
        "collection_id": collection_id,
        "artifact_id": artifact_id,
        "version": version,
        "created_at": at,
    }
    connection.execute(insert(artifact_member).values(values))


def _member_id(connection: Connection, collection_id: int, artifact_id: int) -> int | None:
    query = select(artifact_member.c.id).where(
        artifact_member.c.collection_id == collection_id,
        artifact_member.c.artifact_id == artifact_id,
    )
    return connection.execute(query).scalar_one_or_none()


def _give(
    connection: Connection, collection_id: int, artifact_id: int, names: Sequence[str]
) -> bool:
    member_id = _member_id(connection, collection_id, artifact_id)
    if member_id is None:
        return False
    for name in names:
        same = (artifact_alias.c.collection_id == collection_id, artifact_alias.c.name == name)
        has = connection.execute(select(artifact_alias.c.member_id).where(*same)).scalar()
        if has == member_id:
            continue
        connection.execute(delete(artifact_alias).where(*same))
        values = {"collection_id": collection_id, "member_id": member_id, "name": name}
        connection.execute(insert(artifact_alias).values(values))
    return True


def _take(
    connection: Connection, collection_id: int, artifact_id: int, names: Sequence[str]
) -> bool:
    member_id = _member_id(connection, collection_id, artifact_id)
    if member_id is None:
        return False
    connection.execute(
        delete(artifact_alias).where(
            artifact_alias.c.member_id == member_id, artifact_alias.c.name.in_(list(names))
        )
    )
    return True


def _update(connection: Connection, artifact_id: int, change: ArtifactChange) -> Artifact | None:
    found = artifact_by_id(connection, artifact_id)
    if found is None:
        return None
    values: dict[str, Any] = {
        "updated_at": change.at,
        "tags": json.dumps(change.tags_of(found.tags)),
        "ttl_secs": change.ttl_of(found.ttl_secs),
    }
    for name in ("description", "metadata"):
        if getattr(change, name) is not None:
            values[name] = getattr(change, name)
    connection.execute(update(artifact).where(artifact.c.id == artifact_id).values(values))
    if change.aliases is not None:
        _put_aliases(connection, found, change.aliases)
    return artifact_by_id(connection, artifact_id)


def _put_aliases(connection: Connection, found: Artifact, names: tuple[str, ...]) -> None:
    member_id = _member_id(connection, found.collection_id, found.id)
    if member_id is None:
        mine = artifact.c.id == found.id
        connection.execute(update(artifact).where(mine).values(waiting=json.dumps(names)))
        return
    others = artifact_alias.c.name.not_in(list(names))
    connection.execute(
        delete(artifact_alias).where(artifact_alias.c.member_id == member_id, others)
    )
    _give(connection, found.collection_id, found.id, names)


def _delete(connection: Connection, artifact_id: int, aliases_too: bool) -> bool:
    found = artifact_by_id(connection, artifact_id)
    if found is None:
        return False
    places = connection.execute(
        select(artifact_member.c.id, artifact_member.c.collection_id).where(
            artifact_member.c.artifact_id == artifact_id
        )
    ).all()
    member_ids = [row[0] for row in places]
    called = artifact_alias.c.member_id.in_(member_ids)
    names = list(connection.execute(select(artifact_alias.c.name).where(called)).scalars())
    if names and not aliases_too:
        raise Conflict(
            f"`{found.path}` has the aliases {', '.join(sorted(names))}, so it was not deleted; "
            "delete it together with its aliases, or take them away first."
        )
    connection.execute(delete(artifact_alias).where(called))
    connection.execute(delete(artifact_member).where(artifact_member.c.id.in_(member_ids)))
    connection.execute(delete(artifact_entry).where(artifact_entry.c.artifact_id == artifact_id))
    mine = artifact.c.id == artifact_id
    connection.execute(update(artifact).where(mine).values(state=DELETED))
    if LATEST in names:
        for _, collection_id in places:
            _call_newest_latest(connection, collection_id)
    return True


def _call_newest_latest(connection: Connection, collection_id: int) -> None:
    query = (
        select(artifact_member.c.artifact_id)
        .where(artifact_member.c.collection_id == collection_id)
        .order_by(artifact_member.c.version.desc())
        .limit(1)
    )
    newest = connection.execute(query).scalar()
    taken = connection.execute(
        select(artifact_alias.c.id).where(
            artifact_alias.c.collection_id == collection_id, artifact_alias.c.name == LATEST
        )
    ).first()
    if newest is not None and taken is None:
        _give(connection, collection_id, newest, (LATEST,))


def _tie(
    connection: Connection, run_id: int, artifact_id: int, edge: str, used_as: str = ""
) -> None:
    values = {"run_id": run_id, "artifact_id": artifact_id, "edge": edge}
    same = [artifact_edge.c[name] == value for name, value in values.items()]
    if connection.execute(select(artifact_edge.c.id).where(*same)).first() is None:
        connection.execute(insert(artifact_edge).values(used_as=used_as, **values))
