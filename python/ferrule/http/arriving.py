"""Bodies as they arrive, from senders that keep a pace.

Who stops in the middle of a body, or lets it trickle, would hold what it is held in for ever.
"""

from collections.abc import AsyncIterator

import anyio
from aiohttp import web

from ferrule.errors import TooSlow

STALL_SECS = 60.0
SLOWEST_BYTES_PER_SEC = 1024


async def pieces_of(request: web.Request) -> AsyncIterator[bytes]:
    """Hand out a body's pieces as they come.

    Raises:
        TooSlow: Nothing came for a minute, or less in all than a slow modem brings.
    """
    started, size = anyio.current_time(), 0
    while True:
        lag = anyio.current_time() - started - size / SLOWEST_BYTES_PER_SEC
        with anyio.move_on_after(STALL_SECS - max(0.0, lag)) as waiting:
            piece = await request.content.readany()
        if waiting.cancelled_caught:
            raise TooSlow("The body took too long to come, and nothing of it was kept.")
        if not piece:
            return
        size += len(piece)
        yield piece
