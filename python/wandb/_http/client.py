"""One server: its address and key, connections that are kept, and requests tried again."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from wandb._base.retry import Backoff
from wandb._http.policy import refusal, worth_retrying
from wandb.errors import CommError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer pauses than this are not worth a waiting caller's time, whatever a server asks for.
_LONGEST_WAIT_SECS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status below 300 and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Requests to one server, over connections that are kept.

    It belongs to the event loop on which it is first used, and is closed there by `aclose`.
    The key goes to the server's own host only, never to another that an address leads to.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        user_agent: str,
        timeout_secs: float = 30.0,
        backoff: Backoff | None = None,
        verify_ssl: bool = True,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._authorization = _basic(api_key) if api_key else None
        self._user_agent = user_agent
        self._timeout = aiohttp.ClientTimeout(total=timeout_secs)
        self._silence = aiohttp.ClientTimeout(total=None, sock_read=timeout_secs)
        self._backoff = backoff or Backoff()
        self._ssl: ssl.SSLContext | bool = verify_ssl
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        address: str,
        *,
        body: bytes | Callable[[], BinaryIO] | None = None,
        headers: Mapping[str, str] | None = None,
        limited: bool = True,
    ) -> Answer:
        """Send a request that may be sent twice, and read the whole answer.

        Args:
            method: The HTTP method.
            address: Absolute, or relative to the server's.
            body: What to send, or a function that opens it, once for each attempt.
            headers: Beside those that every request has.
            limited: Whether the time limit is for the whole exchange; else for silence alone,
                as a large body takes its time.

        Raises:
            AuthenticationError: The server does not accept the key.
            CommError: The server refused, or could not be reached for as long as it was tried.
        """
        pauses = self._backoff.pauses()
        timeout = self._timeout if limited else self._silence
        while True:
            content = body() if callable(body) else body
            sent = self._sent(method, address, body=content, headers=headers, timeout=timeout)
            try:
                async with sent as response:
                    answer = Answer(response.status, response.headers, await response.read())
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as err:
                await self._pause(pauses, err)
                continue
            if answer.status < 300:
                return answer
            error = refusal(answer.status, answer.body, self.base_url)
            if not worth_retrying(answer.status):
                raise error
            await self._pause(pauses, error, answer.headers.get("Retry-After"))

    @asynccontextmanager
    async def stream(self, address: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open a download; the caller reads it in pieces.

        Raises:
            CommError: The server refused or could not be reached.
        """
        try:
            async with self._sent("GET", address, timeout=self._silence) as response:
                if response.status >= 300:
                    raise refusal(response.status, await response.read(), self.base_url)
                yield response
        except (aiohttp.ClientError, asyncio.TimeoutError) as err:
            raise self._unreachable(err) from err

    def _sent(
        self,
        method: str,
        address: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: aiohttp.ClientTimeout,
    ) -> Any:
        url = urljoin(f"{self.base_url}/", address)
        own = self._authorization is not None and _same_host(url, self.base_url)
        key = {"Authorization": self._authorization} if own and method != "PUT" else {}
        return self._open_session().request(
            method,
            url,
            data=body,
            headers={**key, **(headers or {})},
            timeout=timeout,
            proxy=_proxy_for(url),
            ssl=self._ssl,
        )

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Not `trust_env`: it puts a netrc entry in the place of our own Authorization.
            self._session = aiohttp.ClientSession(headers={"User-Agent": self._user_agent})
        return self._session

    async def _pause(
        self, pauses: Iterator[float], cause: Exception, wished: str | None = None
    ) -> None:
        pause = next(pauses, None)
        if pause is None:
            raise cause if isinstance(cause, CommError) else self._unreachable(cause) from cause
        if wished is not None and wished.isdecimal():
            pause = min(float(wished), _LONGEST_WAIT_SECS)
        await asyncio.sleep(pause)

    def _unreachable(self, cause: Exception) -> CommError:
        slow = isinstance(cause, asyncio.TimeoutError)
        what = "did not answer in time" if slow else f"can't be reached ({cause})"
        return CommError(f"The server {what}: {self.base_url}", cause)

    async def aclose(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _basic(api_key: str) -> str:
    return "Basic " + b64encode(f"api:{api_key}".encode()).decode()


def _same_host(url: str, base_url: str) -> bool:
    one, other = urlsplit(url), urlsplit(base_url)
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def _proxy_for(url: str) -> str | None:
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    return None if proxy is None or proxy_bypass(parts.hostname or "") else proxy
