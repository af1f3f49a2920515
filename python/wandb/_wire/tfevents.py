"""TensorBoard's event files: framed records, and the little of their protobuf that says values.

A file is a row of records: length, a checksum of it, payload, a checksum of that. Whatever the
bytes say, no more is taken into memory than a record may have, and nothing is believed that the
checksums or the message's own bounds contradict.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from wandb._native import crc32c

__all__ = (
    "HEAD_BYTES",
    "MOST_BYTES",
    "TAIL_BYTES",
    "Damaged",
    "Event",
    "checked_length",
    "checked_payload",
)

HEAD_BYTES = 12
TAIL_BYTES = 4
# Larger records are no events: the largest hold checkpoints' graphs and rows of images.
MOST_BYTES = 256 << 20
_MASK_DELTA = 0xA282EAD8
# Charts draw no more of these; the original leaves out histograms of 512 bins and more.
_MOST_BINS = 511
_MOST_ELEMENTS = 4096
# A tensor of so many numbers takes no more, whichever way it is written.
_MOST_TENSOR_BYTES = 16 * _MOST_ELEMENTS
# Most bins of a large one are empty.
_MOST_HISTOGRAM_BYTES = 1 << 20
# What one record may hold in all: each number, each element of a list, each value left out.
_MOST_IN_RECORD = 1 << 18
# Of a value, and of what says for which dashboard it is; they have ten at most.
_MOST_FIELDS = 1024

Fields = Iterator[tuple[int, Any]]


class Damaged(ValueError):
    """The bytes are no event file from here on."""


@dataclass(frozen=True, slots=True)
class Event:
    """What one record says.

    Attributes:
        wall_time: When it was written, seconds since the epoch.
        step: The step that the script gave.
        values: Numbers, lists of numbers and histograms by tag.
        left_out: Kinds of values that are not taken over, such as `images`; one per value.
        says_values: It is a record of values, though maybe of none that is known.
    """

    wall_time: float = 0.0
    step: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    says_values: bool = False

    @classmethod
    def decode(cls, payload: bytes) -> Event:
        """Read a record's payload.

        Raises:
            Damaged: It is no event.
        """
        try:
            return _decoded(payload)
        except (TypeError, ValueError, IndexError, struct.error) as err:
            # Also a field of another form than it has: numbers for text, and the like.
            raise Damaged(f"a record holds no event: {err}") from err

    @classmethod
    def of_summary(cls, summary: bytes, step: int) -> Event:
        """Read a summary that is in no event.

        Raises:
            Damaged: It is none.
        """
        event = cls.decode(_as_event(summary))
        return replace(event, step=step)


def _decoded(payload: bytes) -> Event:
    wall_time, step, says_values = 0.0, 0, False
    values: dict[str, Any] = {}
    left_out: list[str] = []
    for number, content in _fields(payload):
        if number == 1 and isinstance(content, float):
            wall_time = content
        elif number == 2 and isinstance(content, int):
            step = _signed(content)
        elif number in _SPEAKING and isinstance(content, bytes):
            says_values = True
            if number == _SUMMARY:
                _take_summary(content, values, left_out)
    return Event(wall_time, step, values, tuple(left_out), says_values)


# --- framing ----------------------------------------------------------------------------------


def checked_length(head: bytes) -> int:
    """Return the length of the payload that follows a record's head.

    Raises:
        Damaged: It is no head, or of a record larger than any event.
    """
    length, checksum = struct.unpack("<QI", head)
    if _masked(head[:8]) != checksum:
        raise Damaged("a record's length does not fit its checksum")
    if length > MOST_BYTES:
        raise Damaged(f"a record of {length} bytes is larger than any event")
    return int(length)


def checked_payload(body: bytes) -> bytes | None:
    """Return the payload of a record's body, its checksum behind it; None where that differs."""
    payload, checksum = body[:-TAIL_BYTES], int.from_bytes(body[-TAIL_BYTES:], "little")
    return payload if _masked(payload) == checksum else None


def _masked(content: bytes) -> int:
    crc = crc32c(content)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


# --- protobuf ---------------------------------------------------------------------------------


def _fields(message: bytes) -> Fields:
    """Yield number and content of each field: int, float for fixed64, bytes else.

    Four fixed bytes are given as they are: only a float's own field knows what they mean.
    """
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        read = _WIRE_TYPES.get(tag & 7)
        if read is None or not tag >> 3:
            raise Damaged(f"a message has a field of unknown type {tag & 7}")
        content, at = read(message, at)
        yield tag >> 3, content


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise Damaged("a message ends within a number")


def _fixed64(message: bytes, at: int) -> tuple[float, int]:
    return struct.unpack("<d", _slice(message, at, 8))[0], at + 8


def _fixed32(message: bytes, at: int) -> tuple[bytes, int]:
    return _slice(message, at, 4), at + 4


def _delimited(message: bytes, at: int) -> tuple[bytes, int]:
    length, at = _varint(message, at)
    return _slice(message, at, length), at + length


def _slice(message: bytes, at: int, length: int) -> bytes:
    part = message[at : at + length]
    if len(part) != length:
        raise Damaged("a message ends within a field")
    return part


_WIRE_TYPES: dict[int, Callable[[bytes, int], tuple[Any, int]]] = {
    0: _varint,
    1: _fixed64,
    2: _delimited,
    5: _fixed32,
}


def _as_event(summary: bytes) -> bytes:
    """Put a summary into an event."""
    length, size = len(summary), bytearray()
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes((_SUMMARY << 3 | 2, *size, length)) + summary


def _signed(value: int, bits: int = 64) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _numbers(content: Any, code: str) -> list[Any]:
    """Return the numbers of a packed field, or of one of its unpacked elements."""
    if isinstance(content, (int, float)):
        return [content]
    size = struct.calcsize(code)
    if len(content) % size:
        raise Damaged("a message ends within a list of numbers")
    return list(struct.unpack(f"<{len(content) // size}{code}", content))


def _parts(message: bytes) -> dict[int, Any]:
    """Return the fields of a small message, of each the last."""
    parts = {}
    for count, (number, content) in enumerate(_fields(message)):
        if count == _MOST_FIELDS:
            raise Damaged("a message has more fields than any value")
        parts[number] = content
    return parts


def _varints(content: Any) -> list[int]:
    if isinstance(content, int):
        return [content]
    found, at = [], 0
    while at < len(content):
        value, at = _varint(content, at)
        found.append(value)
    return found


# --- values -----------------------------------------------------------------------------------

_SUMMARY = 5
# Events that hold values, graphs and logs of sessions; one that names the file's version is none.
_SPEAKING = frozenset((4, _SUMMARY, 6, 7, 8, 9))


def _take_summary(summary: bytes, values: dict[str, Any], left_out: list[str]) -> None:
    room = _MOST_IN_RECORD
    for number, content in _fields(summary):
        if number != 1 or not isinstance(content, bytes):
            continue
        tag, value, kind = _value(content)
        room -= _weight(value)
        if room < 0:
            left_out.append("the rest of a record that is too large")
            break
        if kind is not None:
            left_out.append(kind)
        elif value is not None:
            values[tag] = value


def _weight(value: Any) -> int:
    """Return how much of a record's room a value takes."""
    numbers = value["values"] if isinstance(value, dict) else value
    return 1 + (len(numbers) if isinstance(numbers, list) else 0)


def _value(message: bytes) -> tuple[str, Any, str | None]:
    """Return tag and value, or the kind of one that is not taken over."""
    parts = _parts(message)
    tag = parts.get(1, b"")
    name = tag.decode("utf-8", "replace") if isinstance(tag, bytes) else ""
    plugin = _plugin(parts.get(9, b""))
    for number, read in _READERS.items():
        if number in parts:
            value, kind = read(parts[number], plugin)
            return name, value, kind
    # A session's hyperparameters are in the description of a value that has none.
    return name, None, plugin or None


def _plugin(metadata: Any) -> str:
    """Return which of TensorBoard's dashboards a value is for."""
    data = _parts(metadata).get(1, b"") if isinstance(metadata, bytes) else b""
    name = _parts(data).get(1, b"") if isinstance(data, bytes) else b""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else ""


Read = tuple[Any, "str | None"]


_MANY_BINS = "histograms of 512 bins and more"


def _simple(content: Any, plugin: str) -> Read:
    return (_single(content), None) if isinstance(content, bytes) else (None, None)


def _single(raw: bytes) -> float:
    """Return a 32-bit number as the shortest decimal that means it: 0.1 stays 0.1."""
    (value,) = struct.unpack("<f", raw)
    if value != value or value in (float("inf"), float("-inf")):
        return float(value)
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        try:
            if struct.pack("<f", short) == raw:
                return short
        except OverflowError:  # the largest, rounded up
            continue
    return float(f"{value:.9g}")


def _histogram(content: Any, plugin: str) -> Read:
    if not isinstance(content, bytes):
        return None, None
    if len(content) > _MOST_HISTOGRAM_BYTES:
        return None, _MANY_BINS
    least, most = 0.0, 0.0
    limits: list[float] = []
    counts: list[float] = []
    for number, part in _fields(content):
        if number == 1 and isinstance(part, float):
            least = part
        elif number == 2 and isinstance(part, float):
            most = part
        elif number == 6:
            limits += _numbers(part, "d")
        elif number == 7:
            counts += _numbers(part, "d")
    if len(limits) != len(counts):
        raise Damaged("a histogram has other bins than edges")
    filled = [place for place, count in enumerate(counts) if count > 0]
    if not filled:
        return None, None
    first, last = filled[0], filled[-1]
    # As TensorBoard shows it: without empty bins at the ends, and with the data's own ends.
    inner = limits[first:last]
    edges = [
        min([least, *inner[:1]]),
        *inner,
        max([most, *inner[-1:]]) if least < most else limits[last],
    ]
    return _told_histogram(edges, counts[first : last + 1])


def _told_histogram(edges: list[float], counts: list[float]) -> Read:
    if len(counts) > _MOST_BINS:
        return None, _MANY_BINS
    return {"_type": "histogram", "values": counts, "bins": edges}, None


# How a tensor's elements are written, by its type: as bytes, and in the field of their own.
_FORMATS = {
    1: ("f", 5),
    2: ("d", 6),
    3: ("i", 7),
    4: ("B", 7),
    5: ("h", 7),
    6: ("b", 7),
    9: ("q", 10),
    10: ("?", 11),
    17: ("H", 7),
    19: ("e", 13),
    22: ("I", 16),
    23: ("Q", 17),
}
_FLOAT, _BITS = 1, {3: 32, 5: 32, 6: 32, 9: 64}
_NUMERIC_PLUGINS = frozenset(("", "scalars", "histograms"))


def _tensor(content: Any, plugin: str) -> Read:
    if not isinstance(content, bytes):
        return None, None
    if plugin not in _NUMERIC_PLUGINS:
        return None, plugin
    if len(content) > _MOST_TENSOR_BYTES:
        return None, "large tensors"
    parts: dict[int, Any] = {}
    for number, part in _fields(content):
        parts.setdefault(number, []).append(part)
    known = _FORMATS.get(parts.get(1, [0])[0])
    if known is None:
        return None, plugin or "text"
    shape = _shape(parts.get(2, [b""])[0])
    count = 1
    for size in shape:
        count *= size
    if not 0 <= count <= _MOST_ELEMENTS:
        return None, "large tensors"
    elements = _elements(parts, *known)
    if elements and len(elements) < count:
        elements += elements[-1:] * (count - len(elements))  # equal ones are written once
    if len(elements) != count:
        return None, "tensors without content"
    if plugin == "histograms":
        return _tensor_histogram(elements, shape)
    if len(shape) > 1:
        return None, "tensors"
    return (elements if shape else elements[0]), None


def _shape(message: Any) -> list[int]:
    """Return the sizes of a tensor's dimensions; the largest product of any is bounded later."""
    sizes = []
    for number, content in _fields(message if isinstance(message, bytes) else b""):
        if number == 2 and isinstance(content, bytes):
            size = _parts(content).get(1, 0)
            sizes.append(size if isinstance(size, int) else 0)
    return sizes[:8]


def _elements(parts: dict[int, list[Any]], code: str, place: int) -> list[Any]:
    kind = parts[1][0]
    if raw := parts.get(4):
        return _plain(raw[0], code) if isinstance(raw[0], bytes) else []
    found: list[Any] = []
    for part in parts.get(place, ()):
        if kind == _FLOAT:
            found += _plain(part, "f")
        elif code == "d":
            found += _numbers(part, "d")
        else:
            found += [_element(one, kind, code) for one in _varints(part)[:_MOST_ELEMENTS]]
    return found[: _MOST_ELEMENTS + 1]


def _plain(raw: bytes, code: str) -> list[Any]:
    if code == "f" and len(raw) % 4 == 0:
        return [_single(raw[at : at + 4]) for at in range(0, len(raw), 4)]
    return _numbers(raw, code)


def _element(value: int, kind: int, code: str) -> Any:
    if code == "e":
        return struct.unpack("<e", (value & 0xFFFF).to_bytes(2, "little"))[0]
    if code == "?":
        return bool(value)
    return _signed(value, _BITS[kind]) if kind in _BITS else value


def _tensor_histogram(elements: list[Any], shape: list[int]) -> Read:
    """Read rows of left edge, right edge and count."""
    if len(shape) != 2 or shape[1] != 3:
        return None, "histograms of an unknown form"
    if not elements:
        return None, None
    edges = [float(one) for one in elements[::3]]
    return _told_histogram([*edges, float(elements[-2])], [float(one) for one in elements[2::3]])


def _kind(name: str) -> Callable[[Any, str], Read]:
    return lambda content, plugin: (None, name)


# What a value may be, by its field; the first that is there counts.
_READERS: dict[int, Callable[[Any, str], Read]] = {
    2: _simple,
    8: _tensor,
    5: _histogram,
    4: _kind("images"),
    6: _kind("audio"),
}
