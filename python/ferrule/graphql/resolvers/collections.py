"""Types, collections and memberships of artifacts, and the ways to a version by its name."""

from collections.abc import Callable
from typing import Any

from ferrule.auth.permissions import Action, allowed
from ferrule.domain.artifacts import parted
from ferrule.domain.runs import json_object
from ferrule.errors import BadInput
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.paging import connection, moment, page_size
from ferrule.graphql.resolvers.artifacts import ALGORITHM, alias_in, files_of
from ferrule.graphql.resolvers.binding import Info, Resolver, always, of
from ferrule.ports.artifacts import COMMITTED, Artifact, Membership
from ferrule.ports.collections import ArtifactType, Collection
from ferrule.ports.pages import Page
from ferrule.ports.projects import Project

_ORDERS = {
    "": False,
    **{
        sign + name: rises
        for sign, rises in (("", True), ("+", True), ("-", False))
        for name in ("createdAt", "created_at", "versionIndex", "version_index")
    },
}
"""Orders of versions, and whether they begin with the oldest. Numbers and times rise together."""


# By name ------------------------------------------------------------------------------------------


async def _membership(project: Project, info: Info, name: str) -> Membership | None:
    context: Context = info.context
    collection_name, version = parted(name)
    collection = await context.stores.collections.get(project.id, collection_name)
    if collection is None:
        return None
    return await context.stores.collections.member(collection.id, version)


async def _artifact_by_name(
    project: Project, info: Info, name: str, **_tracking: Any
) -> Artifact | None:
    context: Context = info.context
    member = await _membership(project, info, name)
    return None if member is None else await context.stores.artifacts.get(member.artifact_id)


async def _collection_by_name(project: Project, info: Info, name: str) -> Collection | None:
    context: Context = info.context
    return await context.stores.collections.get(project.id, name)


async def _collection_by_id(_root: Any, info: Info, id: str) -> Collection | None:
    context: Context = info.context
    viewer = context.who()
    number = ids.number_or_none("ArtifactCollection", id)
    found = None if number is None else await context.stores.collections.by_id(number)
    return found if found is not None and allowed(viewer, Action.READ, found) else None


# Of a project and a type --------------------------------------------------------------------------


async def _type(project: Project, info: Info, name: str) -> ArtifactType | None:
    context: Context = info.context
    return await context.stores.collections.type(project.id, name)


async def _types(
    project: Project,
    info: Info,
    after: str | None = None,
    first: int | None = None,
    **_all: Any,
) -> dict[str, Any]:
    context: Context = info.context
    limit = page_size(first, 50)
    return connection(
        await context.stores.collections.types(project.id, after=after or None, limit=limit)
    )


def _collections(of_type: Callable[[Any], tuple[int, str | None]]) -> Resolver:
    async def resolve(
        thing: Any,
        info: Info,
        after: str | None = None,
        first: int | None = None,
        filters: str | None = None,
        order: str | None = None,
    ) -> dict[str, Any]:
        if (filters and json_object(filters, "filters")) or order:
            raise BadInput("This server lists all collections by name; leave filter and order out.")
        context: Context = info.context
        project_id, name = of_type(thing)
        stored = context.stores.collections
        limit = page_size(first, 50)
        page = await stored.find(project_id, type_name=name, after=after or None, limit=limit)
        total = await stored.count(project_id, type_name=name)
        return {**connection(page), "totalCount": total}

    return resolve


async def _collection_of_type(kind: ArtifactType, info: Info, name: str) -> Collection | None:
    context: Context = info.context
    found = await context.stores.collections.get(kind.project_id, name)
    return found if found is not None and found.type == kind.name else None


async def _artifact_of_type(kind: ArtifactType, info: Info, name: str) -> Artifact | None:
    context: Context = info.context
    collection_name, version = parted(name)
    collection = await _collection_of_type(kind, info, collection_name)
    if collection is None:
        return None
    member = await context.stores.collections.member(collection.id, version)
    return None if member is None else await context.stores.artifacts.get(member.artifact_id)


# Of a collection ----------------------------------------------------------------------------------


async def _project(collection: Collection, info: Info) -> Project | None:
    context: Context = info.context
    return await context.stores.projects.get_by_id(collection.project_id)


async def _type_of(collection: Collection, info: Info) -> ArtifactType | None:
    context: Context = info.context
    return await context.stores.collections.type(collection.project_id, collection.type)


async def _newest(collection: Collection, info: Info) -> Artifact | None:
    context: Context = info.context
    return await context.stores.collections.newest(collection.id)


async def _member(collection: Collection, info: Info, alias_name: str) -> Membership | None:
    context: Context = info.context
    return await context.stores.collections.member(collection.id, alias_name)


async def _collection_aliases(collection: Collection, info: Info, **_page: Any) -> dict[str, Any]:
    context: Context = info.context
    found = await context.stores.collections.aliases(collection.id)
    edges = [
        {
            "node": {
                "id": ids.written("ArtifactAlias", alias.id),
                "alias": alias.name,
                "collection_id": collection.id,
            },
            "cursor": str(alias.id),
        }
        for alias in found
    ]
    end = edges[-1]["cursor"] if edges else None
    return {"edges": edges, "pageInfo": {"endCursor": end, "hasNextPage": False}}


async def _versions(
    collection: Collection,
    info: Info,
    filters: str | None = None,
    after: str | None = None,
    first: int | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    context: Context = info.context
    if (order or "") not in _ORDERS:
        raise BadInput("Versions are ordered by `createdAt` or `versionIndex`, with + or - before.")
    stored = context.stores.collections
    page: Page[Artifact] = Page()
    total = 0
    if _wants_committed(filters):
        page = await stored.versions(
            collection.id,
            oldest_first=_ORDERS[order or ""],
            after=after or None,
            limit=page_size(first, 50),
        )
        total = await stored.count_versions(collection.id)
    shown = connection(page)
    for edge in shown["edges"]:
        edge["version"] = f"v{edge['node'].version}"
    return {**shown, "totalCount": total}


def _wants_committed(filters: str | None) -> bool:
    """Tell whether a filter lets versions pass: all of them are committed."""
    wanted = json_object(filters, "filters") if filters else {}
    state = wanted.get("state", COMMITTED)
    if set(wanted) - {"state"} or not isinstance(state, str):
        raise BadInput("Versions can be filtered by `state` alone.")
    return state == COMMITTED


# Of a membership ----------------------------------------------------------------------------------


async def _member_artifact(member: Membership, info: Info) -> Artifact | None:
    context: Context = info.context
    return await context.stores.artifacts.get(member.artifact_id)


async def _member_collection(member: Membership, info: Info) -> Collection | None:
    context: Context = info.context
    return await context.stores.collections.by_id(member.collection_id)


async def _member_files(member: Membership, info: Info, **wanted: Any) -> dict[str, Any] | None:
    artifact = await _member_artifact(member, info)
    return None if artifact is None else await files_of(artifact, info, **wanted)


async def _alias_collection(alias: dict[str, Any], info: Info) -> Collection | None:
    context: Context = info.context
    return await context.stores.collections.by_id(alias["collection_id"])


QUERY: dict[str, Resolver] = {"artifactCollection": _collection_by_id}

PROJECT: dict[str, Resolver] = {
    "artifact": _artifact_by_name,
    "artifactCollectionMembership": _membership,
    "artifactCollection": _collection_by_name,
    "artifactCollections": _collections(lambda project: (project.id, None)),
    "artifactType": _type,
    "artifactTypes": _types,
}

TYPE: dict[str, Resolver] = {
    "id": of(lambda kind: ids.written("ArtifactType", kind.id)),
    "name": of(lambda kind: kind.name),
    "description": of(lambda kind: kind.description or None),
    "createdAt": of(lambda kind: moment(kind.created_at)),
    "artifact": _artifact_of_type,
    "artifactCollection": _collection_of_type,
    "artifactSequence": _collection_of_type,
    "artifactCollections": _collections(lambda kind: (kind.project_id, kind.name)),
}

SEQUENCE: dict[str, Resolver] = {
    "id": of(lambda collection: ids.written("ArtifactCollection", collection.id)),
    "name": of(lambda collection: collection.name),
    "description": of(lambda collection: collection.description or None),
    "state": always("READY"),
    "createdAt": of(lambda collection: moment(collection.created_at)),
    "updatedAt": of(lambda collection: moment(collection.updated_at)),
    "project": _project,
    "defaultArtifactType": _type_of,
    "digestAlgorithm": always(ALGORITHM),
    "latestArtifact": _newest,
    "artifactMembership": _member,
    "artifacts": _versions,
    "aliases": _collection_aliases,
    "tags": always({"edges": []}),
}

MEMBERSHIP: dict[str, Resolver] = {
    "id": of(lambda member: ids.written("ArtifactCollectionMembership", member.id)),
    "versionIndex": of(lambda member: member.version),
    "createdAt": of(lambda member: moment(member.created_at)),
    "aliases": of(lambda member: [alias_in(member)(alias) for alias in member.aliases]),
    "artifact": _member_artifact,
    "artifactCollection": _member_collection,
    "files": _member_files,
}

ALIAS: dict[str, Resolver] = {
    "id": of(lambda alias: alias["id"]),
    "alias": of(lambda alias: alias["alias"]),
    "artifactCollection": _alias_collection,
}
