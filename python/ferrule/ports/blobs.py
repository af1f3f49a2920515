"""Bytes kept by what they are: the contents of run files and artifacts."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of stored bytes.

    `sha256` (64 lower-case hex digits) is their name; `md5` is the digest of the wire, in base64.
    """

    sha256: str
    md5: str
    size: int


class Blobs(Protocol):
    """Immutable bytes under their SHA-256.

    Unique: the same bytes are kept once, however often they are put. What `put` has returned for
    survives any death of the process, and of the machine. A put that fails or is cancelled
    leaves nothing behind that a reader could see. Blobs are visible to every call that starts
    after `put` returned, and until `remove`; a reader that has begun may finish.
    """

    async def put(
        self, chunks: AsyncIterable[bytes], *, max_bytes: int, md5: str | None = None
    ) -> Blob:
        """Take bytes in, and return their names when they are durable.

        Args:
            chunks: The bytes.
            max_bytes: How many there may be.
            md5: What their MD5 must be, in base64; None for whatever it is.

        Raises:
            ferrule.errors.BadInput: Their MD5 is another; nothing is kept.
            ferrule.errors.TooLarge: There are more than `max_bytes`; nothing is kept.
            ferrule.errors.BusyError: The disk takes nothing at the moment; nothing is kept.
        """

    async def size(self, sha256: str) -> int | None:
        """Return how many bytes are kept under a name, None if none are."""

    def read(self, sha256: str, first: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes from `first` on, `length` of them or all, in pieces of at most 1 MiB.

        Raises:
            KeyError: Nothing is kept under that name.
        """

    async def remove(self, sha256: str) -> None:
        """Let go of a blob; one that isn't there is fine."""
