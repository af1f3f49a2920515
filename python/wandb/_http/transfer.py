"""Whole files up and down."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable

import anyio

from wandb._http.client import Client, Trouble
from wandb._http.policy import TRANSFER, Policy

__all__ = ("download", "headers_of", "upload")

_PIECE_BYTES = 1 << 20
_MOST_SHRINKS = 3


class FileShrank(OSError):
    """A file became shorter while it was read."""


class _Content:
    """A file's bytes up to a size, anew for each try; what is wrong with it ends the tries.

    A request whose body fails looks like a broken connection: it would be tried again and again.
    """

    def __init__(self, path: str, size: int) -> None:
        self._path, self._size = path, size
        self._failure: OSError | None = None

    def __call__(self) -> AsyncIterator[bytes]:
        if self._failure is not None:
            raise self._failure
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        at = 0
        try:
            # Opened anew for each piece: a request that breaks off leaves no file open behind.
            while at < self._size:
                piece = await anyio.to_thread.run_sync(_piece, self._path, at, self._size)
                if not piece:
                    raise FileShrank(None, "it became shorter while it was read")
                at += len(piece)
                yield piece
        except OSError as err:
            self._failure = err
            raise


async def upload(
    client: Client,
    url: str,
    path: str,
    *,
    headers: Iterable[str] = (),
    policy: Policy = TRANSFER,
    watch: Callable[[Trouble | None], None] | None = None,
) -> int:
    """Put a file to a signed address.

    The size is what the file has when the upload begins; what is appended meanwhile is left for
    a later one. A file that becomes shorter meanwhile is begun anew, a few times.

    Args:
        client: Who sends it; the key stays behind.
        url: The address.
        path: The file.
        headers: What the server asked for, as `Name:value`.
        policy: Which failures are final.
        watch: Told of tries that failed; see `Client.request`.

    Returns:
        The size in bytes.

    Raises:
        RequestFailure: The upload was given up.
        OSError: The file can't be read, or never stays as it is.
    """
    named = headers_of(headers)
    for _ in range(_MOST_SHRINKS):
        size, whole = await anyio.to_thread.run_sync(_opened, path)
        try:
            await client.request(
                "PUT",
                url,
                policy=policy,
                body=_Content(path, size) if whole is None else whole,
                headers={**named, "Content-Length": str(size)},
                trusted=False,
                watch=watch,
            )
        except FileShrank:
            continue
        return size
    raise FileShrank(None, "it became shorter each time it was read")


def headers_of(named: Iterable[str]) -> dict[str, str]:
    """Read the headers that a server asked for, as `Name:value`."""
    split = (header.partition(":") for header in named)
    return {name.strip(): value.strip() for name, _, value in split}


def _opened(path: str) -> tuple[int, bytes | None]:
    """Return a file's size, and its content if that is no more than a piece."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > _PIECE_BYTES:
            return size, None
        content = file.read(_PIECE_BYTES)
        return len(content), content


def _piece(path: str, at: int, size: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(at)
        return file.read(min(size - at, _PIECE_BYTES))


async def download(client: Client, url: str, path: str, *, policy: Policy = TRANSFER) -> None:
    """Write what is at an address to a file.

    The key goes along to the client's own server, and to no other that an address leads to.

    Args:
        client: Who asks.
        url: The address.
        path: The file; what is in it is replaced.
        policy: Which failures are final.

    Raises:
        RequestFailure: The download was given up; the file may be there in part.
        OSError: The file can't be written.
    """
    await client.request(
        "GET",
        url,
        policy=policy,
        page_is_answer=True,
        into=path,
    )
