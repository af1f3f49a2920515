"""Artifacts: what is known of a version, its files, and the runs around it."""

import hashlib
from dataclasses import dataclass
from typing import Any

from ferrule.auth.permissions import Action, allowed
from ferrule.domain import names
from ferrule.domain.artifacts import TTL_DISABLED
from ferrule.errors import BadInput
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.paging import connection, listed, moment, page_size
from ferrule.graphql.resolvers.binding import Info, Resolver, always, of
from ferrule.ports.artifacts import COMMITTED, MADE, USED, Artifact, Membership
from ferrule.ports.collections import ArtifactType, Collection
from ferrule.ports.links import Links
from ferrule.ports.manifests import Entry, Manifest
from ferrule.ports.pages import Page
from ferrule.ports.people import Person
from ferrule.ports.runs import Run

MAX_FILES_PAGE = 5000
_MAX_NAMES = 10_000
ALGORITHM = "MANIFEST_MD5"


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """A file of an artifact; a reference has no bytes here, and an address all the same."""

    artifact: Artifact
    entry: Entry

    @property
    def name(self) -> str:
        """Return its path."""
        return self.entry.path

    @property
    def id(self) -> str:
        """Return an id that no other file has."""
        return ids.named("ArtifactFile", f"{self.artifact.id}/{self.entry.path}")

    def known(self, name: str) -> Any:
        """Return a fact of it."""
        facts = {
            "size": self.entry.size,
            "md5": self.entry.digest,
            "mimetype": names.mimetype(self.entry.path),
            "updated_at": self.artifact.created_at,
            "storage_path": f"wandb_artifacts/{self.entry.blob}" if self.entry.blob else None,
            "artifact": self.artifact,
        }
        return facts.get(name)

    def url(self, links: Links, *, upload: bool) -> str | None:
        """Return where to get it; nothing is put there any more."""
        return None if upload else links.entry_url(self.artifact.id, self.entry.path)


@dataclass(frozen=True, slots=True)
class ManifestPlace:
    """The manifest that an artifact has, or one that is brought for it."""

    artifact: Artifact
    manifest: Manifest | None = None

    @property
    def name(self) -> str:
        """Return its name, that of a whole one where it has none of its own."""
        return "wandb_manifest.json" if self.manifest is None else self.manifest.name

    @property
    def id(self) -> str:
        """Return the id of the file in which it is."""
        number = 0 if self.manifest is None else self.manifest.id
        return ids.named("ArtifactManifestFile", f"{self.artifact.id}/{number}")

    def known(self, name: str) -> Any:
        """Return a fact of one that is brought."""
        if self.manifest is None:
            return None
        digest = self.manifest.digest
        said = ("Content-Type:application/json", f"Content-MD5:{digest}") if digest else ()
        facts = {
            "md5": digest or None,
            "upload_headers": said,
            "artifact": self.artifact,
        }
        return facts.get(name)

    def url(self, links: Links, *, upload: bool) -> str | None:
        """Return where to get the artifact's manifest, or to put this one."""
        if not upload:
            return links.manifest_url(self.artifact.id)
        if self.manifest is None:
            return None
        return links.manifest_upload_url(self.artifact.id, self.manifest.id)


async def _artifact(_root: Any, info: Info, id: str) -> Artifact | None:
    context: Context = info.context
    viewer = context.who()
    number = ids.number_or_none("Artifact", id)
    found = None if number is None else await context.stores.artifacts.get(number)
    return found if found is not None and allowed(viewer, Action.READ, found) else None


async def _client_id_mapping(_root: Any, info: Info, client_id: str) -> dict[str, str] | None:
    context: Context = info.context
    viewer = context.who()
    found = await context.stores.artifacts.by_client(client_id)
    if found is None or not allowed(viewer, Action.READ, found):
        return None
    return {"serverID": ids.written("Artifact", found.id)}


async def _sequence(artifact: Artifact, info: Info) -> Collection | None:
    context: Context = info.context
    return await context.stores.collections.by_id(artifact.collection_id)


async def _type(artifact: Artifact, info: Info) -> ArtifactType | None:
    context: Context = info.context
    return await context.stores.collections.type(artifact.project_id, artifact.type)


async def _memberships(artifact: Artifact, info: Info) -> tuple[Membership, ...]:
    context: Context = info.context
    return await context.stores.collections.memberships(artifact.id)


async def _aliases(artifact: Artifact, info: Info) -> list[dict[str, Any]]:
    """Return aliases, and for each collection the version's number as one of them."""
    return [
        shown
        for member in await _memberships(artifact, info)
        for shown in (*map(alias_in(member), member.aliases), _numbered(member))
    ]


def alias_in(member: Membership) -> Any:
    """Return what shows an alias of a membership."""
    return lambda alias: {
        "id": ids.written("ArtifactAlias", alias.id),
        "alias": alias.name,
        "collection_id": member.collection_id,
    }


def _numbered(member: Membership) -> dict[str, Any]:
    return {
        "id": ids.written("ArtifactCollectionMembership", member.id),
        "alias": f"v{member.version}",
        "collection_id": member.collection_id,
    }


async def _artifact_memberships(artifact: Artifact, info: Info) -> dict[str, Any]:
    edges = [{"node": member} for member in await _memberships(artifact, info)]
    return {"edges": edges, "pageInfo": {"endCursor": None, "hasNextPage": False}}


async def _created_by(artifact: Artifact, info: Info) -> Run | Person | None:
    context: Context = info.context
    if artifact.run_id is not None:
        return await context.stores.runs.by_id(artifact.run_id)
    return await context.stores.people.by_name(artifact.user)


async def _used_by(artifact: Artifact, info: Info) -> dict[str, Any]:
    context: Context = info.context
    viewer = context.who()
    numbers = await context.stores.artifacts.used_by(artifact.id)
    runs = [await context.stores.runs.by_id(number) for number in numbers]
    seen = [run for run in runs if run is not None and allowed(viewer, Action.READ, run)]
    edges = [{"node": run, "cursor": str(run.id)} for run in seen]
    return {"edges": edges, "pageInfo": {"endCursor": None, "hasNextPage": False}}


async def files_of(
    artifact: Artifact,
    info: Info,
    names: Any = None,
    after: str | None = None,
    first: int | None = None,
) -> dict[str, Any]:
    """Return an artifact's files, references among them, as a connection."""
    context: Context = info.context
    wanted = [name for name in listed(names) if name is not None]
    if len(wanted) > _MAX_NAMES:
        raise BadInput(f"At most {_MAX_NAMES} files go in one request.")
    stored = context.stores.manifests
    limit = page_size(first, 50, MAX_FILES_PAGE)
    page = await stored.entries(artifact.id, names=wanted, after=after or None, limit=limit)
    total = await stored.count(artifact.id, names=wanted) if wanted else artifact.file_count
    shown = connection(page, lambda entry: EntryPlace(artifact, entry))
    return {**shown, "totalCount": total, "uploadHeaders": []}


async def _files_by_entries(
    artifact: Artifact, info: Info, entries: Any = None, **_layout: Any
) -> dict[str, Any]:
    wanted = [entry["name"] for entry in entries or ()]
    if not wanted:
        return {**connection(Page()), "totalCount": 0, "uploadHeaders": []}
    if len(wanted) > MAX_FILES_PAGE:
        raise BadInput(f"At most {MAX_FILES_PAGE} files go in one request.")
    return await files_of(artifact, info, names=wanted, first=len(wanted))


def _current_manifest(artifact: Artifact, _info: Info) -> ManifestPlace | None:
    return ManifestPlace(artifact) if artifact.manifest else None


def _manifest_id(place: ManifestPlace, _info: Info) -> str:
    if place.manifest is None:
        return ids.written("ArtifactManifest", place.artifact.id)
    return ids.written("ArtifactManifest", place.manifest.id)


def _commit_hash(artifact: Artifact) -> str | None:
    if artifact.state != COMMITTED:
        return None
    said = f"{artifact.id}:{artifact.digest}"
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def _of_run(edge: str) -> Resolver:
    async def resolve(
        run: Run, info: Info, after: str | None = None, first: int | None = None
    ) -> dict[str, Any]:
        context: Context = info.context
        viewer = context.who()
        stored = context.stores.artifacts
        limit = page_size(first, 50)
        page = await stored.of_run(run.id, edge, after=after or None, limit=limit)
        total = await stored.count_of_run(run.id, edge)
        shown = connection(page, lambda one: one if allowed(viewer, Action.READ, one) else None)
        return {**shown, "totalCount": total}

    return resolve


QUERY: dict[str, Resolver] = {"artifact": _artifact, "clientIDMapping": _client_id_mapping}

RUN: dict[str, Resolver] = {"outputArtifacts": _of_run(MADE), "inputArtifacts": _of_run(USED)}

ARTIFACT: dict[str, Resolver] = {
    "id": of(lambda artifact: ids.written("Artifact", artifact.id)),
    "state": of(lambda artifact: artifact.state),
    "digest": of(lambda artifact: artifact.digest),
    "digestAlgorithm": always(ALGORITHM),
    "commitHash": of(_commit_hash),
    "description": of(lambda artifact: artifact.description),
    "metadata": of(lambda artifact: artifact.metadata),
    "versionIndex": of(lambda artifact: artifact.version),
    "artifactSequence": _sequence,
    "artifactType": _type,
    "aliases": _aliases,
    "tags": of(lambda artifact: artifact.tags),
    # Without a time to live of its own an artifact is kept, as no collection has one.
    "ttlDurationSeconds": of(
        lambda artifact: TTL_DISABLED if artifact.ttl_secs is None else artifact.ttl_secs
    ),
    "ttlIsInherited": of(lambda artifact: artifact.ttl_secs is None),
    "historyStep": of(lambda artifact: artifact.history_step),
    "size": of(lambda artifact: artifact.size),
    "fileCount": of(lambda artifact: artifact.file_count),
    "createdAt": of(lambda artifact: moment(artifact.created_at)),
    "updatedAt": of(lambda artifact: moment(artifact.updated_at)),
    "currentManifest": _current_manifest,
    "artifactMemberships": _artifact_memberships,
    "createdBy": _created_by,
    "usedBy": _used_by,
    "files": files_of,
    "filesByManifestEntries": _files_by_entries,
}

MANIFEST: dict[str, Resolver] = {"id": _manifest_id, "file": of(lambda place: place)}

TAG: dict[str, Resolver] = {
    "id": of(lambda name: ids.named("Tag", name)),
    "name": of(lambda name: name),
    "tagCategoryName": always(None),
    "attributes": always(None),
}
