"""Collections: what versions of an artifact belong to, and the types that collections have."""

from dataclasses import dataclass
from typing import Protocol

from ferrule.ports.artifacts import Alias, Artifact, Membership
from ferrule.ports.pages import Page


@dataclass(frozen=True, slots=True)
class ArtifactType:
    """A type of artifacts, in a project."""

    id: int
    project_id: int
    entity: str
    name: str
    description: str = ""
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    """A named row of versions, all of one type."""

    id: int
    project_id: int
    entity: str
    project: str
    name: str
    type: str
    description: str = ""
    created_at: int = 0
    updated_at: int = 0


class Collections(Protocol):
    """Types and collections of all projects; `Artifacts.create` makes them.

    Unique: (project, name), for types and for collections. Lists come in the order of names, by
    code point, where nothing else is said.
    """

    async def type(self, project_id: int, name: str) -> ArtifactType | None:
        """Return a type, None if there is none."""

    async def types(
        self, project_id: int, *, after: str | None = None, limit: int = 50
    ) -> Page[ArtifactType]:
        """List a project's types."""

    async def get(self, project_id: int, name: str) -> Collection | None:
        """Return a collection, None if there is none."""

    async def by_id(self, collection_id: int) -> Collection | None:
        """Return a collection, None if there is none."""

    async def find(
        self,
        project_id: int,
        *,
        type_name: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Collection]:
        """List a project's collections, of one type where it is given."""

    async def count(self, project_id: int, *, type_name: str | None = None) -> int:
        """Count what `find` would list."""

    async def member(self, collection_id: int, name: str) -> Membership | None:
        """Return the version that goes by `v` and its number, or by an alias; None if none does."""

    async def newest(self, collection_id: int) -> Artifact | None:
        """Return the version called `latest`, else that of the highest number, None without."""

    async def memberships(self, artifact_id: int) -> tuple[Membership, ...]:
        """Return where an artifact is a version, its own collection first."""

    async def versions(
        self,
        collection_id: int,
        *,
        oldest_first: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Artifact]:
        """List the versions of a collection, by their numbers."""

    async def count_versions(self, collection_id: int) -> int:
        """Count what `versions` would list."""

    async def aliases(self, collection_id: int) -> tuple[Alias, ...]:
        """Return all aliases of a collection's versions, in the order they were given."""
