"""Filters and orders over runs in memory: the plain reading of `wandb._wire.filters`.

The SQL engine is tested against this one.
"""

import json
import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from ferrule.ports.runs import Run
from wandb._wire.filters import Condition, Every, Field, Node, Not, Order, compiled, spellings

Value = bool | int | float | str | None
_MISSING: Any = object()


def matches(run: Run, node: Node) -> bool:
    """Tell whether a run passes a filter."""
    if isinstance(node, Condition):
        return any(_holds(node, value) for value in values(run, node.field))
    if isinstance(node, Not):
        return not matches(run, node.part)
    inner = (matches(run, part) for part in node.parts)
    return all(inner) if isinstance(node, Every) else any(inner)


def values(run: Run, field: Field) -> tuple[Any, ...]:
    """Return what a run has for a field: mostly one value, one for each tag, or `_MISSING`."""
    if field.kind == "list":
        return run.tags or (_MISSING,)
    if field.kind in ("config", "summary"):
        return (_found(json.loads(getattr(run, field.kind)), field),)
    if field.name == "duration":
        return ((run.heartbeat_at - run.created_at) / 1_000_000,)
    value = getattr(run, field.name)
    return (_MISSING if value is None or value == "" else value,)


def _found(document: object, field: Field) -> Any:
    for path in spellings(field):
        value = document
        for name in path:
            value = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        if value is not _MISSING:
            return None if isinstance(value, float) and math.isnan(value) else value
    return _MISSING


def _holds(condition: Condition, value: Any) -> bool:
    return _TESTS[condition.operator](value, condition.value)


def _equal(value: Any, wanted: Value) -> bool:
    if wanted is None:
        return value is None or value is _MISSING
    return _kind(value) == _kind(wanted) and bool(value == wanted)


def _compares(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Value], bool]:
    def holds(value: Any, wanted: Value) -> bool:
        kind = _kind(value)
        return kind in ("number", "text") and kind == _kind(wanted) and compare(value, wanted)

    return holds


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "other"


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$in": lambda value, wanted: any(_equal(value, one) for one in wanted),
    "$gt": _compares(operator.gt),
    "$gte": _compares(operator.ge),
    "$lt": _compares(operator.lt),
    "$lte": _compares(operator.le),
    "$exists": lambda value, wanted: (value is not _MISSING) is wanted,
    "$regex": lambda value, wanted: isinstance(value, str) and compiled(wanted).search(value),
}

_RANKS = {"number": 0, "text": 1, "boolean": 2, "other": 3}


def sort_key(run: Run, order: Iterable[Order]) -> list[Any]:
    """Return rank, number and text for each key of an order, and the run's id."""
    key: list[Any] = []
    for one in order:
        value = values(run, one.field)[0]
        kind = _kind(value)
        number = value if kind == "number" else int(value) if kind == "boolean" else 0
        key += [_RANKS[kind], number, value if kind == "text" else ""]
    return [*key, run.id]


def directions(order: Iterable[Order]) -> list[bool]:
    """Return for each item of a sort key whether it falls."""
    falls: list[bool] = []
    for one in order:
        falls += [False, one.descending, one.descending]
    return [*falls, falls[1]]


def compared(one: list[Any], other: list[Any], falls: list[bool]) -> int:
    """Compare two sort keys: -1, 0 or 1."""
    for left, right, falling in zip(one, other, falls, strict=True):
        if left != right:
            return 1 if (left > right) is not falling else -1
    return 0


def lowered(text: str) -> str:
    """Return a text with A to Z made small, as every SQL engine's `lower` does at least."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def found_by(run: Run, search: str) -> bool:
    """Tell whether a run has a text in its name, title, notes, group or tags."""
    wanted = lowered(search)
    texts = (run.name, run.display_name, run.notes, run.group, *run.tags)
    return any(wanted in lowered(text) for text in texts)
