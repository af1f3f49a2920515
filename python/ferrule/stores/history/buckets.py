"""Points of a line to buckets of equal width: the slow and obvious version."""

import math
import struct
from collections.abc import Callable, Sequence

from ferrule.ports.history import SeriesBlock

RAW = ("x", "y")
BUCKETS = ("x", "last", "first", "min", "x_min", "max", "x_max", "mean", "count", "finite")

Point = tuple[float, float]
Place = Callable[[float], int]


def step_places(low: int, high: int, buckets: int) -> Place:
    """Tell in which bucket a step falls.

    The width is eight to sixteen of a power of two, and the first edge a multiple of that power:
    so edges stay where they are while a run grows, and rollups fit between them.
    """
    least = (high - low) // buckets + 1
    power = 1 << max(0, least.bit_length() - 4)
    start = low // power * power
    width = ((high - start) // (buckets * power) + 1) * power
    return lambda step: (int(step) - start) // width


def even_places(low: float, high: float, buckets: int) -> Place:
    """Tell in which of the buckets from `low` to `high` an x falls."""
    width = (high - low) / buckets
    return lambda x: min(int((x - low) / width), buckets - 1) if width > 0 else 0


def series_block(points: Sequence[Point], place: Place, buckets: int) -> SeriesBlock:
    """Answer with every point, or with buckets where there are more than twice as many.

    Args:
        points: (x, y) in order of rows; every x is finite.
        place: In which bucket an x falls.
        buckets: How many there are at most, 1 or more.
    """
    if len(points) <= 2 * buckets:
        return _block(RAW, points, len(points))
    divided: list[list[Point]] = [[] for _ in range(buckets)]
    for point in points:
        divided[place(point[0])].append(point)
    rows = [bucket(members) for members in divided if members]
    return _block(BUCKETS, rows, len(points))


def bucket(members: Sequence[Point]) -> tuple[float, ...]:
    """Return the columns of `BUCKETS` for the points of one bucket, in order of rows."""
    finite = [(x, y) for x, y in members if math.isfinite(y)]
    # Of several the one with the smallest x.
    x_min, lowest = min(finite, key=lambda p: (p[1], p[0]), default=(math.nan, math.nan))
    x_max, highest = min(finite, key=lambda p: (-p[1], p[0]), default=(math.nan, math.nan))
    mean = math.fsum(y for _, y in finite) / len(finite) if finite else math.nan
    x, last = members[-1]
    counts = float(len(members)), float(len(finite))
    return x, last, members[0][1], lowest, x_min, highest, x_max, mean, *counts


def _block(columns: tuple[str, ...], rows: Sequence[tuple[float, ...]], points: int) -> SeriesBlock:
    flat = [value for column in zip(*rows, strict=True) for value in column]
    return SeriesBlock(columns, len(rows), points, struct.pack(f"<{len(flat)}d", *flat))
