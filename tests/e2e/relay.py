"""A TCP relay between a client and a server: it can fall silent, or be an HTTP proxy."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PIECE_BYTES = 64 << 10
PATIENCE_SECS = 20


@dataclass
class Relay:
    """Passes bytes between whoever connects and a server.

    Args:
        target: Host and port of the server.
        host: The address to listen at.
        as_proxy: Be an HTTP proxy, by which everything goes to `target`.
        asked: The first lines of the requests to the proxy.
    """

    target: tuple[str, int]
    host: str = "127.0.0.1"
    as_proxy: bool = False
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    port: int = 0

    def fall_silent(self) -> None:
        """Take what comes and pass on nothing more, as a network that drops all packets."""
        self.silent = True

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._meet, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far = None
        try:
            first = await self._opening(reader, writer)
            far_reader, far = await asyncio.open_connection(*self.target)
            far.write(first)
            await asyncio.gather(self._pump(reader, far), self._pump(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            for one in (writer, far):
                if one is not None:
                    one.transport.abort()

    async def _opening(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Return what was read of the beginning and is to be passed on."""
        if not self.as_proxy:
            return b""
        head = await reader.readuntil(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0].decode()
        self.asked.append(first)
        if first.startswith("CONNECT "):
            writer.write(b"HTTP/1.1 200 go on\r\n\r\n")
            return b""
        return head

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE_BYTES):
            if not self.silent:
                writer.write(piece)
                await writer.drain()
        if not self.silent and writer.can_write_eof():
            writer.write_eof()


@contextmanager
def relayed(target: tuple[str, int], **options: object) -> Iterator[Relay]:
    """Relay in a thread while the block lasts."""
    relay, ready, end = Relay(target, **options), threading.Event(), []

    async def serve() -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        end.append(lambda: loop.call_soon_threadsafe(over.set))
        async with await relay.listen():
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECS)
        yield relay
    finally:
        end[0]()
        thread.join(PATIENCE_SECS)


@contextmanager
def unreachable() -> Iterator[str]:
    """Give the address of a server to which no connection comes about: its packets are dropped."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(full.getsockname())
        try:
            yield f"http://127.0.0.1:{full.getsockname()[1]}"
        finally:
            for one in waiting:
                one.close()
