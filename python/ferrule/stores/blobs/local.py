"""Blobs as files of a folder, each named by its SHA-256, each durable before it is acknowledged."""

import base64
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

import anyio
from anyio.to_thread import run_sync

from ferrule.errors import BusyError, TooLarge
from ferrule.ports.blobs import Blob
from ferrule.stores.blobs.checks import require_md5

PIECE_BYTES = 1 << 20

P = ParamSpec("P")
T = TypeVar("T")


class LocalBlobs:
    """The blobs port over a folder: `cas/sha256/ab/cd/<hex>`, and `inbox` for what is coming in.

    Disk and digests are worked on in threads of their own, a few at a time, so that the event
    loop waits for neither.
    """

    def __init__(self, folder: Path, *, threads: int = 16) -> None:
        self._cas = folder / "cas" / "sha256"
        self._inbox = folder / "inbox"
        self._cas.mkdir(parents=True, exist_ok=True)
        self._inbox.mkdir(parents=True, exist_ok=True)
        self._limiter = anyio.CapacityLimiter(threads)
        for left_over in self._inbox.iterdir():
            left_over.unlink()

    async def _in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await run_sync(lambda: function(*args, **kwargs), limiter=self._limiter)

    async def put(
        self, chunks: AsyncIterable[bytes], *, max_bytes: int, md5: str | None = None
    ) -> Blob:
        """See the port."""
        pieces = _pieces(chunks, max_bytes)
        first, second = await anext(pieces, b""), await anext(pieces, b"")
        if not second:  # as most files: one trip to a thread is enough
            return await self._on_disk(self._keep_whole, first, md5)
        incoming = await self._on_disk(_Incoming, self._inbox)
        try:
            for piece in (first, second):
                await self._on_disk(incoming.write, piece)
            async for piece in pieces:
                await self._on_disk(incoming.write, piece)
            return await self._on_disk(self._keep, incoming, md5)
        finally:
            incoming.discard()

    async def _on_disk(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work on what comes in; a sender's broken connection is an OSError too, and no matter."""
        try:
            return await self._in_thread(function, *args, **kwargs)
        except OSError as err:
            raise _disk_refused(err) from err

    def _keep_whole(self, content: bytes, md5: str | None) -> Blob:
        incoming = _Incoming(self._inbox)
        try:
            incoming.write(content)
            return self._keep(incoming, md5)
        finally:
            incoming.discard()

    def _keep(self, incoming: "_Incoming", md5: str | None) -> Blob:
        blob = incoming.finish(md5)
        place = self._place(blob.sha256)
        if not place.exists():
            _make_durable_folder(place.parent, self._cas)
        os.replace(incoming.path, place)
        _sync_folder(place.parent)
        return blob

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise KeyError(sha256)
        return self._cas / sha256[:2] / sha256[2:4] / sha256

    async def size(self, sha256: str) -> int | None:
        """See the port."""
        try:
            status = await self._in_thread(os.stat, self._place(sha256))
        except (FileNotFoundError, KeyError):
            return None
        return status.st_size

    async def read(
        self, sha256: str, first: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """See the port."""
        try:
            file: BinaryIO = await self._in_thread(open, self._place(sha256), "rb")
        except FileNotFoundError as err:
            raise KeyError(sha256) from err
        with file:
            file.seek(first)
            left = length
            while left is None or left > 0:
                wanted = PIECE_BYTES if left is None else min(PIECE_BYTES, left)
                piece = await self._in_thread(file.read, wanted)
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    async def remove(self, sha256: str) -> None:
        """See the port."""
        with contextlib.suppress(FileNotFoundError, KeyError):
            await self._in_thread(os.unlink, self._place(sha256))


class _Incoming:
    """A file that is being written, with its digests."""

    def __init__(self, folder: Path) -> None:
        handle, name = tempfile.mkstemp(dir=folder)
        self.path = Path(name)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0

    def write(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]
        self._sha256.update(piece)
        self._md5.update(piece)
        self._size += len(piece)

    def finish(self, expected: str | None) -> Blob:
        md5 = base64.b64encode(self._md5.digest()).decode()
        require_md5(md5, expected)
        os.fsync(self._file.fileno())
        self._file.close()
        return Blob(self._sha256.hexdigest(), md5, self._size)

    def discard(self) -> None:
        """Let go of what was not kept; after `os.replace` nothing is left to let go of."""
        self._file.close()
        self.path.unlink(missing_ok=True)


async def _pieces(chunks: AsyncIterable[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    """Gather small chunks, so that each trip to a thread is worth it."""
    waiting = bytearray()
    total = 0
    async for chunk in chunks:
        total += len(chunk)
        if total > max_bytes:
            raise TooLarge(f"The file has more than {max_bytes} bytes; it was not kept.")
        waiting += chunk
        if len(waiting) >= PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _make_durable_folder(folder: Path, root: Path) -> None:
    if folder == root or folder.is_dir():
        return
    _make_durable_folder(folder.parent, root)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _disk_refused(err: OSError) -> BusyError:
    reason = err.strerror or str(err)
    return BusyError(f"The server's disk takes no files at the moment: {reason}. Try again later.")
