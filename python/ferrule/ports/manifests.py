"""Manifests: what is in artifacts, and where its bytes are."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ferrule.ports.pages import Page

FULL = "FULL"
INCREMENTAL = "INCREMENTAL"
PATCH = "PATCH"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that a client brings: all of an artifact, or what it adds.

    `digest` is the base64 MD5 that was announced, empty for none. `blob` names the bytes, empty
    until they came.
    """

    artifact_id: int
    name: str
    kind: str = FULL
    digest: str = ""
    base_id: int | None = None
    blob: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an artifact.

    `digest` is the wire's: for bytes that are kept here their base64 MD5, and `blob` names them;
    for a reference (`ref` is not None) whatever the client made it. `extra` is JSON text, empty
    for none. `birth_id` is the artifact whose upload brought the bytes.
    """

    path: str
    digest: str
    size: int = 0
    ref: str | None = None
    extra: str = ""
    birth_id: int | None = None
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that an entity has: their MD5 in base64, the blob, and the artifact they came with."""

    md5: str
    blob: str
    size: int
    birth_id: int


class Manifests(Protocol):
    """Manifests, entries and contents of artifacts.

    Unique: (artifact, path) for entries, (entity, MD5) for contents. Entries are written by
    `Artifacts.commit`, and go when their artifact is deleted.
    """

    async def add(self, manifest: Manifest) -> Manifest:
        """Note a manifest that will come; it gets an id."""

    async def get(self, manifest_id: int) -> Manifest | None:
        """Return a manifest, None if there is none."""

    async def announce(
        self, manifest_id: int, digest: str, base_id: int | None = None
    ) -> Manifest | None:
        """Say what a manifest's bytes will be; those that came before don't count any more.

        Args:
            manifest_id: Which.
            digest: Base64 MD5 of the bytes.
            base_id: What it adds to; None leaves that as it is.
        """

    async def arrived(self, manifest_id: int, blob: str) -> None:
        """Note where a manifest's bytes are."""

    async def of(self, artifact_id: int) -> tuple[Manifest, ...]:
        """Return an artifact's manifests, in the order they were noted."""

    async def contents(
        self, md5s: Several[str], *, entities: Several[str] | None
    ) -> dict[str, Content]:
        """Return what some entities (None: all) have of contents, by MD5."""

    async def keep(self, entity: str, content: Content) -> Content:
        """Note that an entity has bytes; the first that brought them stays their origin.

        Raises:
            ferrule.errors.Conflict: Other bytes with that MD5 are there.
        """

    async def readable(self, entity: str, md5: str) -> Content | None:
        """Return bytes that a committed artifact of an entity has, None if none has them."""

    async def entry(self, artifact_id: int, path: str) -> Entry | None:
        """Return an entry, None if there is none."""

    async def entries(
        self,
        artifact_id: int,
        *,
        names: Sequence[str] = (),
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Entry]:
        """List an artifact's entries by path, by code point; only those named, where given."""

    async def count(self, artifact_id: int, *, names: Sequence[str] = ()) -> int:
        """Count what `entries` would list."""

    async def all(self, artifact_id: int) -> tuple[Entry, ...]:
        """Return every entry of an artifact, by path."""
