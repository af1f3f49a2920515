"""Files up and down, in pieces, with bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from wandb._http.client import Client

_PIECE_BYTES = 1 << 20


async def download(client: Client, address: str, target: Path) -> None:
    """Write what is at an address to a file.

    Raises:
        CommError: The server refused or could not be reached; the file may be there in part.
        OSError: The file can't be written.
    """
    async with client.stream(address) as response:
        with target.open("wb") as file:
            async for piece in response.content.iter_chunked(_PIECE_BYTES):
                await asyncio.to_thread(file.write, piece)


async def upload(client: Client, address: str, path: Path, *, headers: Iterable[str] = ()) -> None:
    """Put a file to an address that a server gave for it.

    Args:
        client: The server, or its client at least: the key is not sent.
        address: Where to.
        path: The file.
        headers: `Name:value` each, as the server asks for.

    Raises:
        CommError: The address was refused or could not be reached.
        OSError: The file can't be read.
    """
    asked = dict(header.split(":", 1) for header in headers)
    await client.request("PUT", address, body=lambda: path.open("rb"), headers=asked, limited=False)
