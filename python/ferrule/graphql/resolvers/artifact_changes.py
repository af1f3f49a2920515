"""Mutations of artifacts."""

from dataclasses import dataclass, replace
from typing import Any

from ferrule.auth.permissions import Action, allowed, readable_entities
from ferrule.domain import artifacts as rules
from ferrule.domain import manifests, names
from ferrule.errors import BadInput, Conflict, NotFound
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.paging import connection
from ferrule.graphql.resolvers.artifacts import ManifestPlace
from ferrule.graphql.resolvers.binding import Info, Resolver
from ferrule.ports.artifacts import COMMITTED, DELETED, Artifact, ArtifactChange, NewArtifact
from ferrule.ports.collections import Collection
from ferrule.ports.links import Links
from ferrule.ports.manifests import Content, Manifest
from ferrule.ports.pages import Page

_MAX_FILES = 10_000
_OCTETS = "Content-Type:application/octet-stream"


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """Where bytes of an artifact go; nowhere, if they are here already."""

    artifact: Artifact
    name: str
    md5: str
    content: Content | None
    origin: Artifact

    @property
    def id(self) -> None:
        """Return none: it is a file when it is committed."""

    def known(self, name: str) -> Any:
        """Return a fact of it."""
        facts = {
            "artifact": self.origin,
            "md5": self.md5,
            "size": None if self.content is None else self.content.size,
            "storage_path": f"wandb_artifacts/{self.origin.id}/{self.md5}",
            "upload_headers": (_OCTETS, f"Content-MD5:{self.md5}"),
        }
        return facts.get(name)

    def url(self, links: Links, *, upload: bool) -> str | None:
        """Return where to put the bytes; there is nothing to get before the commit."""
        if not upload or self.content is not None:
            return None
        return links.content_upload_url(self.artifact.id, self.md5)


async def _create_artifact(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    entity = await context.entity_for(input.get("entityName"))
    project_name = names.project_name(input["projectName"])
    collection = rules.artifact_name(_collection_name(input))
    run = (
        await context.run(input["runName"], project_name, entity) if input.get("runName") else None
    )
    new = NewArtifact(
        project_id=(await context.stores.projects.ensure(entity, project_name)).id,
        type=rules.type_name(input["artifactTypeName"]),
        collection=collection,
        digest=rules.digest(input["digest"]),
        at=context.clock(),
        user=context.who().person.name,
        aliases=rules.aliases(input.get("aliases"), collection),
        tags=rules.tags(input.get("tags")),
        description=_words(input.get("description")),
        metadata=rules.metadata(input.get("metadata")),
        ttl_secs=rules.ttl(input.get("ttlDurationSeconds")),
        history_step=input.get("historyStep"),
        run_id=None if run is None else run.id,
        client_id=rules.client_id(input.get("clientID")),
        distributed_id=rules.client_id(input.get("distributedID")),
        deduplicate=bool(input.get("enableDigestDeduplication")),
    )
    return {"artifact": await context.stores.artifacts.create(new)}


def _collection_name(said: dict[str, Any]) -> str:
    several = list(dict.fromkeys(said.get("artifactCollectionNames") or ()))
    name = said.get("artifactCollectionName") or (several[0] if several else "")
    if len(several) > 1:
        raise BadInput("An artifact belongs to one collection; name one.")
    return str(name)


def _words(said: str | None) -> str | None:
    return None if said is None else names.text(said, "An artifact's description")


async def _pending(text: str, context: Context) -> Artifact:
    """Return an artifact that more can be brought for.

    Raises:
        Conflict: It is committed.
    """
    artifact = await context.artifact(ids.number("Artifact", text), Action.WRITE)
    if artifact.state == COMMITTED:
        raise Conflict(
            f"`{artifact.path}` is committed, and nothing is added to it; log a new version."
        )
    return artifact


async def _create_manifest(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    artifact = await _pending(input["artifactID"], context)
    manifest = Manifest(
        artifact_id=artifact.id,
        name=names.file_name(input["name"]),
        kind=manifests.kind(input.get("type") or "FULL"),
        digest=_announced(input.get("digest")),
        base_id=await _base(input.get("baseArtifactID"), context),
    )
    added = await context.stores.manifests.add(manifest)
    return {"artifactManifest": ManifestPlace(artifact, added)}


async def _update_manifest(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    number = ids.number("ArtifactManifest", input["artifactManifestID"])
    known = await context.stores.manifests.get(number)
    if known is None:
        raise NotFound("No manifest with this id was found.")
    artifact = await _pending(ids.written("Artifact", known.artifact_id), context)
    changed = await context.stores.manifests.announce(
        number,
        _announced(input.get("digest")),
        await _base(input.get("baseArtifactID"), context),
    )
    return {"artifactManifest": ManifestPlace(artifact, changed)}


def _announced(digest: str | None) -> str:
    return manifests.md5_digest(digest) if digest else ""


async def _base(text: str | None, context: Context) -> int | None:
    """Return the number of an artifact to add to; the caller must be able to read it."""
    if not text:
        return None
    return (await context.artifact(ids.number("Artifact", text), Action.READ)).id


async def _create_files(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    specs = input["artifactFiles"]
    if len(specs) > _MAX_FILES:
        raise BadInput(f"At most {_MAX_FILES} files go in one request.")
    artifacts = {
        text: await _pending(text, context) for text in {spec["artifactID"] for spec in specs}
    }
    md5s = [manifests.md5_digest(spec["md5"]) for spec in specs]
    # Only what the artifact's own entity has: whoever may write there may read it, too.
    known = {
        entity: await context.stores.manifests.contents(md5s, entities=[entity])
        for entity in {artifact.entity for artifact in artifacts.values()}
    }
    origins = await _origins(known, context)
    places = [
        _place(spec, md5, artifacts[spec["artifactID"]], known, origins)
        for spec, md5 in zip(specs, md5s, strict=True)
    ]
    marks = tuple(str(number) for number in range(len(places)))
    shown = connection(Page(tuple(places), marks))
    return {"files": {**shown, "totalCount": len(places), "uploadHeaders": []}}


async def _origins(known: dict[str, dict[str, Content]], context: Context) -> dict[int, Artifact]:
    """Return the artifacts that known contents came with, those that are still there."""
    numbers = {content.birth_id for found in known.values() for content in found.values()}
    found = [await context.stores.artifacts.get(number) for number in numbers]
    return {artifact.id: artifact for artifact in found if artifact is not None}


def _place(
    spec: dict[str, Any],
    md5: str,
    artifact: Artifact,
    known: dict[str, dict[str, Content]],
    origins: dict[int, Artifact],
) -> UploadPlace:
    content = known[artifact.entity].get(md5)
    origin = artifact if content is None else origins.get(content.birth_id, artifact)
    return UploadPlace(artifact, manifests.path(spec["name"]), md5, content, origin)


async def _commit(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    artifact = await context.artifact(ids.number("Artifact", input["artifactID"]), Action.WRITE)
    if artifact.state != COMMITTED:
        entities = readable_entities(context.who())
        artifact = await context.committer.commit(artifact, entities=entities, at=context.clock())
    return {"artifact": artifact}


async def _use(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    run = await context.run(input["runName"], input["projectName"], input["entityName"])
    artifact = await context.artifact(ids.number("Artifact", input["artifactID"]), Action.READ)
    used_as = names.text(input.get("usedAs") or "", "The name that an artifact is used as")
    await context.stores.artifacts.use(run.id, artifact.id, used_as=used_as)
    return {"artifact": artifact}


async def _update(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    artifact = await context.artifact(ids.number("Artifact", input["artifactID"]), Action.WRITE)
    ttl_secs = input.get("ttlDurationSeconds")
    if ttl_secs is not None:
        rules.ttl(ttl_secs)
    aliases = input.get("aliases")
    change = ArtifactChange(
        at=context.clock(),
        description=_words(input.get("description")),
        metadata=rules.metadata(input.get("metadata")),
        ttl_secs=ttl_secs,
        tags_added=rules.tags(input.get("tagsToAdd")),
        tags_removed=rules.tags(input.get("tagsToDelete")),
        aliases=None if aliases is None else rules.aliases(aliases, artifact.collection),
    )
    return {"artifact": await context.stores.artifacts.update(artifact.id, change)}


async def _add_aliases(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    artifact, wanted = await _aliases_to_change(input, context)
    done = [
        await context.stores.artifacts.add_aliases(collection.id, artifact.id, texts)
        for collection, texts in wanted
    ]
    return {"success": all(done)}


async def _delete_aliases(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    artifact, wanted = await _aliases_to_change(input, context)
    done = [
        await context.stores.artifacts.remove_aliases(collection.id, artifact.id, texts)
        for collection, texts in wanted
    ]
    return {"success": all(done)}


async def _aliases_to_change(
    said: dict[str, Any], context: Context
) -> tuple[Artifact, list[tuple[Collection, tuple[str, ...]]]]:
    """Return an artifact, and the collections in which some aliases of it change."""
    artifact = await context.artifact(ids.number("Artifact", said["artifactID"]), Action.WRITE)
    by_place: dict[tuple[str, str, str], list[str]] = {}
    for one in said["aliases"]:
        place = (one["entityName"], one["projectName"], one["artifactCollectionName"])
        by_place.setdefault(place, []).append(one["alias"])
    return artifact, [
        (await _collection(place, context), rules.aliases(texts, place[2]))
        for place, texts in by_place.items()
    ]


async def _collection(place: tuple[str, str, str], context: Context) -> Collection:
    entity, project_name, name = place
    project = await context.project(project_name, entity)
    found = None if project is None else await context.stores.collections.get(project.id, name)
    if found is None or not allowed(context.who(), Action.WRITE, found):
        raise NotFound(f"No artifact `{entity}/{project_name}/{name}` was found.")
    return found


async def _delete(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    artifact = await context.artifact(ids.number("Artifact", input["artifactID"]), Action.WRITE)
    await context.stores.artifacts.delete(artifact.id, aliases_too=bool(input.get("deleteAliases")))
    return {"artifact": replace(artifact, state=DELETED)}


MUTATION: dict[str, Resolver] = {
    "createArtifact": _create_artifact,
    "createArtifactManifest": _create_manifest,
    "updateArtifactManifest": _update_manifest,
    "createArtifactFiles": _create_files,
    "commitArtifact": _commit,
    "useArtifact": _use,
    "updateArtifact": _update,
    "addAliases": _add_aliases,
    "deleteAliases": _delete_aliases,
    "deleteArtifact": _delete,
}
