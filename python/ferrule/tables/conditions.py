"""Which rows of a table fit: a tree of conditions, as the filter builder makes it.

`{"and": […]}`, `{"or": […]}`, `{"not": …}`, or `{"column", "op", "value"}`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ferrule.errors import BadInput
from ferrule.tables.frame import Column, Frame, Kind, json_text
from wandb._native import Pattern

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

MAX_CONDITIONS = 200
DEEPEST = 20


def mask_of(frame: Frame, tree: Any) -> Mask:
    """Return for each row whether it fits.

    Raises:
        BadInput: The conditions can't be understood, or name a column that isn't there.
    """
    import numpy as np

    if tree is None or tree == {}:
        return np.ones(frame.rows, dtype=bool)
    _refuse_huge(tree)
    return _fits(frame, tree)


def _refuse_huge(tree: Any) -> None:
    count, level = 0, [tree]
    for _ in range(DEEPEST):
        inner = [each for node in level if isinstance(node, dict) for each in _inner(node)]
        count += len(level)
        if count > MAX_CONDITIONS:
            raise BadInput(f"A filter has at most {MAX_CONDITIONS} conditions.")
        if not inner:
            return
        level = inner
    raise BadInput(f"A filter nests at most {DEEPEST} levels.")


def _inner(node: dict[str, Any]) -> list[Any]:
    for name in ("and", "or"):
        if isinstance(node.get(name), list):
            return list(node[name])
    return [node["not"]] if "not" in node else []


def _fits(frame: Frame, tree: Any) -> Mask:
    import numpy as np

    if not isinstance(tree, dict):
        raise BadInput("A condition is an object.")
    for name, joined, start in (("and", np.logical_and, True), ("or", np.logical_or, False)):
        if name in tree:
            mask = np.full(frame.rows, start)
            for inner in _listed(tree[name]):
                mask = joined(mask, _fits(frame, inner))
            return mask
    if "not" in tree:
        return np.logical_not(_fits(frame, tree["not"]))
    return _condition(frame, tree)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadInput("`and` and `or` take a list of conditions.")
    return value


def _condition(frame: Frame, tree: dict[str, Any]) -> Mask:
    column = frame.by_name.get(str(tree.get("column")))
    if column is None:
        raise BadInput(f"The table has no column `{str(tree.get('column'))[:100]}`.")
    test = _OPERATORS.get(str(tree.get("op")))
    if test is None:
        raise BadInput(f"`op` of a condition is one of {', '.join(_OPERATORS)}.")
    return test(column, tree.get("value"))


Test = Callable[[Column, Any], "Mask"]


def _same(column: Column, value: Any) -> Mask:
    """Tell which cells have just this value; null is a missing one."""
    import numpy as np

    if value is None:
        return column.missing
    if column.kind in (Kind.NUMBER, Kind.BOOLEAN) and isinstance(value, (int, float)):
        if isinstance(value, bool) is (column.kind is Kind.BOOLEAN):
            return np.equal(column.numbers, float(value))
        return np.zeros(len(column.values), dtype=bool)
    kind = type(value)
    return _by_distinct(column, lambda cell: type(cell) is kind and cell == value)


def _by_distinct(column: Column, test: Callable[[Any], bool]) -> Mask:
    """Test each distinct value once."""
    import numpy as np

    codes, distinct = column.coded
    fits = np.array([test(value) for value in distinct], dtype=bool)
    return fits[codes] if len(distinct) else np.zeros(len(column.values), dtype=bool)


def _compared(compare: Callable[[Any, Any], Any]) -> Test:
    def test(column: Column, value: Any) -> Mask:
        import numpy as np

        if isinstance(value, str):
            found = _by_distinct(
                column, lambda cell: isinstance(cell, str) and bool(compare(cell, value))
            )
        elif isinstance(value, (int, float)):
            with np.errstate(invalid="ignore"):
                found = np.asarray(compare(column.numbers, float(value)), dtype=bool)
        else:
            raise BadInput("Sizes are compared with a number or a text.")
        return found

    return test


def _between(column: Column, value: Any) -> Mask:
    if not isinstance(value, list) or len(value) != 2:
        raise BadInput("`between` takes a list of two values.")
    low, high = (
        _compared(compare)(column, bound) for compare, bound in zip(_BOUNDS, value, strict=True)
    )
    return low & high


_BOUNDS = (operator.ge, operator.le)


def _among(column: Column, value: Any) -> Mask:
    import numpy as np

    if not isinstance(value, list) or len(value) > 1000:
        raise BadInput("`in` takes a list of at most 1000 values.")
    mask = np.zeros(len(column.values), dtype=bool)
    for one in value:
        mask |= _same(column, one)
    return mask


def _contains(column: Column, value: Any) -> Mask:
    if not isinstance(value, str):
        raise BadInput("`contains` takes a text.")
    wanted = value.casefold()
    return _by_distinct(column, lambda cell: wanted in text_of_cell(cell).casefold())


def _matches(column: Column, value: Any) -> Mask:
    if not isinstance(value, str):
        raise BadInput("`matches` takes a regular expression.")
    try:
        pattern = Pattern(value)
    except ValueError as err:
        raise BadInput(f"The regular expression can't be read: {err}.") from err
    return _by_distinct(column, lambda cell: pattern.search(text_of_cell(cell)))


def _not(test: Test) -> Test:
    return lambda column, value: ~test(column, value)


def text_of_cell(value: Any) -> str:
    """Return what a search looks through: a cell's text, or its JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json_text(value)


_OPERATORS: dict[str, Test] = {
    "is": _same,
    "is_not": _not(_same),
    "lt": _compared(operator.lt),
    "le": _compared(operator.le),
    "gt": _compared(operator.gt),
    "ge": _compared(operator.ge),
    "between": _between,
    "in": _among,
    "not_in": _not(_among),
    "contains": _contains,
    "not_contains": _not(_contains),
    "matches": _matches,
    "missing": lambda column, _: column.missing,
    "exists": lambda column, _: ~column.missing,
}
