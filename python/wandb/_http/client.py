"""One server, one key: requests that are tried again until the policy says that it is enough."""

from __future__ import annotations

import asyncio
import base64
import logging
import math
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace, TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import anyio
import orjson

from wandb._base.credentials import LOCAL_PREFIX
from wandb._base.loopback import is_loopback, is_of_a_stranger
from wandb._http.options import HttpOptions
from wandb._http.policy import Policy, RequestFailure, message_of, retry_after_secs
from wandb._wire.journal import PRODUCER

__all__ = ("Answer", "Body", "Client", "Trouble")

_LOGGER = logging.getLogger(__name__)
_CONNECT_SECS = 20.0
_PIECE_BYTES = 1 << 20
# Temporary redirects.
_DETOURS = frozenset((302, 303, 307))
_REDIRECTS = _DETOURS | {301, 308}
_MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}

Body = bytes | Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether this is a web page: no server of ours, but something before it, answered."""
        # Google's storage takes a file with an empty body of that type.
        empty = self.status < 300 and not self.body
        return not empty and self.headers.get("Content-Type", "").startswith("text/html")

    @property
    def is_detour(self) -> bool:
        """Whether a network wants a person to log in first: it passes, whatever the status."""
        return self.is_page and self.status in _DETOURS

    @property
    def leads_to(self) -> str | None:
        """Where the content is, if it is not here."""
        return self.headers.get("Location") if self.status in _REDIRECTS else None

    def json(self) -> Any:
        """Return the decoded body; None where it is no JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A try that failed and is followed by another."""

    message: str
    status: int | None
    failures: int
    wait_secs: float


class _Again(Exception):
    """This try failed; another may not."""

    def __init__(self, message: str, status: int | None = None, least_secs: float = 0.0) -> None:
        super().__init__(message)
        self.message, self.status, self.least_secs = message, status, least_secs


@dataclass(frozen=True, slots=True)
class _Request:
    """One request; see `Client.request`."""

    method: str
    url: str
    policy: Policy
    body: Body
    headers: Mapping[str, str]
    trusted: bool
    into: str | None

    def content(self, patience: anyio.CancelScope) -> Any:
        """Return the body, anew; where it comes in pieces, each must be taken in time."""
        if not callable(self.body):
            return self.body
        return _watched(self.body(), patience, self.policy.stall_secs)


async def _watched(
    pieces: AsyncIterator[bytes], patience: anyio.CancelScope, secs: float | None
) -> AsyncIterator[bytes]:
    async for piece in pieces:
        # The next one is asked for when the network has taken this one.
        patience.deadline = anyio.current_time() + secs if secs else math.inf
        yield piece
    patience.deadline = math.inf


class Client:
    """Requests to one server with one key. Use it as an async context manager."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        options: HttpOptions | None = None,
        *,
        sleep: Callable[[float], Any] = anyio.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._options = options or HttpOptions()
        self._authorization = _basic(api_key) if api_key else None
        self._is_own = bool(api_key) and str(api_key).startswith(LOCAL_PREFIX)
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Client:
        # Not `trust_env`: it would read a netrc entry of the host beside our Authorization, and
        # send it to signed addresses.
        tracing = aiohttp.TraceConfig()
        tracing.on_connection_create_start.append(_refuse_strangers)
        self._session = aiohttp.ClientSession(
            trace_configs=[tracing],
            connector=aiohttp.TCPConnector(ssl=_certificates(self._options), limit=16),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"Ferrule {PRODUCER}"},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        policy: Policy,
        body: Body = b"",
        headers: Mapping[str, str] | None = None,
        trusted: bool = True,
        page_is_answer: bool = False,
        into: str | None = None,
        watch: Callable[[Trouble | None], None] | None = None,
    ) -> Answer:
        """Send a request until it is answered with success.

        Args:
            method: `GET`, `POST` or `PUT`.
            url: The whole address, or a path below the server's.
            policy: Which failures are final, and the waits between tries.
            body: The bytes, or a function that yields them anew for each try.
            headers: Added to those of the client.
            trusted: Send the key along, to the server itself. Signed addresses don't get it.
            page_is_answer: A web page is what was asked for.
            into: A file that gets the body instead of the answer, piece by piece, anew at each
                try. Redirects are followed then, without key and headers where they lead elsewhere.
            watch: Called with each failure that is followed by another try, and with None once
                the server has answered after failures.

        Raises:
            RequestFailure: The server refused, or could not be reached as often as the policy
                tries.
        """
        whole = url if "://" in url else self.base_url + url
        asked = _Request(method, whole, policy, body, headers or {}, trusted, into)
        failures = 0
        while True:
            try:
                answer = await self._try(asked)
                if answer.is_page and not page_is_answer:
                    raise _Again(message_of(answer.body), answer.status)
            except _Again as again:
                failures += 1
                await self._wait(again, policy, failures, watch)
                continue
            if failures and watch is not None:
                watch(None)
            return answer

    async def _wait(
        self,
        again: _Again,
        policy: Policy,
        failures: int,
        watch: Callable[[Trouble | None], None] | None,
    ) -> None:
        if failures > policy.backoff.tries:
            raise RequestFailure(again.message, status=again.status, final=False) from again
        wait = max(policy.backoff.wait_secs(failures), again.least_secs)
        _LOGGER.info("try %d failed (%s), the next follows in %.1f s", failures, again, wait)
        if watch is not None:
            watch(Trouble(again.message, again.status, failures, wait))
        await self._sleep(wait)

    async def _try(self, asked: _Request) -> Answer:
        answer = await self._send(asked)
        for _ in range(_MOST_REDIRECTS):
            if asked.into is None or not answer.leads_to:
                break
            asked = replace(asked, url=urljoin(asked.url, answer.leads_to))
            answer = await self._send(asked)
        if answer.status < 300:
            return answer
        message = message_of(answer.body)
        if asked.policy.is_final(answer.status) and not answer.is_detour:
            raise RequestFailure(message, status=answer.status)
        raise _Again(message, answer.status, retry_after_secs(answer.headers.get("Retry-After")))

    async def _send(self, asked: _Request) -> Answer:
        assert self._session is not None, "use the client as a context manager"
        policy, into = asked.policy, asked.into
        try:
            with anyio.fail_after(None) as patience:
                async with self._session.request(
                    asked.method,
                    asked.url,
                    data=asked.content(patience),
                    headers=self._headers(asked),
                    # Nothing is said of the content that the server did not ask for: some
                    # signatures cover the type.
                    skip_auto_headers=("Content-Type",),
                    allow_redirects=False,
                    proxy=self._proxy(asked.url),
                    trace_request_ctx=self._own_port(asked.url),
                    timeout=aiohttp.ClientTimeout(
                        total=policy.attempt_secs,
                        sock_connect=_CONNECT_SECS,
                        sock_read=policy.stall_secs,
                    ),
                ) as response:
                    if into is not None and response.status < 300:
                        await _save(response.content, into)
                        return Answer(response.status, response.headers, b"")
                    return Answer(response.status, response.headers, await response.read())
        except aiohttp.InvalidURL as err:
            raise RequestFailure(f"the server's address can't be right: {asked.url}") from err
        except aiohttp.ClientConnectorCertificateError as err:
            # It may be renewed, or the clock set, within the hour: no reason to give a run up.
            raise _Again(
                f"the server's certificate is not trusted ({err.certificate_error}); name its "
                f"authority in SSL_CERT_FILE: {self.base_url}"
            ) from err
        except (TimeoutError, asyncio.TimeoutError) as err:  # two classes before Python 3.11
            raise _Again("the server did not answer in time") from err
        except (aiohttp.ClientError, ConnectionError) as err:
            raise _Again(_reason(err)) from err

    def _headers(self, asked: _Request) -> Mapping[str, str]:
        """Return what goes along; secrets, of the key or a gate, go to the server alone."""
        if not _same_server(asked.url, self.base_url):
            return asked.headers
        known = {"Authorization": self._authorization} if self._authorization else {}
        return {**self._options.headers, **(known if asked.trusted else {}), **asked.headers}

    def _own_port(self, url: str) -> int | None:
        """Return the port on which nobody but the user's own server may get the key."""
        parts = urlsplit(url)
        return parts.port if self._is_own and is_loopback(parts.hostname) else None

    def _proxy(self, url: str) -> str | None:
        parts = urlsplit(url)
        if is_loopback(parts.hostname):
            # A proxy elsewhere would get the key, and look for the server on its own machine.
            return None
        secure = parts.scheme == "https"
        chosen = self._options.https_proxy if secure else self._options.http_proxy
        return chosen or _proxy_of_environment(parts.scheme, parts.hostname or "")


async def _refuse_strangers(_: object, context: SimpleNamespace, __: object) -> None:
    """Look who listens before each connection: the server may die, and its port be taken."""
    port = context.trace_request_ctx
    if port is not None and await anyio.to_thread.run_sync(is_of_a_stranger, port):
        raise _Again(f"another user of this machine has the port of your own server, {port}")


async def _save(content: aiohttp.StreamReader, path: str) -> None:
    with await anyio.to_thread.run_sync(lambda: open(path, "wb")) as file:
        async for piece in content.iter_chunked(_PIECE_BYTES):
            await anyio.to_thread.run_sync(file.write, piece)


def _same_server(url: str, base_url: str) -> bool:
    """Whether an address leads to a server itself."""
    return _origin(url) == _origin(base_url)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError as err:  # a port out of range, a bracket without its other
        raise RequestFailure(f"the address can't be right: {url}") from err
    return parts.scheme, parts.hostname, port


def _proxy_of_environment(scheme: str, host: str) -> str | None:
    proxy = getproxies().get(scheme)
    return None if proxy is None or proxy_bypass(host) else proxy


def _basic(api_key: str) -> str:
    return "Basic " + base64.b64encode(f"api:{api_key}".encode()).decode()


def _certificates(options: HttpOptions) -> ssl.SSLContext | bool:
    if not options.check_certificates:
        return False
    # Programs around us know the first of these names, OpenSSL itself the second.
    authorities = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    if authorities and os.path.isfile(authorities):
        return ssl.create_default_context(cafile=authorities)
    return True


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"the server can't be reached ({error.os_error.strerror or error.os_error})"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    return f"the connection broke ({str(error) or type(error).__name__})"
