"""Making an artifact of what a client has brought: its manifests are read, checked and joined."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace

import anyio
from anyio.to_thread import run_sync

from ferrule.domain import manifests as rules
from ferrule.errors import BadInput
from ferrule.ports import Stores
from ferrule.ports.artifacts import Artifact, Contents
from ferrule.ports.blobs import Blobs
from ferrule.ports.manifests import INCREMENTAL, Content, Entry, Manifest

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Ids:
    """How numbers of artifacts are written in manifests."""

    written: Callable[[int], str]
    read: Callable[[str], int | None]


class ManifestCommitter:
    """Commits artifacts, one at a time: a manifest of a million files fills half a gigabyte."""

    def __init__(self, stores: Stores, blobs: Blobs, limits: rules.Limits, ids: Ids) -> None:
        self._stores = stores
        self._blobs = blobs
        self._limits = limits
        self._ids = ids
        self._one = anyio.Lock()

    async def commit(
        self, artifact: Artifact, *, entities: Collection[str] | None, at: int
    ) -> Artifact:
        """See the port."""
        async with self._one:
            entries = await self._entries(artifact)
            known, borrowed = await self._contents(artifact, entries, entities)
            entries = await run_sync(_with_contents, entries, known)
            served = await run_sync(rules.written, entries, self._ids.written)
            blob = await self._blobs.put(_whole(served), max_bytes=len(served))
            digest = await run_sync(rules.digest_of, entries)
            contents = Contents(entries, digest, blob.sha256, at, borrowed)
            return await self._stores.artifacts.commit(artifact.id, contents)

    async def _entries(self, artifact: Artifact) -> tuple[Entry, ...]:
        manifests = rules.to_read(await self._stores.manifests.of(artifact.id))
        layers: list[Sequence[Entry]] = []
        for manifest in manifests:
            if manifest.kind == INCREMENTAL and manifest.base_id is not None:
                layers.append(await self._stores.manifests.all(manifest.base_id))
            raw = await self._read(manifest)
            layers.append(await run_sync(rules.read, raw, self._limits, self._ids.read))
        return await run_sync(rules.joined, layers, self._limits)

    async def _read(self, manifest: Manifest) -> bytes:
        pieces = [piece async for piece in self._blobs.read(manifest.blob)]
        return b"".join(pieces)

    async def _contents(
        self, artifact: Artifact, entries: Sequence[Entry], entities: Collection[str] | None
    ) -> tuple[dict[str, Content], tuple[Content, ...]]:
        """Return the contents of files by MD5, and those that the entity did not have before."""
        md5s = {entry.digest for entry in entries if entry.ref is None}
        known = await self._stores.manifests.contents(md5s, entities=[artifact.entity])
        missing = md5s - known.keys()
        if not missing:
            return known, ()
        # A draft of another entity's artifact names files that its maker may read there.
        found = await self._stores.manifests.contents(missing, entities=entities)
        if len(found) < len(missing):
            _refuse(entries, missing - found.keys())
        borrowed = {md5: replace(one, birth_id=artifact.id) for md5, one in found.items()}
        return known | borrowed, tuple(borrowed.values())


def _refuse(entries: Sequence[Entry], missing: Collection[str]) -> None:
    paths = [one.path for one in entries if one.ref is None and one.digest in missing]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    shown = ", ".join(f"`{path}`" for path in paths[:_SHOWN])
    raise BadInput(
        f"The artifact was not committed: {shown}{more} never came. Upload the files first."
    )


def _with_contents(entries: Sequence[Entry], known: dict[str, Content]) -> tuple[Entry, ...]:
    return tuple(
        entry if entry.ref is not None else _with_content(entry, known[entry.digest])
        for entry in entries
    )


def _with_content(entry: Entry, content: Content) -> Entry:
    return replace(entry, size=content.size, blob=content.blob, birth_id=content.birth_id)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
