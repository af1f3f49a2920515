"""Artifacts: versions of named sets of files, and which runs made and used them."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from ferrule.ports.manifests import Content, Entry
from ferrule.ports.pages import Page

PENDING = "PENDING"
COMMITTED = "COMMITTED"
DELETED = "DELETED"

LATEST = "latest"
"""The alias that names the newest version, by custom of the clients."""

MADE = "output"
USED = "input"

_VERSION = re.compile(r"v(0|[1-9]\d{0,8})")


def version_of(name: str) -> int | None:
    """Return the number in `v` and a number, None for any other name."""
    found = _VERSION.fullmatch(name)
    return None if found is None else int(found[1])


@dataclass(frozen=True, slots=True)
class Artifact:
    """One version of a collection, or what will become one.

    `description`, `metadata` (JSON text), `ttl_secs` (None: as the collection has it; below zero:
    kept for good) and `history_step` are None where nothing was said. `version` is None until the
    artifact is committed, `run_id` None for one that no run made. `manifest` names the blob of
    the manifest that is handed out; empty until then.
    """

    id: int
    collection_id: int
    project_id: int
    entity: str
    project: str
    collection: str
    type: str
    state: str = PENDING
    digest: str = ""
    description: str | None = None
    metadata: str | None = None
    tags: tuple[str, ...] = ()
    ttl_secs: int | None = None
    history_step: int | None = None
    size: int = 0
    file_count: int = 0
    version: int | None = None
    run_id: int | None = None
    user: str = ""
    manifest: str = ""
    created_at: int = 0
    updated_at: int = 0

    @property
    def path(self) -> str:
        """Return the artifact's name as people write it."""
        return f"{self.entity}/{self.project}/{self.collection}:v{self.version}"


@dataclass(frozen=True, slots=True)
class NewArtifact:
    """What a client says of an artifact before it brings the files.

    `aliases` are given when it is committed. `client_id` is the client's own name for it;
    writers that share a `distributed_id` share the artifact until it is committed.
    """

    project_id: int
    type: str
    collection: str
    digest: str
    at: int
    user: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    metadata: str | None = None
    ttl_secs: int | None = None
    history_step: int | None = None
    run_id: int | None = None
    client_id: str | None = None
    distributed_id: str | None = None
    deduplicate: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an artifact, as it is committed: every entry's bytes are known.

    `borrowed` are contents that the entity did not have before.
    """

    entries: tuple[Entry, ...]
    digest: str
    manifest: str
    at: int
    borrowed: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class ArtifactChange:
    """What becomes of an artifact; None leaves a thing as it is. A TTL of -1 takes it away."""

    at: int
    description: str | None = None
    metadata: str | None = None
    ttl_secs: int | None = None
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    aliases: tuple[str, ...] | None = None

    def tags_of(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return what becomes of tags."""
        kept = [tag for tag in tags if tag not in self.tags_removed]
        return tuple(dict.fromkeys((*kept, *self.tags_added)))

    def ttl_of(self, ttl_secs: int | None) -> int | None:
        """Return what becomes of a time to live."""
        if self.ttl_secs is None:
            return ttl_secs
        return None if self.ttl_secs == -1 else self.ttl_secs


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that one version of a collection has at a time."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Membership:
    """That an artifact is a version of a collection, and by which aliases it goes there.

    `aliases` come in the order they were given.
    """

    id: int
    collection_id: int
    artifact_id: int
    version: int
    created_at: int
    aliases: tuple[Alias, ...] = field(default=())


class Artifacts(Protocol):
    """Artifacts of all projects.

    Versions of a collection are numbered from 0 in the order they are committed; a number is
    given once. An alias belongs to one version of a collection at a time, and moves when another
    gets it. Deleted artifacts are found nowhere.
    """

    async def create(self, new: NewArtifact) -> Artifact:
        """Note that an artifact comes; the type and the collection are made if need be.

        The same again (by `client_id`, in one collection) gives the same artifact, and so does a
        `distributed_id` whose artifact is pending. With `deduplicate`, a committed artifact of
        the collection that has the digest is given instead: with the new aliases, as made by the
        run, and under the client id, too.

        Raises:
            ferrule.errors.NotFound: The project is gone.
            ferrule.errors.Conflict: The collection holds another type.
        """

    async def get(self, artifact_id: int) -> Artifact | None:
        """Return the artifact, None if there is none."""

    async def by_client(self, client_id: str) -> Artifact | None:
        """Return the artifact that a client named so, from when it was created.

        Where a name was given twice, the last one of the entity that had it first.
        """

    async def commit(self, artifact_id: int, contents: Contents) -> Artifact:
        """Make an artifact the next version of its collection, all of it at once.

        Entries, version, aliases, state and the edge from its run become visible together. One
        that is committed already stays as it is.

        Raises:
            ferrule.errors.NotFound: The artifact is gone.
        """

    async def update(self, artifact_id: int, change: ArtifactChange) -> Artifact | None:
        """Change what is said of an artifact; None if there is none.

        `aliases` are all that it shall have in its own collection.
        """

    async def add_aliases(
        self, collection_id: int, artifact_id: int, names: tuple[str, ...]
    ) -> bool:
        """Give a version aliases; return whether the artifact is one of the collection."""

    async def remove_aliases(
        self, collection_id: int, artifact_id: int, names: tuple[str, ...]
    ) -> bool:
        """Take aliases from a version; return whether the artifact is one of the collection."""

    async def delete(self, artifact_id: int, *, aliases_too: bool) -> bool:
        """Delete an artifact; return whether there was one.

        `latest` goes to the newest version that is left.

        Raises:
            ferrule.errors.Conflict: It has aliases, and `aliases_too` is not set.
        """

    async def use(self, run_id: int, artifact_id: int, *, used_as: str = "") -> None:
        """Note that a run uses an artifact; again is harmless."""

    async def of_run(
        self, run_id: int, edge: str, *, after: str | None = None, limit: int = 50
    ) -> Page[Artifact]:
        """List what a run has `MADE` or `USED`, in the order it did; committed ones only."""

    async def count_of_run(self, run_id: int, edge: str) -> int:
        """Count what `of_run` would list."""

    async def used_by(self, artifact_id: int) -> tuple[int, ...]:
        """Return the numbers of the runs that use an artifact, in the order they began to."""
