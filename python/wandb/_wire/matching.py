"""What a filter and an order mean, run by run: for folders, and the measure of the server's SQL."""

import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from wandb._wire.filters import Condition, Every, Field, Node, Not, Order, compiled, spellings

__all__ = ("MISSING", "compared", "directions", "matches", "sort_key", "value_in")

Value = bool | int | float | str | None
# Returns what a run has for a field: mostly one value, one for each tag, or `MISSING`.
Values = Callable[[Field], tuple[Any, ...]]

MISSING: Any = object()


def matches(values: Values, node: Node) -> bool:
    """Tell whether a run passes a filter."""
    if isinstance(node, Condition):
        test = _TESTS[node.operator]
        return any(test(value, node.value) for value in values(node.field))
    if isinstance(node, Not):
        return not matches(values, node.part)
    inner = (matches(values, part) for part in node.parts)
    return all(inner) if isinstance(node, Every) else any(inner)


def value_in(document: object, field: Field) -> Any:
    """Return what a field has in a config, as it is on the wire, or in a summary."""
    for path in spellings(field):
        value = document
        for name in path:
            value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
        if value is not MISSING:
            return None if isinstance(value, float) and math.isnan(value) else value
    return MISSING


def _equal(value: Any, wanted: Value) -> bool:
    if wanted is None:
        return value is None or value is MISSING
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
    "$exists": lambda value, wanted: (value is not MISSING) is wanted,
    "$regex": lambda value, wanted: isinstance(value, str) and compiled(wanted).search(value),
}

_RANKS = {"number": 0, "text": 1, "boolean": 2, "other": 3}


def sort_key(values: Values, order: Iterable[Order], *, tie: Any) -> list[Any]:
    """Return rank, number and text for each key of an order, and what is compared on a tie."""
    key: list[Any] = []
    for one in order:
        value = values(one.field)[0]
        kind = _kind(value)
        number = value if kind == "number" else int(value) if kind == "boolean" else 0
        key += [_RANKS[kind], number, value if kind == "text" else ""]
    return [*key, tie]


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
