"""Collections and manifests of artifacts in memory, for tests; lost with the process."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import replace

from ferrule.ports.artifacts import LATEST, Alias, Artifact, Membership, version_of
from ferrule.ports.collections import ArtifactType, Collection
from ferrule.ports.manifests import Content, Entry, Manifest
from ferrule.ports.pages import Page
from ferrule.stores.memory_artifacts import ArtifactsInMemory, called, page_of


class MemoryCollections:
    """Collections in memory."""

    def __init__(self, kept: ArtifactsInMemory) -> None:
        self._kept = kept

    async def type(self, project_id: int, name: str) -> ArtifactType | None:
        """Return a type."""
        wanted = (project_id, name)
        found = (one for one in self._kept.types.values() if (one.project_id, one.name) == wanted)
        return next(found, None)

    async def types(
        self, project_id: int, *, after: str | None = None, limit: int = 50
    ) -> Page[ArtifactType]:
        """List a project's types."""
        mine = [one for one in self._kept.types.values() if one.project_id == project_id]
        return page_of([([one.name], one) for one in mine], [str], after, limit)

    async def get(self, project_id: int, name: str) -> Collection | None:
        """Return a collection."""
        return next((one for one in self._mine(project_id, None) if one.name == name), None)

    async def by_id(self, collection_id: int) -> Collection | None:
        """Return a collection."""
        return self._kept.collections.get(collection_id)

    def _mine(self, project_id: int, type_name: str | None) -> list[Collection]:
        return [
            one
            for one in self._kept.collections.values()
            if one.project_id == project_id and type_name in (None, one.type)
        ]

    async def find(
        self,
        project_id: int,
        *,
        type_name: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Collection]:
        """List a project's collections."""
        mine = self._mine(project_id, type_name)
        return page_of([([one.name], one) for one in mine], [str], after, limit)

    async def count(self, project_id: int, *, type_name: str | None = None) -> int:
        """Count what `find` would list."""
        return len(self._mine(project_id, type_name))

    async def member(self, collection_id: int, name: str) -> Membership | None:
        """Return the version that goes by a number or an alias."""
        version = version_of(name)
        for one in self._kept.in_collection(collection_id):
            if one.version == version or (version is None and name in called(one)):
                return one
        return None

    async def newest(self, collection_id: int) -> Artifact | None:
        """Return the version called `latest`, else that of the highest number."""
        mine = self._kept.in_collection(collection_id)
        found = [one for one in mine if LATEST in called(one)] or mine[-1:]
        return self._kept.artifacts[found[0].artifact_id] if found else None

    async def memberships(self, artifact_id: int) -> tuple[Membership, ...]:
        """Return where an artifact is a version."""
        return tuple(one for one in self._kept.members.values() if one.artifact_id == artifact_id)

    async def versions(
        self,
        collection_id: int,
        *,
        oldest_first: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Artifact]:
        """List the versions of a collection."""
        sign = 1 if oldest_first else -1
        mine = [
            ([sign * one.version], self._kept.artifacts[one.artifact_id])
            for one in self._kept.in_collection(collection_id)
        ]
        return page_of(mine, [int], after, limit)

    async def count_versions(self, collection_id: int) -> int:
        """Count what `versions` would list."""
        return len(self._kept.in_collection(collection_id))

    async def aliases(self, collection_id: int) -> tuple[Alias, ...]:
        """Return all aliases of a collection's versions."""
        mine = self._kept.in_collection(collection_id)
        found = [alias for one in mine for alias in one.aliases]
        return tuple(sorted(found, key=lambda alias: alias.id))


class MemoryManifests:
    """Manifests, entries and contents in memory."""

    def __init__(self, kept: ArtifactsInMemory) -> None:
        self._kept = kept

    async def add(self, manifest: Manifest) -> Manifest:
        """Note a manifest that will come."""
        made = replace(manifest, id=next(self._kept.ids))
        self._kept.manifests[made.id] = made
        return made

    async def get(self, manifest_id: int) -> Manifest | None:
        """Return a manifest."""
        return self._kept.manifests.get(manifest_id)

    async def announce(
        self, manifest_id: int, digest: str, base_id: int | None = None
    ) -> Manifest | None:
        """Say what a manifest's bytes will be."""
        known = self._kept.manifests.get(manifest_id)
        if known is None:
            return None
        base = known.base_id if base_id is None else base_id
        changed = replace(known, digest=digest, base_id=base, blob="")
        self._kept.manifests[manifest_id] = changed
        return changed

    async def arrived(self, manifest_id: int, blob: str) -> None:
        """Note where a manifest's bytes are."""
        known = self._kept.manifests.get(manifest_id)
        if known is not None:
            self._kept.manifests[manifest_id] = replace(known, blob=blob)

    async def of(self, artifact_id: int) -> tuple[Manifest, ...]:
        """Return an artifact's manifests."""
        mine = self._kept.manifests.values()
        return tuple(one for one in mine if one.artifact_id == artifact_id)

    async def contents(
        self, md5s: Several[str], *, entities: Several[str] | None
    ) -> dict[str, Content]:
        """Return what some entities have of contents."""
        wanted = set(md5s)
        found: dict[str, Content] = {}
        for (entity, md5), content in self._kept.contents.items():
            if md5 in wanted and (entities is None or entity in entities):
                found.setdefault(md5, content)
        return found

    async def keep(self, entity: str, content: Content) -> Content:
        """Note that an entity has bytes."""
        return self._kept.keep(entity, content)

    async def readable(self, entity: str, md5: str) -> Content | None:
        """Return bytes that a committed artifact of an entity has."""
        for artifact_id, entries in self._kept.entries.items():
            if self._kept.artifacts[artifact_id].entity != entity:
                continue
            if any(one.ref is None and one.digest == md5 for one in entries.values()):
                return self._kept.contents.get((entity, md5))
        return None

    async def entry(self, artifact_id: int, path: str) -> Entry | None:
        """Return an entry."""
        return self._kept.entries.get(artifact_id, {}).get(path)

    def _wanted(self, artifact_id: int, names: Sequence[str]) -> list[Entry]:
        mine = self._kept.entries.get(artifact_id, {}).values()
        return [one for one in mine if not names or one.path in names]

    async def entries(
        self,
        artifact_id: int,
        *,
        names: Sequence[str] = (),
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Entry]:
        """List an artifact's entries."""
        keyed = [([one.path], one) for one in self._wanted(artifact_id, names)]
        return page_of(keyed, [str], after, limit)

    async def count(self, artifact_id: int, *, names: Sequence[str] = ()) -> int:
        """Count what `entries` would list."""
        return len(self._wanted(artifact_id, names))

    async def all(self, artifact_id: int) -> tuple[Entry, ...]:
        """Return every entry of an artifact."""
        return tuple(sorted(self._wanted(artifact_id, ()), key=lambda one: one.path))
