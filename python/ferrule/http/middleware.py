"""Around every request: an id, who may send it here, what is logged, and what an error looks like.

Outermost first: the id and the log line, then errors to answers, then `Host` and `Origin`.
Security headers are put on as answers start, streams included.
"""

import ipaddress
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from ferrule.errors import BusyError, Forbidden, NotFound, PublicError, TooLarge
from ferrule.http.answers import json_answer
from ferrule.http.services import services

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST_ID = web.RequestKey("request_id", str)
LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
BUSY_RETRY_SECS = 2
# Paths that are asked for all the time are logged only when something is the matter.
QUIET_ENDINGS = ("/file_stream", "/healthz")

log = logging.getLogger(__name__)


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, and log what became of it: never its query, headers or body."""
    request_id = request[REQUEST_ID] = secrets.token_hex(8)
    services(request).activity.last_used_at = services(request).clock()
    started = time.perf_counter()
    response = await handler(request)
    if not response.prepared:
        response.headers["X-Request-Id"] = request_id
    quiet = request.path.endswith(QUIET_ENDINGS) and response.status < 400
    log.log(
        logging.DEBUG if quiet else logging.INFO,
        "%s %s",
        request.method,
        response.status,
        extra={
            "request_id": request_id,
            "millis": round((time.perf_counter() - started) * 1000, 1),
            "path": request.path,
        },
    )
    return response


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into an answer that says so, in one shape."""
    try:
        return await handler(request)
    except PublicError as err:
        return error_answer(request, err)
    except web.HTTPRequestEntityTooLarge:
        return error_answer(request, TooLarge("The body is larger than this server takes."))
    except web.HTTPMethodNotAllowed as err:
        return _plain_error(request, err.status, "The address does not take this method.")
    except web.HTTPNotFound:
        return error_answer(request, NotFound("There is nothing at this address."))
    except web.HTTPException as err:
        if err.status < 400:
            raise
        return _plain_error(request, err.status, err.reason)
    except ConnectionError:
        # The client is gone, and reads no answer; what came of its body was not kept.
        return _plain_error(request, 400, "The connection broke before the body was whole.")
    except Exception:
        log.exception("A request failed.", extra={"request_id": request[REQUEST_ID]})
        message = f"Internal error; the server's log tells more under {request[REQUEST_ID]}."
        return _plain_error(request, 500, message)


def error_answer(request: web.Request, err: PublicError) -> web.Response:
    """Answer with a public error."""
    response = _plain_error(request, err.status, err.message)
    wait = err.retry_after_secs
    if wait is None and isinstance(err, BusyError):
        wait = BUSY_RETRY_SECS
    if wait is not None:
        response.headers["Retry-After"] = str(max(1, round(wait)))
    if err.status == 401:
        # No `WWW-Authenticate`: a browser would ask for a password that nobody has.
        response.headers["Cache-Control"] = "no-store"
    return response


def _plain_error(request: web.Request, status: int, message: str) -> web.Response:
    content = {"error": message, "request_id": request[REQUEST_ID]}
    return json_answer(content, status=status)


@web.middleware
async def addressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests addressed to a name that is not this server's, or made by another's page.

    A page of any site can make a browser send requests to loopback, under the page's own name if
    its owner points that name there.
    """
    allowed = LOOPBACK_NAMES | set(services(request).settings.allowed_hosts)
    host = request.headers.get("Host", "")
    if host_name(host) not in allowed:
        raise Forbidden(
            "This server is not known by that name; "
            "start it with `--allowed-host NAME` to allow it."
        )
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise Forbidden("The request comes from another site's page, and was not carried out.")
    return await handler(request)


def host_name(host: str) -> str:
    """Return the name in a `Host` header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def own_hosts(host: str) -> tuple[str, ...]:
    """Return the names that listening on an address makes this server's."""
    try:
        unspecified = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        unspecified = False
    return () if unspecified else (host,)


async def put_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on that restrict what a browser does with an answer."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.popall("Server", None)
