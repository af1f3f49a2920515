"""`POST /files/{entity}/{project}/{run}/file_stream`: what a run logs.

Answered with 200 when all of it is durable. Sending the same again is harmless. No status that
the released clients give up on (400, 401, 403, 404, 409, 413) is used for a fault that passes:
those get 503 with `Retry-After`, or 500.
"""

import orjson
from aiohttp import web

from ferrule.http.bodies import read_body
from ferrule.http.services import services
from ferrule.http.times import heard_at

WRITER_HEADERS = ("X-Wandb-Async-Client-Id", "X-Wandb-Client-Id")
ANSWERS = {
    stopped: orjson.dumps({"exitcode": None, "limits": {}, "stopped": stopped})
    for stopped in (False, True)
}


async def file_stream(request: web.Request) -> web.Response:
    """Take in one post."""
    at_hand = services(request)
    caller = await at_hand.callers.of(request)
    info = request.match_info
    path = (info["entity"], info["project"], info["run"])
    # Before the body: nobody is to fill the memory who may not write.
    await at_hand.ingest.writable(caller.required(), path)
    with at_hand.budget.held() as held:
        body = await read_body(request, max_bytes=at_hand.settings.file_stream_bytes, held=held)
        accepted = await at_hand.ingest.accept(
            caller.viewer, path, body, writer_of(request), at=heard_at(request)
        )
    return web.Response(body=ANSWERS[accepted.stop_requested], content_type="application/json")


def writer_of(request: web.Request) -> str:
    """Return the writer's name of a run in shared mode, "" for a run's only writer."""
    if request.headers.get("X-Wandb-Use-Async-Filestream", "").lower() != "true":
        return ""
    return next((name for header in WRITER_HEADERS if (name := request.headers.get(header))), "")


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_post("/files/{entity}/{project}/{run}/file_stream", file_stream)
