"""Frames on the socket between a process and the service: a length, then JSON.

A request is an object with `id`, `do` and whatever that needs; its reply carries the same `id`.
An object without `id` is a notice.
"""

from __future__ import annotations

import json
import struct
from typing import Any

__all__ = ("Message", "Unframer", "framed")

Message = dict[str, Any]

_LENGTH = struct.Struct("<I")
_MOST_BYTES = 16 << 20


def framed(message: Message) -> bytes:
    """Return a message as bytes for the socket."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


class Unframer:
    """Finds the messages in bytes that come in any pieces."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> list[Message]:
        """Take in a piece; return the messages that are whole now.

        Raises:
            ValueError: This is not our protocol; the connection is of no further use.
        """
        self._bytes += piece
        messages: list[Message] = []
        while (body := self._next_body()) is not None:
            message = json.loads(body)
            if not isinstance(message, dict):
                raise ValueError("a message on the service's socket is no object")
            messages.append(message)
        return messages

    def _next_body(self) -> bytes | None:
        if len(self._bytes) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._bytes)
        if length > _MOST_BYTES:
            raise ValueError("a message on the service's socket is too long to be one")
        end = _LENGTH.size + length
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[_LENGTH.size : end])
        del self._bytes[:end]
        return body
