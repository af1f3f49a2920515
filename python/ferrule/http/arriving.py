"""Bodies as they arrive, from senders that keep a pace.

Who stops in the middle of a body, or lets it trickle, would hold what it is held in for ever.
"""

from collections.abc import AsyncIterator

import anyio
from aiohttp import web

from ferrule.errors import TooSlow

STALL_SECS = 60.0
SLOWEST_BYTES_PER_SEC = 1024
# A file's body is held on disk, and clients send it once: a laptop may sleep meanwhile.
FILE_STALL_SECS = 3600.0


async def pieces_of(request: web.Request) -> AsyncIterator[bytes]:
    """Hand out the pieces of a body that is held in memory, as they come.

    Raises:
        TooSlow: Nothing came for a minute, or less in all than a slow modem brings.
    """
    waited, size = 0.0, 0
    while True:
        lag = max(0.0, waited - size / SLOWEST_BYTES_PER_SEC)
        piece, secs = await _piece(request, STALL_SECS - lag)
        if not piece:
            return
        # What is done with a piece is not the sender's time.
        waited, size = waited + secs, size + len(piece)
        yield piece


async def pieces_of_file(request: web.Request) -> AsyncIterator[bytes]:
    """Hand out a file's pieces as they come.

    Raises:
        TooSlow: Nothing came for an hour.
    """
    while piece := (await _piece(request, FILE_STALL_SECS))[0]:
        yield piece


async def _piece(request: web.Request, secs: float) -> tuple[bytes, float]:
    """Return the next piece, empty at the end, and how long it took to come."""
    started = anyio.current_time()
    with anyio.move_on_after(secs) as waiting:
        piece = await request.content.readany()
    if waiting.cancelled_caught:
        raise TooSlow("The body took too long to come, and nothing of it was kept.")
    return piece, anyio.current_time() - started
