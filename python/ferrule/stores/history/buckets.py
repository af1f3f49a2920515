"""Points of a line to buckets of equal width: the slow and obvious version."""

import math
import struct
from collections.abc import Sequence

from ferrule.ports.history import SeriesBlock

RAW = ("x", "y")
BUCKETS = ("x", "last", "first", "min", "x_min", "max", "x_max", "mean", "count")

Point = tuple[float, float]


def series_block(points: Sequence[Point], buckets: int) -> SeriesBlock:
    """Answer with every point, or with buckets where there are more than twice as many.

    Args:
        points: (x, y) in order of x; no x is NaN.
        buckets: At least 1.
    """
    if len(points) <= 2 * buckets:
        return _block(RAW, points, len(points))
    rows = [bucket(members) for members in _divide(points, buckets) if members]
    return _block(BUCKETS, rows, len(points))


def _divide(points: Sequence[Point], buckets: int) -> list[list[Point]]:
    low, high = points[0][0], points[-1][0]
    width = (high - low) / buckets
    divided: list[list[Point]] = [[] for _ in range(buckets)]
    for point in points:
        place = int((point[0] - low) / width) if width > 0 else 0
        divided[min(place, buckets - 1)].append(point)
    return divided


def bucket(members: Sequence[Point]) -> tuple[float, ...]:
    """Return the columns of `BUCKETS` for the points of one bucket, in order of x."""
    finite = [(x, y) for x, y in members if math.isfinite(y)]
    x_min, lowest = min(finite, key=lambda point: point[1], default=(math.nan, math.nan))
    x_max, highest = max(finite, key=lambda point: point[1], default=(math.nan, math.nan))
    mean = math.fsum(y for _, y in finite) / len(finite) if finite else math.nan
    x, last = members[-1]
    return x, last, members[0][1], lowest, x_min, highest, x_max, mean, float(len(members))


def _block(columns: tuple[str, ...], rows: Sequence[tuple[float, ...]], points: int) -> SeriesBlock:
    flat = [value for column in zip(*rows, strict=True) for value in column]
    return SeriesBlock(columns, len(rows), points, struct.pack(f"<{len(flat)}d", *flat))
