"""The ports of artifacts in memory, for tests; lost with the process."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Several
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, TypeVar

from ferrule.errors import Conflict, NotFound
from ferrule.ports.artifacts import (
    COMMITTED,
    LATEST,
    MADE,
    PENDING,
    USED,
    Alias,
    Artifact,
    ArtifactChange,
    Contents,
    Membership,
    NewArtifact,
)
from ferrule.ports.collections import ArtifactType, Collection
from ferrule.ports.manifests import Content, Entry, Manifest
from ferrule.ports.pages import Page
from ferrule.ports.projects import Project
from ferrule.stores import cursors

T = TypeVar("T")

_SHARED = tuple({one.name for one in fields(Artifact)} & {one.name for one in fields(NewArtifact)})


class _Projects(Protocol):
    """Where projects are looked up."""

    async def get_by_id(self, project_id: int) -> Project | None: ...


@dataclass
class ArtifactsInMemory:
    """What the three ports have in common."""

    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    types: dict[int, ArtifactType] = field(default_factory=dict)
    collections: dict[int, Collection] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)
    artifacts: dict[int, Artifact] = field(default_factory=dict)
    news: dict[int, NewArtifact] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    members: dict[int, Membership] = field(default_factory=dict)
    edges: list[tuple[int, str, int]] = field(default_factory=list)
    manifests: dict[int, Manifest] = field(default_factory=dict)
    entries: dict[int, dict[str, Entry]] = field(default_factory=dict)
    contents: dict[tuple[str, str], Content] = field(default_factory=dict)

    def member_of(self, collection_id: int, artifact_id: int) -> Membership | None:
        """Return where an artifact is a version of a collection."""
        wanted = (collection_id, artifact_id)
        found = (
            one for one in self.members.values() if (one.collection_id, one.artifact_id) == wanted
        )
        return next(found, None)

    def in_collection(self, collection_id: int) -> list[Membership]:
        """Return a collection's versions, by their numbers."""
        mine = [one for one in self.members.values() if one.collection_id == collection_id]
        return sorted(mine, key=lambda one: one.version)

    def give(self, collection_id: int, artifact_id: int, names: Iterable[str]) -> bool:
        """Give a version aliases."""
        mine = self.member_of(collection_id, artifact_id)
        if mine is None:
            return False
        for name in names:
            if name in called(self.members[mine.id]):
                continue
            for other in self.in_collection(collection_id):
                self.take(other, {name})
            has = self.members[mine.id]
            alias = Alias(next(self.ids), name)
            self.members[mine.id] = replace(has, aliases=(*has.aliases, alias))
        return True

    def take(self, member: Membership, names: Several[str]) -> None:
        """Take aliases from a version."""
        has = self.members[member.id]
        kept = tuple(alias for alias in has.aliases if alias.name not in names)
        self.members[member.id] = replace(has, aliases=kept)

    def keep(self, entity: str, content: Content) -> Content:
        """Note that an entity has bytes."""
        known = self.contents.setdefault((entity, content.md5), content)
        if known.blob != content.blob:
            raise Conflict("Other bytes of the same MD5 are here already, so these were not kept.")
        return known

    def tie(self, run_id: int, edge: str, artifact_id: int) -> None:
        """Note what a run made or used."""
        if (run_id, edge, artifact_id) not in self.edges:
            self.edges.append((run_id, edge, artifact_id))


def called(member: Membership) -> list[str]:
    """Return the aliases that a version goes by."""
    return [alias.name for alias in member.aliases]


def page_of(
    keyed: Sequence[tuple[list[Any], T]],
    like: list[type | tuple[type, ...]],
    after: str | None,
    limit: int,
) -> Page[T]:
    """Sort, drop what comes before a cursor, and cut off after `limit`."""
    last = None if after is None else cursors.read(after, like)
    key: Callable[[tuple[list[Any], T]], list[Any]] = lambda pair: pair[0]  # noqa: E731
    found = sorted((pair for pair in keyed if last is None or pair[0] > last), key=key)
    shown = found[:limit]
    marks = tuple(cursors.written(pair[0]) for pair in shown)
    return Page(tuple(pair[1] for pair in shown), marks, more=len(found) > limit)


class MemoryArtifacts:
    """Artifacts in memory."""

    def __init__(self, kept: ArtifactsInMemory, projects: _Projects) -> None:
        self._kept = kept
        self._projects = projects

    async def create(self, new: NewArtifact) -> Artifact:
        """Note that an artifact comes."""
        collection = await self._collection(new)
        known = self._known(collection, new)
        if known is None:
            said = {name: getattr(new, name) for name in _SHARED}
            known = Artifact(
                **said,
                entity=collection.entity,
                project=collection.project,
                id=next(self._kept.ids),
                collection_id=collection.id,
                created_at=new.at,
                updated_at=new.at,
            )
            self._kept.artifacts[known.id] = known
            self._kept.news[known.id] = new
        elif known.state == COMMITTED:
            self._kept.give(collection.id, known.id, new.aliases)
            if new.run_id is not None:
                self._kept.tie(new.run_id, MADE, known.id)
        if new.client_id is not None:
            named = self._kept.artifacts.get(self._kept.clients.get(new.client_id, 0))
            if named is None or named.entity == known.entity:
                self._kept.clients[new.client_id] = known.id
        return known

    async def _collection(self, new: NewArtifact) -> Collection:
        project = await self._projects.get_by_id(new.project_id)
        if project is None:
            raise NotFound("The project is gone.")
        for known in self._kept.collections.values():
            if (known.project_id, known.name) != (new.project_id, new.collection):
                continue
            if known.type != new.type:
                raise Conflict(f"`{known.name}` holds artifacts of type `{known.type}`.")
            return known
        types = self._kept.types.values()
        if not any((one.project_id, one.name) == (project.id, new.type) for one in types):
            made = ArtifactType(
                next(self._kept.ids), project.id, project.entity, new.type, created_at=new.at
            )
            self._kept.types[made.id] = made
        collection = Collection(
            next(self._kept.ids),
            project.id,
            project.entity,
            project.name,
            new.collection,
            new.type,
            created_at=new.at,
            updated_at=new.at,
        )
        self._kept.collections[collection.id] = collection
        return collection

    def _known(self, collection: Collection, new: NewArtifact) -> Artifact | None:
        mine = [one for one in self._kept.artifacts.values() if one.collection_id == collection.id]
        named = self._kept.clients.get(new.client_id or "")
        found = [one for one in mine if one.id == named]
        if new.distributed_id is not None:
            found += [
                one
                for one in mine
                if one.state == PENDING
                and self._kept.news[one.id].distributed_id == new.distributed_id
            ]
        elif new.deduplicate:
            same = [one for one in mine if (one.state, one.digest) == (COMMITTED, new.digest)]
            found += sorted(same, key=lambda one: -(one.version or 0))
        return next(iter(found), None)

    async def get(self, artifact_id: int) -> Artifact | None:
        """Return the artifact."""
        return self._kept.artifacts.get(artifact_id)

    async def by_client(self, client_id: str) -> Artifact | None:
        """Return the artifact that a client named so."""
        return self._kept.artifacts.get(self._kept.clients.get(client_id, 0))

    async def commit(self, artifact_id: int, contents: Contents) -> Artifact:
        """Make an artifact the next version of its collection."""
        found = self._kept.artifacts.get(artifact_id)
        if found is None:
            raise NotFound("The artifact is gone; it may have been deleted.")
        if found.state == COMMITTED:
            return found
        for content in contents.borrowed:
            self._kept.keep(found.entity, content)
        self._kept.entries[artifact_id] = {entry.path: entry for entry in contents.entries}
        version = self._kept.made.get(found.collection_id, 0)
        self._kept.made[found.collection_id] = version + 1
        self._kept.artifacts[artifact_id] = replace(
            found,
            state=COMMITTED,
            version=version,
            digest=contents.digest,
            manifest=contents.manifest,
            size=sum(entry.size for entry in contents.entries),
            file_count=len(contents.entries),
            updated_at=contents.at,
        )
        member = Membership(
            next(self._kept.ids), found.collection_id, artifact_id, version, contents.at
        )
        self._kept.members[member.id] = member
        self._kept.give(found.collection_id, artifact_id, self._kept.news[artifact_id].aliases)
        collection = self._kept.collections[found.collection_id]
        self._kept.collections[collection.id] = replace(collection, updated_at=contents.at)
        if found.run_id is not None:
            self._kept.tie(found.run_id, MADE, artifact_id)
        return self._kept.artifacts[artifact_id]

    async def update(self, artifact_id: int, change: ArtifactChange) -> Artifact | None:
        """Change what is said of an artifact."""
        found = self._kept.artifacts.get(artifact_id)
        if found is None:
            return None
        said = {
            name: getattr(change, name)
            for name in ("description", "metadata")
            if getattr(change, name) is not None
        }
        self._kept.artifacts[artifact_id] = replace(
            found,
            updated_at=change.at,
            tags=change.tags_of(found.tags),
            ttl_secs=change.ttl_of(found.ttl_secs),
            **said,
        )
        if change.aliases is not None:
            self._put_aliases(found, change.aliases)
        return self._kept.artifacts[artifact_id]

    def _put_aliases(self, found: Artifact, names: tuple[str, ...]) -> None:
        member = self._kept.member_of(found.collection_id, found.id)
        if member is None:
            self._kept.news[found.id] = replace(self._kept.news[found.id], aliases=names)
            return
        self._kept.take(member, set(called(member)) - set(names))
        self._kept.give(found.collection_id, found.id, names)

    async def add_aliases(
        self, collection_id: int, artifact_id: int, names: tuple[str, ...]
    ) -> bool:
        """Give a version aliases."""
        return self._kept.give(collection_id, artifact_id, names)

    async def remove_aliases(
        self, collection_id: int, artifact_id: int, names: tuple[str, ...]
    ) -> bool:
        """Take aliases from a version."""
        member = self._kept.member_of(collection_id, artifact_id)
        if member is not None:
            self._kept.take(member, names)
        return member is not None

    async def delete(self, artifact_id: int, *, aliases_too: bool) -> bool:
        """Delete an artifact."""
        found = self._kept.artifacts.get(artifact_id)
        if found is None:
            return False
        mine = [one for one in self._kept.members.values() if one.artifact_id == artifact_id]
        names = {name for one in mine for name in called(one)}
        if names and not aliases_too:
            raise Conflict(f"`{found.path}` has the aliases {', '.join(sorted(names))}.")
        del self._kept.artifacts[artifact_id]
        self._kept.entries.pop(artifact_id, None)
        for one in mine:
            del self._kept.members[one.id]
            left = self._kept.in_collection(one.collection_id)
            if LATEST in called(one) and left:
                self._kept.give(one.collection_id, left[-1].artifact_id, (LATEST,))
        return True

    async def use(self, run_id: int, artifact_id: int, *, used_as: str = "") -> None:
        """Note that a run uses an artifact."""
        self._kept.tie(run_id, USED, artifact_id)

    def _of_run(self, run_id: int, edge: str) -> list[tuple[list[Any], Artifact]]:
        kept = self._kept.artifacts
        return [
            ([number], kept[artifact_id])
            for number, (run, kind, artifact_id) in enumerate(self._kept.edges)
            if (run, kind) == (run_id, edge)
            and artifact_id in kept
            and kept[artifact_id].state == COMMITTED
        ]

    async def of_run(
        self, run_id: int, edge: str, *, after: str | None = None, limit: int = 50
    ) -> Page[Artifact]:
        """List what a run has made or used."""
        return page_of(self._of_run(run_id, edge), [int], after, limit)

    async def count_of_run(self, run_id: int, edge: str) -> int:
        """Count what `of_run` would list."""
        return len(self._of_run(run_id, edge))

    async def used_by(self, artifact_id: int) -> tuple[int, ...]:
        """Return the numbers of the runs that use an artifact."""
        return tuple(run for run, *rest in self._kept.edges if rest == [USED, artifact_id])
