"""Bodies of requests, read up to a limit."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from anyio.to_thread import run_sync

from ferrule.errors import BadInput, BodyError, BusyError, TooLarge
from ferrule.http.arriving import pieces_of

# What comes from someone who is not known yet.
SMALL_BYTES = 64 << 10
# Unpacking less takes less time than the way to a thread and back.
UNPACK_IN_THREAD_BYTES = 64 << 10
UNPACK_AT_ONCE_BYTES = 256 << 10
# What comes out of a thread is charged after each step.
UNPACK_STEP_BYTES = 4 << 20


class BodyBudget:
    """How many bytes of bodies are held in memory, all requests together."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes

    @contextmanager
    def held(self) -> Iterator["Held"]:
        """Hold, inside the `with`, what one request takes."""
        held = Held(self)
        try:
            yield held
        finally:
            self._left += held.bytes

    def take(self, count: int) -> None:
        """Take from what is left.

        Raises:
            BusyError: There is not as much.
        """
        if count > self._left:
            raise BusyError("The server has too much to do; send the same again in a moment.")
        self._left -= count


@dataclass(slots=True)
class Held:
    """One request's share of a budget."""

    budget: BodyBudget
    bytes: int = 0

    def add(self, count: int) -> None:
        """Take more.

        Raises:
            BusyError: There is not as much left.
        """
        self.budget.take(count)
        self.bytes += count


async def read_body(request: web.Request, *, max_bytes: int, held: Held) -> bytes:
    """Read a whole body, unpacked if it came packed.

    Raises:
        TooLarge: It has more than `max_bytes`, as it came or unpacked.
        TooSlow: It did not come in time.
        BodyError: It is packed in a way that can't be undone.
        BusyError: Other bodies fill the memory at the moment.
    """
    body = await _read_raw(request, max_bytes, held)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise BodyError(f"The body is packed as `{encoding[:40]}`, so nothing of it was kept.")
    return await unpacked(body, max_bytes=max_bytes, held=held)


async def _read_raw(request: web.Request, max_bytes: int, held: Held) -> bytes:
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    pieces: list[bytes] = []
    size = 0
    async for piece in pieces_of(request):
        size += len(piece)
        if size > max_bytes:
            raise _too_large(max_bytes)
        held.add(len(piece))
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def unpacked(body: bytes, *, max_bytes: int, held: Held) -> bytes:
    """Unpack gzip or zlib data, never more than `max_bytes` of it.

    64 KiB may hold 64 MiB: only what is small when it is out, too, is unpacked on the loop.

    Raises:
        TooLarge: There is more.
        BodyError: It is neither, or it was cut off.
        BusyError: Other bodies fill the memory at the moment.
    """
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    pieces: list[bytes] = []
    packed, size = body, 0
    while not unpacker.eof:
        left = max_bytes + 1 - size
        if not pieces and len(body) < UNPACK_IN_THREAD_BYTES:
            piece = _step(unpacker, packed, min(left, UNPACK_AT_ONCE_BYTES))
        else:
            piece = await run_sync(_step, unpacker, packed, min(left, UNPACK_STEP_BYTES))
        packed = unpacker.unconsumed_tail
        size += len(piece)
        held.add(len(piece))
        pieces.append(piece)
        if size > max_bytes:
            raise _too_large(max_bytes)
        if not piece and not unpacker.eof:
            raise BodyError("The packed body was cut off, so nothing of it was kept.")
    return pieces[0] if len(pieces) == 1 else await run_sync(b"".join, pieces)


def _step(unpacker: "zlib._Decompress", packed: bytes, most: int) -> bytes:
    try:
        return unpacker.decompress(packed, most)
    except zlib.error as err:
        raise BodyError(f"The body can't be unpacked, so nothing of it was kept: {err}.") from err


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"The body has more than {max_bytes} bytes; nothing of it was kept.")


async def read_json(request: web.Request, budget: BodyBudget, *, max_bytes: int) -> dict[str, Any]:
    """Read a body that is a JSON object.

    Raises:
        BodyError: It is none.
        TooLarge: It has more than `max_bytes`.
        TooSlow: It did not come in time.
    """
    with budget.held() as held:
        body = await read_body(request, max_bytes=max_bytes, held=held)
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise BodyError(f"The body is not JSON: {err}.") from err
    if not isinstance(fields, dict):
        raise BodyError("The body is no JSON object.")
    return fields


def text_of(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    """Return a field that is text.

    Raises:
        BadInput: It is missing without a default, or no text.
    """
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise BadInput(f"`{name}` must be given as text.")
    return value


def number_of(fields: dict[str, Any], name: str, default: int, *, lowest: int, highest: int) -> int:
    """Return a field that is a whole number within limits.

    Raises:
        BadInput: It is not.
    """
    value = fields.get(name, default)
    if type(value) is not int or not lowest <= value <= highest:
        raise BadInput(f"`{name}` must be a whole number from {lowest} to {highest}.")
    return value
