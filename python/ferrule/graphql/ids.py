"""Ids on the wire: base64 of `Type:number`, opaque to clients."""

import base64
import binascii
import re

from ferrule.errors import BadInput

_NUMBERED = re.compile(r"([A-Za-z]+):(\d{1,18})")


def written(kind: str, number: int) -> str:
    """Return a thing's id on the wire."""
    return named(kind, str(number))


def named(kind: str, name: str) -> str:
    """Return the id of a thing that goes by a name."""
    return base64.b64encode(f"{kind}:{name}".encode()).decode()


def number(kind: str, text: str) -> int:
    """Return the number in an id.

    Raises:
        BadInput: It is no id of such a thing.
    """
    try:
        found = _NUMBERED.fullmatch(base64.b64decode(text, validate=True).decode())
    except (binascii.Error, ValueError):
        found = None
    if found is None or found[1] != kind:
        raise BadInput(f"`{text[:64]}` is no id of a {kind.lower()}.")
    return int(found[2])


def number_or_none(kind: str, text: str) -> int | None:
    """Return the number in an id, None if it is no id of such a thing."""
    try:
        return number(kind, text)
    except BadInput:
        return None
