"""Filters and orders of runs: read and checked here, on both sides of the wire.

A filter is the subset of MongoDB's query language that the public API documents:

    {"state": "finished"}
    {"config.lr": {"$gt": 0.01}, "tags": {"$in": ["a", "b"]}}
    {"$or": [{"summary_metrics.loss": {"$lt": 1}}, {"$not": {"group": "g"}}]}

What a key means:

- A missing key and `null` differ for `$exists` only. `$eq: null` is true for both, `$ne` is the
  opposite of `$eq`, so that `$ne: 1` is true for a run without the key.
- `$gt`, `$gte`, `$lt`, `$lte` compare numbers with numbers and texts with texts (by code point);
  all else is false. Booleans are not numbers. NaN counts as null.
- A condition on `tags` is true if it is true for one of the tags.
- A text that is empty, such as the group of a run without one, counts as missing.
- `$regex` searches a text; it can't look around or back. Times are ISO 8601 texts or seconds since
  1970.
"""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from wandb._native import Pattern

_DEEPEST = 32
# SQLite's expressions may be 1000 deep; a condition takes two.
_MOST_TESTS = 400
_MOST_VALUES = 500
_MOST_VALUES_TOGETHER = 10_000
_MOST_ORDERS = 20
_LONGEST_PATTERN = 256
_LARGEST_TIME = 2**63 - 1


class FilterError(ValueError):
    """A filter or an order that can't be understood; the message says which part."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a key of a filter means.

    `kind` is `column`, `time`, `number`, `list`, `config` or `summary`. `name` is a column's name
    (`display_name`), or the dotted rest of the key inside the config or the summary.
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; `operator` is $eq, $gt, $gte, $lt, $lte, $in, $exists or $regex."""

    field: Field
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Every:
    """True if all of the parts are; without parts it is true."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """True if one of the parts is; without parts it is false."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """True if the part is false."""

    part: "Node"


Node = Condition | Every | Either | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One key of an order."""

    field: Field
    descending: bool = False


_COLUMNS = {
    "name": Field("column", "name"),
    "id": Field("column", "name"),
    "display_name": Field("column", "display_name"),
    "state": Field("column", "state"),
    "username": Field("column", "user"),
    "user": Field("column", "user"),
    "sweep": Field("column", "sweep"),
    "sweep_name": Field("column", "sweep"),
    "group": Field("column", "group"),
    "group_name": Field("column", "group"),
    "job_type": Field("column", "job_type"),
    "host": Field("column", "host"),
    "notes": Field("column", "notes"),
    "description": Field("column", "description"),
    "commit": Field("column", "commit"),
    "program": Field("column", "program"),
    "repo": Field("column", "repo"),
    "tags": Field("list", "tags"),
    "created_at": Field("time", "created_at"),
    "heartbeat_at": Field("time", "heartbeat_at"),
    "updated_at": Field("time", "heartbeat_at"),
    "duration": Field("number", "duration"),
    "history_line_count": Field("number", "history_lines"),
    "last_step": Field("number", "last_step"),
    "exitcode": Field("number", "exit_code"),
}

_PREFIXES = {
    "config.": "config",
    "summary_metrics.": "summary",
    "summaryMetrics.": "summary",
    "summary.": "summary",
    # What a run logged leaves its last value in the summary.
    "keys_info.keys.": "summary",
}


def field_of(key: str) -> Field:
    """Return what a key means.

    Raises:
        FilterError: There is no such key.
    """
    for prefix, kind in _PREFIXES.items():
        if key.startswith(prefix) and len(key) > len(prefix):
            return Field(kind, key[len(prefix) :])
    found = _COLUMNS.get(_snake(key))
    if found is None:
        raise FilterError(
            f"Runs can't be selected or sorted by `{key}`. "
            f"Known are {', '.join(sorted(_COLUMNS))}, config.<key> and summary_metrics.<key>."
        )
    return found


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda letter: "_" + letter[1].lower(), key)


def parse(filters: Mapping[str, Any] | None) -> Node:
    """Read a filter.

    Raises:
        FilterError: It can't be understood.
    """
    node = _all_of(filters or {}, 0)
    if _tests_in(node) > _MOST_TESTS:
        raise FilterError(f"A filter may have at most {_MOST_TESTS} conditions.")
    if _tests_in(node, values=True) > _MOST_VALUES_TOGETHER:
        raise FilterError(f"A filter may have at most {_MOST_VALUES_TOGETHER} values.")
    return node


def _all_of(filters: object, depth: int) -> Node:
    if depth > _DEEPEST:
        raise FilterError(f"A filter may be nested at most {_DEEPEST} deep.")
    if not isinstance(filters, Mapping):
        raise FilterError('A filter is an object such as {"state": "finished"}.')
    parts = tuple(_one(key, value, depth) for key, value in filters.items())
    return parts[0] if len(parts) == 1 else Every(parts)


def _one(key: object, value: object, depth: int) -> Node:
    if not isinstance(key, str):
        raise FilterError("Keys of a filter are texts.")
    if key in ("$and", "$or", "$nor"):
        parts = _several(key, value, depth)
        either = Either(parts)
        return Every(parts) if key == "$and" else either if key == "$or" else Not(either)
    if key == "$not":
        return Not(_all_of(value, depth + 1))
    if key.startswith("$"):
        raise FilterError(f"`{key}` is no operator that goes here.")
    return _conditions(field_of(key), value, depth)


def _several(key: str, value: object, depth: int) -> tuple[Node, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise FilterError(f"`{key}` takes a list of filters.")
    return tuple(_all_of(part, depth + 1) for part in value)


def _conditions(field: Field, value: object, depth: int) -> Node:
    if depth > _DEEPEST:
        raise FilterError(f"A filter may be nested at most {_DEEPEST} deep.")
    if not isinstance(value, Mapping) or not any(str(key).startswith("$") for key in value):
        return Condition(field, "$eq", _checked(field, value))
    parts = tuple(_condition(field, str(op), operand, depth) for op, operand in value.items())
    return parts[0] if len(parts) == 1 else Every(parts)


def _condition(field: Field, operator: str, operand: object, depth: int) -> Node:
    if operator == "$not":
        return Not(_conditions(field, operand, depth + 1))
    if operator in ("$ne", "$nin"):
        opposite = "$eq" if operator == "$ne" else "$in"
        return Not(_condition(field, opposite, operand, depth))
    if operator in ("$eq", "$gt", "$gte", "$lt", "$lte"):
        return Condition(field, operator, _checked(field, operand))
    if operator == "$in":
        return Condition(field, "$in", _listed(field, operand))
    if operator == "$exists":
        return Condition(field, "$exists", bool(operand))
    if operator == "$regex":
        return Condition(field, "$regex", _pattern(operand))
    raise FilterError(
        f"`{operator}` is not known. Use $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, "
        "$regex, $not, $and, $or or $nor."
    )


def _listed(field: Field, operand: object) -> tuple[Any, ...]:
    if not isinstance(operand, Sequence) or isinstance(operand, str):
        raise FilterError("`$in` and `$nin` take a list.")
    if len(operand) > _MOST_VALUES:
        raise FilterError(f"`$in` and `$nin` take at most {_MOST_VALUES} values.")
    return tuple(_checked(field, value) for value in operand)


def _checked(field: Field, value: object) -> Any:
    if field.kind == "time" and value is not None:
        return micros(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        raise FilterError("Numbers in a filter are at most those that a 64-bit float can hold.")
    if field.kind == "column" and value == "":
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise FilterError(f"Compare `{field.name}` with a text, a number, a boolean or null.")


def micros(value: object) -> int:
    """Return a moment, ISO 8601 or seconds since 1970, in microseconds since then.

    Raises:
        FilterError: It is none.
    """
    try:
        moment = round(_seconds(value) * 1_000_000)
    except (ValueError, OverflowError) as err:
        raise _no_time(value) from err
    if abs(moment) > _LARGEST_TIME:
        raise _no_time(value)
    return moment


def _seconds(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp()


def _no_time(value: object) -> FilterError:
    shown = str(value)[:40]
    return FilterError(f"`{shown}` is no time. Write 2026-01-31T12:00:00Z, or seconds since 1970.")


def _pattern(operand: object) -> str:
    if not isinstance(operand, str) or len(operand) > _LONGEST_PATTERN:
        raise FilterError(f"`$regex` takes a text of at most {_LONGEST_PATTERN} characters.")
    try:
        compiled(operand)
    except ValueError as err:
        raise FilterError(f"`{operand}` is no regular expression that works here: {err}.") from err
    # What SQLite can't take and JSON can hold: `compiled` reads it as the same.
    return operand.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@lru_cache(maxsize=_MOST_TESTS)
def compiled(pattern: str) -> Pattern:
    """Return what searches for a pattern, in time that grows with the text alone.

    Python's `re` may take for ever, and holds up every thread meanwhile.

    Raises:
        ValueError: It can't be read, or can't be searched for in such time.
    """
    return Pattern(pattern)


def _tests_in(node: Node, *, values: bool = False) -> int:
    """Count the conditions, or the values that they compare with."""
    if isinstance(node, Condition):
        return len(node.value) if values and node.operator == "$in" else 1
    if isinstance(node, Not):
        return _tests_in(node.part, values=values)
    return sum(_tests_in(part, values=values) for part in node.parts)


def parse_order(order: str | None) -> tuple[Order, ...]:
    """Read an order such as `-summary_metrics.loss` or `+created_at,-config.lr.value`.

    Raises:
        FilterError: It can't be understood.
    """
    keys = [key.strip() for key in (order or "+created_at").split(",")]
    if len(keys) > _MOST_ORDERS:
        raise FilterError(f"An order has at most {_MOST_ORDERS} keys.")
    return tuple(_order_key(key) for key in keys if key) or parse_order("+created_at")


def _order_key(key: str) -> Order:
    # A plus sign in an address arrives as a space; stripped, it means the same.
    return Order(field_of(key.lstrip("+-")), descending=key.startswith("-"))


def spellings(field: Field) -> tuple[tuple[str, ...], ...]:
    """Return where in the config or the summary a field may be, the likeliest first.

    The dots of a key are nesting, or part of a name: `summary_metrics.a.b` is
    `{"a": {"b": …}}` or `{"a.b": …}`. In the config a name's value is under `value`, which
    may be left out.
    """
    parts = field.name.split(".")
    found: dict[tuple[str, ...], None] = {}
    for size in range(1, min(len(parts), 8) + 1):
        name, rest = ".".join(parts[:size]), parts[size:]
        if field.kind == "config":
            rest = rest[1:] if rest[:1] == ["value"] else rest
            base: tuple[str, ...] = (name, "value")
        else:
            base = (name,)
        nested, flat = (*base, *rest), (*base, ".".join(rest))
        found[nested] = None
        if len(rest) > 1:
            found[flat] = None
    return tuple(found)
