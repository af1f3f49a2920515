"""Blobs in memory, for tests: nothing outlives the process."""

import base64
import hashlib
from collections.abc import AsyncIterable, AsyncIterator

from ferrule.errors import TooLarge
from ferrule.ports.blobs import Blob
from ferrule.stores.blobs.checks import require_md5

PIECE_BYTES = 1 << 20


class MemoryBlobs:
    """The blobs port in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def put(
        self, chunks: AsyncIterable[bytes], *, max_bytes: int, md5: str | None = None
    ) -> Blob:
        """See the port."""
        content = b""
        async for chunk in chunks:
            content += chunk
            if len(content) > max_bytes:
                raise TooLarge(f"The file has more than {max_bytes} bytes; it was not kept.")
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        own_md5 = base64.b64encode(digest).decode()
        require_md5(own_md5, md5)
        sha256 = hashlib.sha256(content).hexdigest()
        self._kept[sha256] = content
        return Blob(sha256, own_md5, len(content))

    async def size(self, sha256: str) -> int | None:
        """See the port."""
        content = self._kept.get(sha256)
        return None if content is None else len(content)

    async def read(
        self, sha256: str, first: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """See the port."""
        content = self._kept[sha256]
        end = len(content) if length is None else min(len(content), first + length)
        for start in range(first, end, PIECE_BYTES):
            yield content[start : min(start + PIECE_BYTES, end)]

    async def remove(self, sha256: str) -> None:
        """See the port."""
        self._kept.pop(sha256, None)
