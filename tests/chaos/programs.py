"""What a writer logs, call by call, and which rows must come of it.

Deterministic, so that the harness can tell the value of every row from a writer's number and
a count of calls. Standard library only: it runs under every client.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]

# A row's image is logged as one of this shade, and told by the shade in its file.
IMAGE, SHADE = "image", "shade"
SMALLEST_MEDIA_BYTES = 100_000
LARGEST_MEDIA_BYTES = 5_000_000


@dataclass(frozen=True)
class Program:
    """Rows of `parts` calls each; `step` tells the explicit step of a row, if it has one."""

    name: str
    part: Callable[[int, int, int], Data]
    parts: int = 1
    step: Callable[[int], int] | None = None

    def call(self, writer: int, number: int) -> tuple[Data, dict[str, Any]]:
        """Return the arguments of a writer's call of that number, from 0."""
        row, part = divmod(number, self.parts)
        data = {"w": writer, "n": row, **self.part(writer, row, part)}
        if self.step is not None:
            return data, {"step": self.step(row)}
        return data, ({"commit": False} if part + 1 < self.parts else {})

    def rows(self, calls: int) -> int:
        """Return how many rows that many calls began."""
        return -(-calls // self.parts)

    def row(self, writer: int, row: int, calls: int) -> Data:
        """Return what a row holds after that many calls."""
        known = min(self.parts, calls - row * self.parts)
        expected: Data = {"w": writer, "n": row}
        for part in range(known):
            merge(expected, self.part(writer, row, part))
        return expected


def merge(row: Data, part: Data) -> None:
    """Merge as `log` does: dicts leaf by leaf, anything else replaces."""
    for key, value in part.items():
        if isinstance(value, dict) and isinstance(row.get(key), dict):
            merge(row[key], value)
        else:
            row[key] = value


def mix(*numbers: int) -> int:
    """Return 32 bits that depend on all of the numbers."""
    state = 0x9E3779B9
    for number in numbers:
        state = ((state ^ number) * 0x85EBCA6B + 0xC2B2AE35) & 0xFFFFFFFF
        state ^= state >> 15
    return state


def plain(writer: int, row: int, part: int) -> Data:
    return {
        "x": mix(writer, row) / 7,
        "text": f"row {row} of {writer} \u00fc",
        "even": row % 2 == 0,
    }


def partial(writer: int, row: int, part: int) -> Data:
    return {f"part{part}": mix(writer, row, part) / 3, "nested": {f"p{part}": row}}


def wide(writer: int, row: int, part: int) -> Data:
    return {f"m{place}": mix(writer, row, place) / 3 for place in range(60)}


def media(writer: int, row: int, part: int) -> Data:
    if row % 3 != 1:
        return plain(writer, row, part)
    return {"big": _large_value(mix(writer, row))}


def images(writer: int, row: int, part: int) -> Data:
    if row % 2:
        return plain(writer, row, part)
    return {IMAGE: {SHADE: 2 + mix(writer, row) % 254}}  # numbers up to 1 would be fractions


def _large_value(random: int) -> object:
    spread = (random % 1000) / 1000
    size = int(SMALLEST_MEDIA_BYTES * (LARGEST_MEDIA_BYTES / SMALLEST_MEDIA_BYTES) ** spread)
    if random & 0x10000:
        pattern = f"<{random}>"
        return pattern * (size // len(pattern))
    return [(random + place) / 8 for place in range(size // 12)]


PROGRAMS = {
    program.name: program
    for program in (
        Program("rows", plain),
        Program("parts", partial, parts=3),
        Program("steps", partial, parts=3, step=lambda row: 2 * row),
        Program("wide", wide),
        Program("media", media),
        Program("images", images),
    )
}
