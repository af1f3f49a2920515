"""When runs were that somebody shows from their folders: told by headers, to a server for that.

Any other server goes by its own clock, whatever a request says.
"""

import math

from aiohttp import web

from ferrule.http.services import services
from wandb._wire.times import BEGAN_HEADER, HEARD_HEADER


def began_at(request: web.Request) -> float | None:
    """Return when the run of a request began, in seconds since 1970; None if it is not told."""
    return _told(request, BEGAN_HEADER)


def heard_at(request: web.Request) -> float | None:
    """Return when the run of a request was last heard of; None if that is now."""
    return _told(request, HEARD_HEADER)


def _told(request: web.Request, header: str) -> float | None:
    at_hand = services(request)
    if not at_hand.settings.in_place:
        return None
    try:
        secs = float(request.headers.get(header, ""))
    except ValueError:
        return None
    return secs if math.isfinite(secs) and 0 < secs <= at_hand.clock() else None
