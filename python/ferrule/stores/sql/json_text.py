"""JSON texts in the form that SQL can search.

SQLite refuses a text with bare NaN or infinities, and finds a key only by the letters it is
written with, so that an escaped key is not found. For such texts a second one is kept for the
search alone: NaN is null, infinities are numbers too large for a double, and nothing is escaped
but what JSON forbids; those characters are moved to the private area in keys.
"""

import json
import math
from typing import Any

from ferrule.stores.numbers import whole_number

_PRIVATE = 0xE000
_FORBIDDEN = {code: _PRIVATE + code for code in (*range(0x20), 0x22, 0x5C)}


def strict(text: str) -> str | None:
    """Return the text to search, None if the text itself will do."""
    if "\\" not in text and "NaN" not in text and "Infinity" not in text:
        return None
    try:
        cleaned = _cleaned(json.loads(text, parse_int=whole_number))
        dumped = json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        # Nobody finds it then, and everybody can read it.
        return "{}"
    large = dumped.replace('"\ue0ff+"', "9e999").replace('"\ue0ff-"', "-9e999")
    return large.encode("utf-8", "replace").decode()


def key_text(name: str) -> str:
    """Return a key as it is written in a text to search."""
    return name.translate(_FORBIDDEN).encode("utf-8", "replace").decode()


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.translate(_FORBIDDEN): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "\ue0ff+" if value > 0 else "\ue0ff-"
    return value
