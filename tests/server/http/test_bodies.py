"""Bodies: how much of them, and how long they may take."""

import asyncio
import gzip
import os
import threading
import zlib

import pytest

from ferrule.errors import BodyError, TooLarge
from ferrule.http import arriving, bodies
from ferrule.http.links import storage_path
from server.http.conftest import KEYS, STREAM, basic, opened

pytestmark = pytest.mark.anyio


async def status_of(house, head, *, then=()):
    """Send a request by hand, and return the status of what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.client.server.port)
    try:
        writer.write(head.encode())
        for piece in then:
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(piece)
        line = await asyncio.wait_for(reader.readline(), 10)
        return int(line.split()[1])
    finally:
        writer.close()


def head(path, *, method="POST", length=1000, key=KEYS["member"]):
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
        f"Authorization: {basic(key)}\r\nContent-Type: application/json\r\n\r\n"
    )


PATHS = [STREAM, "/graphql", "/api/v1/runs/query", "/api/v1/session"]


@pytest.mark.parametrize("path", PATHS)
async def test_body_that_stops_coming_is_given_up(house, monkeypatch, path):
    monkeypatch.setattr(arriving, "STALL_SECS", 0.05)

    assert await status_of(house, head(path), then=[b"{"]) == 503


async def test_body_that_trickles_is_given_up(house, monkeypatch):
    monkeypatch.setattr(arriving, "STALL_SECS", 0.2)
    monkeypatch.setattr(arriving, "SLOWEST_BYTES_PER_SEC", 1000)

    assert await status_of(house, head(STREAM), then=[b" "] * 50) == 503


async def test_upload_may_pause_long_and_is_given_up_in_the_end(house, monkeypatch):
    monkeypatch.setattr(arriving, "STALL_SECS", 0.01)
    monkeypatch.setattr(arriving, "FILE_STALL_SECS", 0.5)
    expires_at = int(house.clock()) + 60
    signer = house.services.signer
    path = signer.signed("PUT", storage_path(1, "a"), expires_at=expires_at, max_bytes=9999)

    assert await status_of(house, head(path, method="PUT"), then=[b"{"]) == 503


@pytest.fixture
def steps(monkeypatch):
    """Tell of each step of unpacking how much came of it, and whether the loop did it."""
    seen = []

    def step(unpacker, packed, most):
        piece = unpacker.decompress(packed, most)
        seen.append((len(piece), threading.current_thread() is threading.main_thread()))
        return piece

    monkeypatch.setattr(bodies, "_step", step)
    return seen


PACKED = {"Content-Encoding": "gzip"}


async def test_much_that_comes_packed_small_is_unpacked_beside_the_loop(house, steps):
    content = b"{}" + b" " * (20 << 20)

    answer = await house.ask("POST", STREAM, data=gzip.compress(content), headers=PACKED)

    assert answer.status == 200
    assert sum(size for size, _ in steps) == len(content)
    assert max(size for size, on_loop in steps if on_loop) <= 256 << 10


async def test_memory_is_charged_while_a_body_is_unpacked(tmp_path, steps):
    async with opened(tmp_path, bodies_bytes=6 << 20) as house:
        bomb = gzip.compress(b"{}" + b" " * (60 << 20))
        answer = await house.ask("POST", STREAM, data=bomb, headers=PACKED)

        assert answer.status == 503
        assert sum(size for size, _ in steps) <= (6 + 4) << 20
        small = gzip.compress(b"{}" + b" " * (5 << 20))
        assert (await house.ask("POST", STREAM, data=small, headers=PACKED)).status == 200


@pytest.mark.parametrize("size", [0, 1, 256 << 10, (256 << 10) + 1, 5 << 20])
async def test_body_is_unpacked_whole_or_refused(size):
    content = os.urandom(1000) * (size // 1000) + b"x" * (size % 1000)
    held = bodies.Held(bodies.BodyBudget(99 << 20))

    for packed in (gzip.compress(content), zlib.compress(content)):
        assert await bodies.unpacked(packed, max_bytes=size, held=held) == content
        with pytest.raises(BodyError, match="cut off"):
            await bodies.unpacked(packed[:-1], max_bytes=size, held=held)
        if size:
            with pytest.raises(TooLarge):
                await bodies.unpacked(packed, max_bytes=size - 1, held=held)
    assert held.bytes >= 2 * size
