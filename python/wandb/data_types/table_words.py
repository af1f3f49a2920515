"""What tables say about cells that do not fit, and about tables that are not equal."""

from typing import Any

from wandb.data_types.column_types import NoneType, Type, TypeRegistry
from wandb.data_types.container_types import is_numpy_array

_LONGEST = 80


def short(value: Any) -> str:
    """Return a value's text, cut to what fits into a sentence."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def misfit(name: Any, wb_type: Type, cell: Any, row: int | None) -> str:
    """Say that a cell does not fit its column, and what to do."""
    found = TypeRegistry.type_of(cell)
    where = f"column {name!r}" if row is None else f"row {row} of column {name!r}"
    advice = "pass allow_mixed_types=True to hold both"
    if isinstance(found, NoneType):
        advice = "pass optional=True to let cells be empty"
    return (
        f"Data row contained incompatible types: {short(cell)} of type {found} does not fit "
        f"{where}, which holds {wb_type}; nothing was added. Convert the value, or {advice}."
    )


def difference_of(table: Any, other: Any) -> str | None:
    """Name the first thing in which a table is unlike another; None if they are equal."""
    if not isinstance(other, type(table)):
        return f"Found type {type(other)}, expected {type(table)}"
    facts = (
        ("rows", len(table.data), len(other.data)),
        ("columns", table.columns, other.columns),
        ("column types", table._column_types, other._column_types),
    )
    for what, mine, theirs in facts:
        if mine != theirs:
            return f"Found {what} {theirs}, expected {mine}"
    for number, (row, other_row) in enumerate(zip(table.data, other.data, strict=True)):
        for place, (cell, other_cell) in enumerate(zip(row, other_row, strict=True)):
            if not _equal(cell, other_cell):
                where = f"row {number}, column {table.columns[place]!r}"
                return f"Unequal data at {where}: found {short(other_cell)}, expected {short(cell)}"
    return None


def _equal(cell: Any, other: Any) -> bool:
    equal = cell == other
    return bool(equal.all() if is_numpy_array(equal) else equal)
