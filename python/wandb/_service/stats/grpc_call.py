"""One call of a gRPC method on this machine: the few frames of HTTP/2 that it takes.

A whole gRPC library weighs more than all of this package; it would be used for three numbers.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

__all__ = ("call",)

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GO_AWAY = 0, 1, 3, 4, 6, 7
_END_STREAM = _ACK = 0x1
_END_HEADERS = 0x4
_PADDED = 0x8
_STREAM = 1
_SECS = 3.0
_MOST_BYTES = 1 << 20


def call(address: tuple[str, int], method: str, request: bytes) -> bytes:
    """Call a method and return its answer.

    Args:
        address: Host and port.
        method: `/package.Service/Method`.
        request: The encoded request.

    Raises:
        OSError: Nobody answers there.
        ValueError: The answer is none, or an error.
    """
    with socket.create_connection(address, _SECS) as connection:
        body = struct.pack(">BI", 0, len(request)) + request
        connection.sendall(
            _PREFACE
            + _frame(_SETTINGS, 0, 0, b"")
            + _frame(_HEADERS, _END_HEADERS, _STREAM, _headers(address, method))
            + _frame(_DATA, _END_STREAM, _STREAM, body)
        )
        return _message(b"".join(_answer(connection)))


def _message(body: bytes) -> bytes:
    if len(body) < 5:
        raise ValueError("the service answered with an error")
    packed, size = struct.unpack(">BI", body[:5])
    if packed or len(body) < 5 + size:
        raise ValueError("the service's answer is not whole")
    return body[5 : 5 + size]


def _answer(connection: socket.socket) -> Iterator[bytes]:
    """Yield what the service sends on the one stream there is, until it ends."""
    total = 0
    while True:
        head = _exactly(connection, 9)
        size, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        total += size
        if total > _MOST_BYTES:
            raise ValueError("the service's answer has no end")
        payload = _exactly(connection, size)
        if kind in (_RESET, _GO_AWAY):
            raise ValueError("the service refused the call")
        if kind in (_SETTINGS, _PING) and not flags & _ACK:
            connection.sendall(_frame(kind, _ACK, 0, payload if kind == _PING else b""))
        if kind == _DATA:
            yield _unpadded(payload) if flags & _PADDED else payload
        if kind in (_DATA, _HEADERS) and flags & _END_STREAM:
            return


def _unpadded(payload: bytes) -> bytes:
    return payload[1 : len(payload) - payload[0]] if payload else b""


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            raise ValueError("the service closed the connection")
        received += piece
    return bytes(received)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    size = len(payload).to_bytes(3, "big")
    return size + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _headers(address: tuple[str, int], method: str) -> bytes:
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": method,
        ":authority": f"{address[0]}:{address[1]}",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    # Literals that nobody need remember: no tables, no Huffman codes.
    return b"".join(b"\x00" + _literal(name) + _literal(text) for name, text in fields.items())


def _literal(text: str) -> bytes:
    encoded = text.encode()
    assert len(encoded) < 127
    return bytes([len(encoded)]) + encoded
