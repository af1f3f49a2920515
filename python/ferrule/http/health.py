"""`GET /healthz`: 200 when the server can take work. `POST /api/v1/drain`: asks it to stop.

A newer client's server asks a local one to hand over in this way. Requests in progress are
answered; what clients send after finds the new server at the same port.
"""

from aiohttp import web

from ferrule.errors import BusyError, Forbidden
from ferrule.http.answers import json_answer
from ferrule.http.services import services


async def healthz(request: web.Request) -> web.Response:
    """Answer with the server's name and version; 503 once it has begun to stop."""
    at_hand = services(request)
    if at_hand.stopping.is_set():
        raise BusyError("The server is stopping.")
    return json_answer({"status": "ok", "version": at_hand.version, "server": at_hand.server_id})


async def drain(request: web.Request) -> web.Response:
    """Let a local server stop, for its owner."""
    at_hand = services(request)
    viewer = (await at_hand.callers.of(request)).required()
    if not at_hand.settings.local or not viewer.person.admin:
        raise Forbidden("Only the owner of a local server may stop it in this way.")
    at_hand.stopping.set()
    return json_answer({"stopping": True})


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get("/healthz", healthz)
    app.router.add_post("/api/v1/drain", drain)
