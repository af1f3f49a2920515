"""Numbers of bytes as people write them."""

from __future__ import annotations

import re

__all__ = ("POW_2_BYTES", "POW_10_BYTES", "from_human_size", "to_human_size")

Units = list[tuple[str, int]]

POW_10_BYTES: Units = [
    (unit, 1000**power) for power, unit in enumerate(("B", "KB", "MB", "GB", "TB", "PB", "EB"))
]
POW_2_BYTES: Units = [
    (unit, 1024**power)
    for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))
]
_SIZE = re.compile(r"(?P<count>\d+(?:\.\d+)?|\.\d+)\s*(?P<unit>[a-z]*)", re.IGNORECASE)


def to_human_size(size: float, units: Units | None = None) -> str:
    """Write a number of bytes with the largest unit that it fills: `1.5GB`.

    Args:
        size: Bytes.
        units: `POW_10_BYTES`, which is the default, or `POW_2_BYTES`.
    """
    known = units or POW_10_BYTES
    # The original steps to the next unit at 1024, whichever units it writes.
    filled = sum(size >= 1024**power for power in range(1, len(known)))
    unit, factor = known[filled]
    return f"{round(size / factor, 1)}{unit}"


def from_human_size(size: str, units: Units | None = None) -> int:
    """Read a number of bytes: `10`, `10GB`, `1.5 gb`.

    Args:
        size: A number, then a unit or nothing.
        units: `POW_10_BYTES`, which is the default, or `POW_2_BYTES`.

    Raises:
        ValueError: It begins with no number, or the unit is not among those.
    """
    found = _SIZE.fullmatch(size.strip())
    factors = {unit.upper(): factor for unit, factor in units or POW_10_BYTES}
    factor = factors.get((found["unit"] or "B").upper()) if found else None
    if found is None or factor is None:
        raise ValueError(
            f"{size!r} is no size: write a number and one of {', '.join(factors)}, such as `10 GB`."
        )
    return int(float(found["count"]) * factor)
