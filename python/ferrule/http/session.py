"""Logging a browser in and out.

- `POST /api/v1/links` `{"path": "/e/p/runs/id"}` → `{"url": …}`: an address that logs in once.
- `POST /api/v1/session` `{"api_key": …}` logs in; `DELETE` logs out.
- `GET /api/v1/me` tells who is logged in.
- `GET <page>?token=…` (see `ui.py`) turns a one-time token into the cookie.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from anyio.to_thread import run_sync

from ferrule.auth.keys import hashed
from ferrule.auth.permissions import Viewer
from ferrule.auth.sessions import SESSION_SECS
from ferrule.errors import BadInput, Unauthenticated
from ferrule.http.answers import json_answer
from ferrule.http.bodies import SMALL_BYTES, read_json, text_of
from ferrule.http.links import base_url
from ferrule.http.services import Services, services


async def make_link(request: web.Request) -> web.Response:
    """Mint an address that logs its first visitor in as the caller."""
    at_hand = services(request)
    caller = await at_hand.callers.of(request)
    viewer = caller.required()
    fields = await read_json(request, at_hand.budget, max_bytes=SMALL_BYTES)
    path = text_of(fields, "path", "/")
    return json_answer({"url": one_time_url(at_hand, viewer, base_url(request), path)})


def one_time_url(at_hand: Services, viewer: Viewer, base: str, path: str) -> str:
    """Return an address of a page with a token that logs in once.

    Raises:
        BadInput: The path does not stay on this server.
    """
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise BadInput("`path` must begin with a single `/`.")
    parts = urlsplit(path)
    token = at_hand.sessions.mint_link(viewer.person.id)
    query = "&".join(filter(None, (parts.query, urlencode({"token": token}))))
    return f"{base}{parts.path}?{query}"


async def log_in(request: web.Request) -> web.Response:
    """Give a browser that knows a key a session."""
    at_hand = services(request)
    fields = await read_json(request, at_hand.budget, max_bytes=SMALL_BYTES)
    person = await at_hand.stores.people.by_key_hash(hashed(text_of(fields, "api_key").strip()))
    viewer = await at_hand.callers.viewer_of(person.id) if person else None
    if viewer is None:
        raise Unauthenticated("This server does not know that API key.")
    response = json_answer(_me(at_hand, viewer))
    set_cookie(request, response, viewer.person.id)
    return response


def set_cookie(request: web.Request, response: web.Response, person_id: int) -> None:
    """Begin a session and let the browser keep it."""
    at_hand = services(request)
    response.set_cookie(
        at_hand.callers.cookie_name,
        at_hand.sessions.begin(person_id),
        max_age=SESSION_SECS,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=base_url(request).startswith("https:"),
    )


async def log_out(request: web.Request) -> web.Response:
    """End the browser's session."""
    at_hand = services(request)
    caller = await at_hand.callers.of(request)
    if caller.session is not None:
        await run_sync(at_hand.sessions.end, caller.session)
    response = web.Response(status=204)
    response.del_cookie(at_hand.callers.cookie_name, path="/", httponly=True, samesite="Strict")
    return response


async def me(request: web.Request) -> web.Response:
    """Tell who is logged in."""
    at_hand = services(request)
    caller = await at_hand.callers.of(request)
    return json_answer(_me(at_hand, caller.required()))


def _me(at_hand: Services, viewer: Viewer) -> dict[str, Any]:
    return {
        "name": viewer.person.name,
        "entity": viewer.person.name,
        "admin": viewer.person.admin,
        "entities": sorted(viewer.entities),
        "server": {
            "id": at_hand.server_id,
            "version": at_hand.version,
            "local": at_hand.settings.local,
        },
    }


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_post("/api/v1/links", make_link)
    app.router.add_post("/api/v1/session", log_in)
    app.router.add_delete("/api/v1/session", log_out)
    app.router.add_get("/api/v1/me", me)
