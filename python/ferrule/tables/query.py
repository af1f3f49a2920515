"""What is asked of a table, and the answer: a page of rows, or of groups with summaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ferrule.errors import BadInput
from ferrule.tables.conditions import mask_of
from ferrule.tables.frame import Column, Frame
from ferrule.tables.summaries import Grouped, clipped, summarized

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

CELL_CHARS = 2000
COUNT = "count"


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to sort by: a column, or, of groups, None for their size."""

    column: str | None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A question about a table.

    Attributes:
        tree: Conditions that rows have to meet, see `ferrule.tables.conditions`.
        orders: What to sort by, the first one first. Missing values come last either way.
        group: Columns to group by; with none the answer has rows.
        offset: How many rows or groups to leave out.
        limit: How many to tell at most.
        whole: Tell cells whole, however long their text.
    """

    tree: Any = None
    orders: tuple[Order, ...] = ()
    group: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 100
    whole: bool = False


def answered(frame: Frame, query: TableQuery) -> dict[str, Any]:
    """Answer a question.

    Returns:
        `columns` (name, kind, and whether it is grouped by), `total` and `matching` rows, and
        either `rows` (each its place in the table and its cells) or `groups` (each its key, its
        size and a summary for each column) with their `total_groups`.

    Raises:
        BadInput: The question names a column that isn't there, or can't be understood.
    """
    import numpy as np

    rows = np.flatnonzero(mask_of(frame, query.tree))
    head = {
        "columns": [{"name": column.name, "kind": column.kind.value} for column in frame.columns],
        "total": frame.rows,
        "matching": int(rows.size),
        "offset": query.offset,
    }
    if query.group:
        return head | _groups(frame, query, rows)
    return head | {"rows": _rows(frame, query, rows)}


def _column(frame: Frame, name: str) -> Column:
    column = frame.by_name.get(name)
    if column is None:
        raise BadInput(f"The table has no column `{name[:100]}`.")
    return column


def _rows(frame: Frame, query: TableQuery, rows: Integers) -> list[dict[str, Any]]:
    for order in reversed(query.orders):
        if order.column is None:
            raise BadInput("Rows are sorted by columns; only groups have a size.")
        rows = rows[_sorted(_column(frame, order.column).ranks[rows], order.descending)]
    chosen = rows[query.offset : query.offset + query.limit]
    tell = (lambda value: value) if query.whole else _shortened
    return [
        {"at": int(row), "cells": [tell(column.values[row]) for column in frame.columns]}
        for row in chosen
    ]


def _sorted(keys: Any, descending: bool) -> Integers:
    import numpy as np

    # NaN stays behind everything, whichever way round.
    return np.argsort(-keys if descending else keys, kind="stable")


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > CELL_CHARS:
        return {"_clipped": value[:CELL_CHARS], "length": len(value)}
    return value


def _groups(frame: Frame, query: TableQuery, rows: Integers) -> dict[str, Any]:
    import numpy as np

    by = [_column(frame, name) for name in query.group]
    groups, firsts = _grouped(by, rows)
    sizes = np.bincount(groups, minlength=len(firsts))
    order = _group_order(by, query, firsts, sizes)
    shown = order[query.offset : query.offset + query.limit]
    grouped = _only(rows, groups, shown, len(firsts))
    cells = [
        [None] * len(shown) if column in by else summarized(column, grouped)
        for column in frame.columns
    ]
    return {
        "total_groups": len(firsts),
        "groups": [
            {
                "key": [clipped(column.values[firsts[group]]) for column in by],
                "count": int(sizes[group]),
                "cells": [column[at] for column in cells],
            }
            for at, group in enumerate(shown)
        ],
    }


def _grouped(by: list[Column], rows: Integers) -> tuple[Integers, Integers]:
    """Return for each row its group, and for each group one of its rows."""
    import numpy as np

    groups = np.zeros(rows.size, dtype=np.int64)
    for column in by:
        codes, distinct = column.coded
        _, groups = np.unique(groups * len(distinct) + codes[rows], return_inverse=True)
        groups = groups.reshape(-1)
    _, firsts = np.unique(groups, return_index=True)
    return groups, rows[firsts]


def _group_order(
    by: list[Column], query: TableQuery, firsts: Integers, sizes: Integers
) -> Integers:
    """Sort groups as asked; those that are equal in it by their keys."""
    import numpy as np

    order = np.arange(len(firsts))
    for column in reversed(by):
        order = order[_sorted(column.ranks[firsts][order], False)]
    names = {column.name: column for column in by}
    for wanted in reversed(query.orders or (Order(None, True),)):
        if wanted.column is not None and wanted.column not in names:
            raise BadInput("Groups are sorted by their size or by what they are grouped by.")
        keys = sizes if wanted.column is None else names[wanted.column].ranks[firsts]
        order = order[_sorted(keys[order].astype(float), wanted.descending)]
    return order


def _only(rows: Integers, groups: Integers, shown: Integers, count: int) -> Grouped:
    """Return the groups that are shown, in their order."""
    import numpy as np

    places = np.full(count, -1, dtype=np.int64)
    places[shown] = np.arange(len(shown))
    at = places[groups]
    kept = at >= 0
    order = np.argsort(at[kept], kind="stable")
    return Grouped(rows[kept][order], at[kept][order], len(shown), rows)
