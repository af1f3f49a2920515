"""Whole files up and down."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable

import anyio

from wandb._http.client import Body, Client, Trouble
from wandb._http.policy import TRANSFER, Policy

__all__ = ("download", "upload")

_PIECE_BYTES = 1 << 20


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

    The size is what the file has when a try begins; what is appended meanwhile is left for a
    later upload.

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
        OSError: The file can't be read.
    """
    size = os.stat(path).st_size
    named = dict(_split(header) for header in headers)
    await client.request(
        "PUT",
        url,
        policy=policy,
        body=_pieces(path, size) if size else b"",
        headers={**named, "Content-Length": str(size)},
        trusted=False,
        watch=watch,
    )
    return size


def _split(header: str) -> tuple[str, str]:
    name, _, value = header.partition(":")
    return name.strip(), value.strip()


def _pieces(path: str, size: int) -> Body:
    async def read() -> AsyncIterator[bytes]:
        at = 0
        # Opened anew for each piece: a request that breaks off leaves no file open behind.
        while at < size and (piece := await anyio.to_thread.run_sync(_piece, path, at, size)):
            at += len(piece)
            yield piece

    return read


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
