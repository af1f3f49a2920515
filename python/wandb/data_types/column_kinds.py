"""Kinds of cells, which one native pass tells, and what a column's type becomes by them.

Most columns hold numbers, text, booleans or nothing. What their types become depends on which of
these kinds there are, not on each cell: only where a kind does not do, every cell is looked at.
"""

from wandb._native import CellKinds
from wandb.data_types.column_types import (
    AnyType,
    BooleanType,
    InvalidType,
    NoneType,
    NumberType,
    StringType,
    TimestampType,
    Type,
    TypeRegistry,
    UnionType,
)
from wandb.data_types.table_keys import TableLink

NONE, BOOL, NUMBER, TEXT, TIME, LINK, OTHER = 1, 2, 4, 8, 16, 32, 64
ALL = 255

# In this order, so that what is missing is assigned first: it doesn't make an unknown type known.
_TYPES: tuple[tuple[int, Type], ...] = (
    (NONE, NoneType()),
    (BOOL, BooleanType()),
    (NUMBER, NumberType()),
    (TEXT, StringType()),
    (TIME, TimestampType()),
)
_KIND_OF_TYPE = {BooleanType: BOOL, NumberType: NUMBER, TimestampType: TIME}


def kind_of_class(kind: type) -> int:
    """Return the kind of values of a class that is not one of those every column knows."""
    if issubclass(kind, TableLink):
        return LINK
    found = TypeRegistry.for_class(kind)
    return OTHER if found is None else _KIND_OF_TYPE.get(found, OTHER)


cell_kinds = CellKinds(kind_of_class)


def unchanged_by(wb_type: Type) -> int:
    """Return the kinds of cells that a type takes and stays what it is."""
    kinds = sum(kind for kind, one in _TYPES if wb_type.assign_type(one) == wb_type)
    return kinds | OTHER if _holds_anything(wb_type) else kinds


def _holds_anything(wb_type: Type) -> bool:
    if not isinstance(wb_type, UnionType):
        return isinstance(wb_type, AnyType)
    allowed = wb_type.params["allowed_types"]
    # Another type beside it might take a cell first, and change by it.
    return any(isinstance(one, AnyType) for one in allowed) and all(
        isinstance(one, (AnyType, NoneType)) for one in allowed
    )


def widened(wb_type: Type, kinds: int) -> Type | None:
    """Return what a type becomes by cells of some kinds.

    Returns:
        None if the kinds don't tell: each cell must be assigned, or one of them does not fit.
    """
    if not kinds & ~unchanged_by(wb_type):
        return wb_type
    if kinds & (LINK | OTHER):
        return None
    for kind, one in _TYPES:
        if kinds & kind:
            wb_type = wb_type.assign_type(one)
    return None if isinstance(wb_type, InvalidType) else wb_type
