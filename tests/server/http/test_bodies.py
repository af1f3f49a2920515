"""Bodies: how much of them, and how long they may take."""

import asyncio

import pytest

from ferrule.http import arriving
from ferrule.http.links import storage_path
from server.http.conftest import KEYS, STREAM, basic

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

    assert await status_of(house, head(path), then=[b"{"]) == 408


async def test_body_that_trickles_is_given_up(house, monkeypatch):
    monkeypatch.setattr(arriving, "STALL_SECS", 0.2)
    monkeypatch.setattr(arriving, "SLOWEST_BYTES_PER_SEC", 1000)

    assert await status_of(house, head(STREAM), then=[b" "] * 50) == 408


async def test_upload_that_stops_coming_is_given_up(house, monkeypatch):
    monkeypatch.setattr(arriving, "STALL_SECS", 0.05)
    expires_at = int(house.clock()) + 60
    signer = house.services.signer
    path = signer.signed("PUT", storage_path(1, "a"), expires_at=expires_at, max_bytes=9999)

    assert await status_of(house, head(path, method="PUT"), then=[b"{"]) == 408
