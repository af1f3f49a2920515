"""Rows of artifacts and their neighbours, as the ports show them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, select

from ferrule.ports.artifacts import DELETED, Alias, Artifact, Membership
from ferrule.ports.collections import ArtifactType, Collection
from ferrule.stores.sql.tables import (
    artifact,
    artifact_alias,
    artifact_collection,
    artifact_member,
    artifact_type,
    entity,
    project,
)

_TAGS = 11


def artifacts() -> Select[Any]:
    """Return a query for artifacts that are not deleted; `artifact_of` reads its rows."""
    query = select(
        artifact.c.id,
        artifact_collection.c.id,
        project.c.id,
        entity.c.name,
        project.c.name,
        artifact_collection.c.name,
        artifact_type.c.name,
        artifact.c.state,
        artifact.c.digest,
        artifact.c.description,
        artifact.c.metadata,
        artifact.c.tags,
        artifact.c.ttl_secs,
        artifact.c.history_step,
        artifact.c.size,
        artifact.c.file_count,
        artifact.c.version,
        artifact.c.run_id,
        artifact.c.user,
        artifact.c.manifest,
        artifact.c.created_at,
        artifact.c.updated_at,
    ).select_from(_placed(artifact.join(artifact_collection)))
    return query.where(artifact.c.state != DELETED)


def _placed(joined: Any) -> Any:
    return (
        joined.join(artifact_type, artifact_type.c.id == artifact_collection.c.type_id)
        .join(project, project.c.id == artifact_collection.c.project_id)
        .join(entity, entity.c.id == project.c.entity_id)
    )


def artifact_of(row: Sequence[Any]) -> Artifact:
    """Return the artifact in a row."""
    values = list(row)
    values[_TAGS] = tuple(json.loads(values[_TAGS]))
    return Artifact(*values)


def artifact_by_id(connection: Connection, artifact_id: int) -> Artifact | None:
    """Return an artifact, None if there is none."""
    row = connection.execute(artifacts().where(artifact.c.id == artifact_id)).first()
    return None if row is None else artifact_of(row)


def collections() -> Select[Any]:
    """Return a query for collections; its rows are the fields of `Collection`."""
    return select(
        artifact_collection.c.id,
        project.c.id,
        entity.c.name,
        project.c.name,
        artifact_collection.c.name,
        artifact_type.c.name,
        artifact_collection.c.description,
        artifact_collection.c.created_at,
        artifact_collection.c.updated_at,
    ).select_from(_placed(artifact_collection))


def collection_of(row: Sequence[Any] | None) -> Collection | None:
    """Return the collection in a row."""
    return None if row is None else Collection(*row)


def types() -> Select[Any]:
    """Return a query for types; its rows are the fields of `ArtifactType`."""
    return select(
        artifact_type.c.id,
        project.c.id,
        entity.c.name,
        artifact_type.c.name,
        artifact_type.c.description,
        artifact_type.c.created_at,
    ).select_from(artifact_type.join(project).join(entity))


def type_of(row: Sequence[Any] | None) -> ArtifactType | None:
    """Return the type in a row."""
    return None if row is None else ArtifactType(*row)


def members() -> Select[Any]:
    """Return a query for memberships, without aliases."""
    return select(
        artifact_member.c.id,
        artifact_member.c.collection_id,
        artifact_member.c.artifact_id,
        artifact_member.c.version,
        artifact_member.c.created_at,
    )


def membership_of(connection: Connection, row: Sequence[Any] | None) -> Membership | None:
    """Return the membership in a row, with its aliases."""
    if row is None:
        return None
    query = select(artifact_alias.c.id, artifact_alias.c.name).where(
        artifact_alias.c.member_id == row[0]
    )
    found = connection.execute(query.order_by(artifact_alias.c.id))
    return replace(Membership(*row), aliases=tuple(Alias(*one) for one in found))
