"""Stored bytes as answers: ranges, and nothing that a browser would run."""

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from ferrule.domain import names
from ferrule.errors import BadInput
from ferrule.http.services import services

UPLOADED_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent: a name for it, the blob, and of what type it is; "" to tell by the name."""

    name: str
    blob: str
    size: int
    mimetype: str = ""

    @property
    def etag(self) -> str:
        """Return what changes with the bytes."""
        return f'"{self.blob}"'

    def headers(self) -> dict[str, str]:
        """Return the headers of an answer with these bytes."""
        base_name = self.name.rpartition("/")[2]
        return {
            "Content-Type": self.mimetype or names.mimetype(self.name),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(base_name, safe='')}",
            "Content-Security-Policy": UPLOADED_POLICY,
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "ETag": self.etag,
        }


async def send(request: web.Request, sent: Sent) -> web.StreamResponse:
    """Answer with stored bytes, or the range of them that is asked for."""
    if request.headers.get("If-None-Match") == sent.etag:
        return web.Response(status=304, headers={"ETag": sent.etag})
    try:
        first, stop, _ = request.http_range.indices(sent.size)
    except ValueError as err:
        raise BadInput("The `Range` header can't be understood.") from err
    part = "Range" in request.headers
    if part and first >= stop:
        headers = {"Content-Range": f"bytes */{sent.size}"}
        return web.Response(status=416, headers=headers)
    response = web.StreamResponse(status=206 if part else 200, headers=sent.headers())
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{stop - 1}/{sent.size}"
    response.content_length = stop - first
    await response.prepare(request)
    if request.method != "HEAD":
        async for piece in services(request).blobs.read(sent.blob, first, stop - first):
            await response.write(piece)
    await response.write_eof()
    return response
