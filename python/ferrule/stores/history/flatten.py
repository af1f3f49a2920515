"""Rows as nested objects, and as flat cells under dotted, escaped names."""

from collections.abc import Iterator, Mapping
from typing import Any

Cells = dict[str, Any]


def flatten(row: Mapping[str, Any]) -> Cells:
    """Turn a row into cells: `{"a": {"b": 1}}` into `a.b`, `{"a.b": 1}` into `a\\.b`.

    An object that has `_type`, an empty object and a list are one cell each.
    """
    return dict(_cells(row, ""))


def _cells(fields: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        key = prefix + escaped(name)
        if isinstance(value, dict) and value and "_type" not in value:
            yield from _cells(value, key + ".")
        else:
            yield key, value


def escaped(name: str) -> str:
    """Write a name so that its dots are no borders between names."""
    return name.replace("\\", "\\\\").replace(".", "\\.")


def names_of(key: str) -> list[str]:
    """Split an escaped key into the names on the way."""
    names = [""]
    letters = iter(key)
    for letter in letters:
        if letter == "\\":
            names[-1] += next(letters, "")
        elif letter == ".":
            names.append("")
        else:
            names[-1] += letter
    return names


def nest(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Turn cells back into the row that they came from."""
    row: dict[str, Any] = {}
    for key, value in cells.items():
        *way, last = names_of(key)
        place = row
        for name in way:
            place = place.setdefault(name, {})
        place[last] = value
    return row


def matching_key(name: str, keys: Mapping[str, object]) -> str | None:
    """Find what a user's name means: the escaped key of that spelling, or the literal one."""
    if name in keys:
        return name
    literal = escaped(name)
    return literal if literal in keys else None
