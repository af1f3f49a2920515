"""Around every request: an id, who may send it here, what is logged, and what an error looks like.

Security headers are put on as answers start, streams included.
"""

import ipaddress
import itertools
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from ferrule.errors import Forbidden, PublicError
from ferrule.http.answers import json_answer, put_retry_after
from ferrule.http.services import services

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
BEGUN = web.RequestKey("begun", web.StreamResponse)
LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self'; frame-src 'self'; connect-src 'self' blob: data:; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Paths that are asked for all the time are logged only when something is the matter.
QUIET_ENDINGS = ("/file_stream", "/healthz")
# The newest released client reports on itself here; there is nothing at this address.
SELF_REPORTS = "/sdk/otel/"

log = logging.getLogger(__name__)


class RequestIds:
    """Names for requests: one random part for the process, and a count."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(4)
        self._count = itertools.count(1)

    def next(self) -> str:
        """Return a new name."""
        return f"{self._process}{next(self._count):08x}"


_IDS = RequestIds()


@web.middleware
async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do all of it; one coroutine, for posts are many and each layer costs them."""
    at_hand = services(request)
    request_id = request[REQUEST_ID] = _IDS.next()
    quiet = request.path.endswith(QUIET_ENDINGS)
    if not quiet or request.method == "POST":
        at_hand.activity.last_used_at = at_hand.clock()
    started = time.perf_counter()
    response = await _explained(request, handler)
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
    quiet = (quiet and response.status < 400) or request.path.startswith(SELF_REPORTS)
    level = logging.DEBUG if quiet else logging.INFO
    if log.isEnabledFor(level):
        _log(level, request, response.status, time.perf_counter() - started)
    return response


def _log(level: int, request: web.Request, status: int, secs: float) -> None:
    """Log what became of a request: never its query, headers or body."""
    log.log(
        level,
        "%s %s",
        request.method,
        status,
        extra={
            "request_id": request[REQUEST_ID],
            "millis": round(secs * 1000, 1),
            "path": request.path,
        },
    )


async def _explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into an answer that says so, in one shape."""
    try:
        refuse_foreign(request)
        return await _whole_or_cut_off(request, handler)
    except PublicError as err:
        return error_answer(request, err)
    except web.HTTPException as err:
        return _http_error(request, err)
    except ConnectionError:
        # The client is gone, and reads no answer; what came of its body was not kept.
        return _plain_error(request, 400, "The connection broke before the body was whole.")
    except Exception:
        log.exception("A request failed.", extra={"request_id": request[REQUEST_ID]})
        message = f"Internal error; the server's log tells more under {request[REQUEST_ID]}."
        return _plain_error(request, 500, message)


async def _whole_or_cut_off(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Break the connection if an answer fails that has begun: another would become its content."""
    try:
        return await handler(request)
    except Exception as err:
        begun: web.StreamResponse | None = request.get(BEGUN)
        if begun is None:
            raise
        if not isinstance(err, ConnectionError):
            log.exception("An answer was cut off.", extra={"request_id": request[REQUEST_ID]})
        if request.transport is not None:
            request.transport.close()
        return begun


_HTTP_ERRORS = {
    404: "There is nothing at this address.",
    405: "The address does not take this method.",
    413: "The body is larger than this server takes.",
}


def _http_error(request: web.Request, err: web.HTTPException) -> web.StreamResponse:
    if err.status < 400:
        raise err
    return _plain_error(request, err.status, _HTTP_ERRORS.get(err.status, err.reason))


def error_answer(request: web.Request, err: PublicError) -> web.Response:
    """Answer with a public error."""
    response = _plain_error(request, err.status, err.message)
    put_retry_after(response, err.retry_after_secs)
    if err.status == 401:
        # No `WWW-Authenticate`: a browser would ask for a password that nobody has.
        response.headers["Cache-Control"] = "no-store"
    return response


def _plain_error(request: web.Request, status: int, message: str) -> web.Response:
    content = {"error": message, "request_id": request[REQUEST_ID]}
    return json_answer(content, status=status)


def refuse_foreign(request: web.Request) -> None:
    """Refuse requests addressed to a name that is not this server's, or made by another's page.

    A page of any site can make a browser send requests to loopback, under the page's own name if
    its owner points that name there.

    Raises:
        Forbidden: It is one of them.
    """
    host = request.headers.get("Host", "")
    if not is_own(host, services(request).settings.allowed_hosts):
        raise Forbidden(
            "This server is not known by that name; "
            "start it with `--allowed-host NAME` to allow it."
        )
    origin = request.headers.get("Origin")
    if origin is None or _is_for_frames(request):
        return
    if _host_of(origin) != host:
        raise Forbidden("The request comes from another site's page, and was not carried out.")


def _is_for_frames(request: web.Request) -> bool:
    """Tell whether a request is for a script of a frame, whose origin is none by design.

    Such scripts hold nothing of anyone's, and reading one changes nothing.
    """
    return request.method in ("GET", "HEAD") and request.path.startswith("/frames/")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_own(host: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether a `Host` header names this server, by whatever port."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return name in LOOPBACK_NAMES or name in {each.lower().rstrip(".") for each in allowed}


def own_hosts(host: str) -> tuple[str, ...]:
    """Return the names that listening on an address makes this server's."""
    try:
        unspecified = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        unspecified = False
    return () if unspecified else (host,)


async def put_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on that restrict what a browser does with an answer that begins."""
    request[BEGUN] = response
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.popall("Server", None)
