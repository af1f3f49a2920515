"""`/storage/runs/{run number}/{name}`: bytes of run files, in by PUT and out by GET.

A PUT needs a signed address and brings the whole file; again is fine, and so is an empty file.
A GET takes a signed address or a login, answers ranges, and never lets a browser run what
somebody uploaded.
"""

from aiohttp import web

from ferrule.auth.permissions import Action, require
from ferrule.domain import names
from ferrule.errors import NotFound
from ferrule.http.arriving import pieces_of_file
from ferrule.http.links import storage_path
from ferrule.http.sending import Sent, send
from ferrule.http.services import Services, services
from ferrule.ports.feed import RunAdvanced
from ferrule.ports.files import RunFile
from ferrule.ports.runs import Run

MICROS = 1_000_000


async def put_file(request: web.Request) -> web.Response:
    """Take in a run's file."""
    at_hand = services(request)
    run_id, name = _address(request)
    max_bytes = at_hand.signer.check(
        "PUT", storage_path(run_id, name), request.query, now=at_hand.clock()
    )
    run = await _run(at_hand, run_id)
    blob = await at_hand.blobs.put(pieces_of_file(request), max_bytes=max_bytes)
    file = RunFile(
        name=name,
        size=blob.size,
        md5=blob.md5,
        sha256=blob.sha256,
        mimetype=names.mimetype(name),
        updated_at=int(at_hand.clock() * MICROS),
        blob=blob.sha256,
    )
    await at_hand.stores.files.put(run_id, file)
    at_hand.feed.publish(RunAdvanced.of(run))
    return web.Response(status=200)


async def get_file(request: web.Request) -> web.StreamResponse:
    """Hand out a run's file, or a range of it."""
    at_hand = services(request)
    run_id, name = _address(request)
    run = await _readable_run(request, at_hand, run_id, name)
    file = await at_hand.stores.files.get(run.id, name)
    if file is None:
        raise NotFound(f"The run has no file `{name}`.")
    return await send(request, Sent(file.name, file.blob, file.size, file.mimetype))


async def _readable_run(request: web.Request, at_hand: Services, run_id: int, name: str) -> Run:
    if "signature" in request.query:
        path = storage_path(run_id, name)
        at_hand.signer.check("GET", path, request.query, now=at_hand.clock())
        return await _run(at_hand, run_id)
    caller = await at_hand.callers.of(request)
    viewer = caller.required()
    run = await _run(at_hand, run_id)
    require(viewer, Action.READ, run)
    return run


def _address(request: web.Request) -> tuple[int, str]:
    return int(request.match_info["run"]), request.match_info["name"]


async def _run(at_hand: Services, run_id: int) -> Run:
    run = await at_hand.stores.runs.by_id(run_id)
    if run is None:
        raise NotFound("The run was not found.")
    return run


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    path = r"/storage/runs/{run:\d{1,18}}/{name:.+}"
    app.router.add_put(path, put_file)
    app.router.add_get(path, get_file)
