"""Cursors: where an item lies in a list, as opaque text."""

import base64
import binascii
import json
import re
from typing import Any

from ferrule.errors import BadInput

_HALF = re.compile("[\ud800-\udfff]")


def written(key: list[Any]) -> str:
    """Return a sort key as a cursor."""
    text = json.dumps(key, ensure_ascii=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, like: list[type | tuple[type, ...]]) -> list[Any]:
    """Return the sort key in a cursor.

    Args:
        cursor: What `written` returned, or what a client made up.
        like: The type of each item of the key.

    Raises:
        BadInput: It is no cursor of a list with such keys.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        key = None
    fits = isinstance(key, list) and len(key) == len(like) and all(map(isinstance, key, like))
    if not isinstance(key, list) or not fits or not all(map(_can_be_stored, key)):
        raise BadInput("The cursor is not one of this list; start again without one.")
    return key


def _can_be_stored(value: Any) -> bool:
    """Tell whether a value can have come from a database: 64 bits, and no half of a character."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not isinstance(value, str) or value.isascii() or not _HALF.search(value)
