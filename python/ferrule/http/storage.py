"""`/storage/runs/{run number}/{name}`: bytes of run files, in by PUT and out by GET.

A PUT needs a signed address and brings the whole file; again is fine, and so is an empty file.
A GET takes a signed address or a login, answers ranges, and never lets a browser run what
somebody uploaded.
"""

import mimetypes
from collections.abc import Callable
from urllib.parse import quote

from aiohttp import web

from ferrule.auth.permissions import Action, require
from ferrule.errors import BadInput, NotFound
from ferrule.http.arriving import pieces_of_file
from ferrule.http.links import storage_path
from ferrule.http.services import Services, services
from ferrule.ports.feed import RunAdvanced
from ferrule.ports.files import RunFile
from ferrule.ports.runs import Run

UPLOADED_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"
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
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        updated_at=int(at_hand.clock() * MICROS),
        blob=blob.sha256,
    )
    await at_hand.stores.files.put(run_id, file)
    at_hand.feed.publish(RunAdvanced.of(run))
    return web.Response(status=200)


async def get_file(request: web.Request) -> web.StreamResponse:
    """Hand out a run's file, or a range of it."""
    file = await readable_file(request)
    return await sent(request, file, _headers(file))


async def readable_file(
    request: web.Request, path_of: Callable[[int, str], str] = storage_path
) -> RunFile:
    """Return the run's file that the address names, to who may read it.

    Args:
        request: The request; its address has `run` and `name`.
        path_of: Makes the path that is signed. One that is signed for saving a file is not good
            for showing it.

    Raises:
        Forbidden: The address is signed, and its signature is not good for it.
        Unauthenticated: It is not signed, and nobody is logged in.
        NotFound: There is no such file, or none that the caller may see.
    """
    at_hand = services(request)
    run_id, name = _address(request)
    run = await _readable_run(request, path_of, run_id, name)
    file = await at_hand.stores.files.get(run.id, name)
    if file is None:
        raise NotFound(f"The run has no file `{name}`.")
    return file


async def _readable_run(
    request: web.Request, path_of: Callable[[int, str], str], run_id: int, name: str
) -> Run:
    at_hand = services(request)
    if "signature" in request.query:
        path = path_of(run_id, name)
        at_hand.signer.check("GET", path, request.query, now=at_hand.clock())
        return await _run(at_hand, run_id)
    caller = await at_hand.callers.of(request)
    viewer = caller.required()
    run = await _run(at_hand, run_id)
    require(viewer, Action.READ, run)
    return run


async def sent(request: web.Request, file: RunFile, headers: dict[str, str]) -> web.StreamResponse:
    """Hand out a file, or the range of it that is asked for, under the headers given.

    Raises:
        BadInput: The range can't be understood.
    """
    if request.headers.get("If-None-Match") == etag_of(file):
        return web.Response(status=304, headers={"ETag": etag_of(file)})
    at_hand = services(request)
    try:
        first, stop, _ = request.http_range.indices(file.size)
    except ValueError as err:
        raise BadInput("The `Range` header can't be understood.") from err
    part = "Range" in request.headers
    if part and first >= stop:
        outside = {"Content-Range": f"bytes */{file.size}"}
        return web.Response(status=416, headers=outside)
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{stop - 1}/{file.size}"
    response.content_length = stop - first
    await response.prepare(request)
    if request.method != "HEAD":
        async for piece in at_hand.blobs.read(file.blob, first, stop - first):
            await response.write(piece)
    await response.write_eof()
    return response


def _headers(file: RunFile) -> dict[str, str]:
    base_name = file.name.rpartition("/")[2]
    return {
        "Content-Type": file.mimetype,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(base_name, safe='')}",
        "Content-Security-Policy": UPLOADED_POLICY,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "ETag": etag_of(file),
    }


def etag_of(file: RunFile) -> str:
    """Return the tag of a file's content."""
    return f'"{file.sha256}"'


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
