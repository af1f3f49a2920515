"""Telemetry by field numbers, as a run's config holds it.

The record on disk is numbered already: its encoding is walked, so that no list of names is kept
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wandb._native import encode_record

__all__ = ("telemetry_numbers",)

# Fields that hold flags, told as the numbers of those that are set.
_FLAGS = frozenset((1, 2, 3, 8, 10, 11))
_LABELS = 9


def telemetry_numbers(telemetry: dict[str, Any]) -> dict[str, Any]:
    """Return a telemetry record with numbers for names."""
    record = encode_record({"telemetry": telemetry})
    numbers: dict[str, Any] = {}
    for _, body in _fields(record):
        for number, value in _fields(body):
            if number in _FLAGS:
                numbers[str(number)] = [flag for flag, on in _fields(value) if on]
            elif number == _LABELS:
                numbers["9"] = {str(label): text.decode() for label, text in _fields(value)}
            else:
                numbers[str(number)] = value.decode()
    return numbers


def _fields(message: Any) -> Iterator[tuple[int, Any]]:
    """Yield the number and payload of each field: bytes, or an integer."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + value]
            at += value
        else:
            yield tag >> 3, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
