"""A reverse proxy between a client and a server: it remembers what passed, and can do harm.

`Proxy` runs in a thread of its own. `fault` is asked for each request and answers with what
should happen to it; without one everything passes through.
"""

import asyncio
import gzip
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade"}
PATIENCE_SECS = 60


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that reached the server, and how it was answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes

    @property
    def posted(self) -> dict[str, Any]:
        """The JSON body."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a request in place of a plain answer.

    `status` answers so without asking the server, unless `after` is set: then the server does
    its work and only its answer is lost. A status of 0 cuts the connection.
    """

    status: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


Decide = Callable[[str, str, bytes], "Fault | None"]


class Proxy:
    """One proxy; `passed` holds what went through, in order of its answers."""

    def __init__(
        self, target: str, fault: Decide | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.target = target.rstrip("/")
        self.fault, self.tls = fault, tls
        self.passed: list[Passed] = []
        self.url = ""
        self._session: ClientSession | None = None

    async def start(self) -> web.AppRunner:
        """Listen on a free port of the loopback."""
        connector = TCPConnector(limit=0)
        timeout = ClientTimeout(total=PATIENCE_SECS)
        self._session = ClientSession(connector=connector, auto_decompress=False, timeout=timeout)
        app = web.Application(client_max_size=256 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self.tls).start()
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def stop(self, runner: web.AppRunner) -> None:
        """Let go of everything."""
        await runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        fault = self.fault(request.method, request.path, body) if self.fault else None
        if fault and not fault.after:
            return self._harm(request, fault)
        try:
            answer = await self._ask(request, body)
        except OSError:
            return self._harm(request, Fault())
        return self._harm(request, fault) if fault else answer

    async def _ask(self, request: web.Request, body: bytes) -> web.Response:
        kept = {k: v for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP}
        if self.tls:
            kept["X-Forwarded-Proto"] = "https"
        async with self._session.request(
            request.method,
            self.target + request.raw_path,
            headers=kept,
            data=body,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
            headers = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
            self.passed.append(
                Passed(
                    request.method,
                    request.path,
                    dict(request.headers),
                    body,
                    answer.status,
                    content,
                )
            )
            return web.Response(status=answer.status, headers=headers, body=content)

    @staticmethod
    def _harm(request: web.Request, fault: Fault) -> web.Response:
        if not fault.status:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers)


@contextmanager
def proxied(
    target: str, fault: Decide | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Proxy]:
    """Run a proxy before a server while the block lasts; with `tls`, what is said is secret."""
    proxy, loop = Proxy(target, fault, tls), asyncio.new_event_loop()
    runner = loop.run_until_complete(proxy.start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
