"""Where a table's cells are: rows, or columns as they came, of which rows are made when asked for.

Columns of numbers stay arrays: no cell of them becomes an object on its way into a file.
"""

from collections.abc import Callable
from typing import Any

from wandb._native import table_columns_json, table_rows_json
from wandb.data_types.column_kinds import BOOL, NUMBER, cell_kinds
from wandb.data_types.container_types import is_numpy_array

# What the native writer reads by columns; other types of numpy's go cell by cell.
_NATIVE_KINDS = "biuf"
_NATIVE_BYTES = 8


class TableStore:
    """The cells of a table.

    Args:
        rows: The rows, lists that belong to the store from now on.
        columns: The columns in place of rows; arrays or lists that nobody else changes.
    """

    def __init__(
        self, rows: list[list[Any]] | None = None, columns: list[Any] | None = None
    ) -> None:
        self._rows: list[Any] | None = rows if columns is None else None
        self._columns = columns
        if rows is None and columns is None:
            self._rows = []

    def __len__(self) -> int:
        if self._rows is not None:
            return len(self._rows)
        return len(self._columns[0]) if self._columns else 0

    def rows(self) -> list[Any]:
        """Return the rows, which the caller may change; columns are given up for them."""
        if self._rows is None:
            self._rows = self.shown_rows()
            self._columns = None
        return self._rows

    def shown_rows(self) -> list[Any]:
        """Return the rows to look at."""
        if self._rows is not None:
            return self._rows
        return [list(cells) for cells in zip(*(self._columns or ()), strict=True)]

    def column(self, place: int) -> list[Any]:
        """Return a column's cells."""
        if self._rows is not None:
            return [row[place] for row in self._rows]
        return list((self._columns or [])[place])

    def array(self, place: int) -> Any:
        """Return a copy of a column that is an array, or None if it is none."""
        if self._columns is None or not is_numpy_array(self._columns[place]):
            return None
        return self._columns[place].copy()

    def kinds(self, place: int) -> int:
        """Return the kinds of a column's cells."""
        if self._rows is not None:
            return cell_kinds.column(self._rows, place)
        return kinds_of((self._columns or [])[place])

    def add_row(self, row: list[Any]) -> None:
        """Add a row."""
        self.rows().append(row)

    def add_column(self, cells: Any, *, first: bool) -> None:
        """Add a column at the right.

        Args:
            cells: As many as there are rows.
            first: Whether there is no column yet; there may be no rows either, then.
        """
        if self._columns is not None:
            self._columns.append(frozen(cells))
        elif first and not self._rows:
            self._rows, self._columns = None, [frozen(cells)]
        else:
            for row, cell in zip(self._rows or (), cells, strict=True):
                row.append(cell)

    def drop_last_column(self) -> None:
        """Take the column at the right away again."""
        if self._columns is not None:
            self._columns.pop()
            if not self._columns:
                self._rows, self._columns = [], None
        else:
            for row in self._rows or ():
                row.pop()

    def json(
        self,
        head: bytes,
        tail: bytes,
        *,
        start: int,
        stop: int,
        convert: Callable[[Any], bytes],
        nan_is_null: bool,
        hidden: frozenset[int] = frozenset(),
    ) -> bytes:
        """Return a file's text: a head, rows from `start` to `stop`, and a tail.

        Args:
            head: What comes before the rows.
            tail: What comes behind them.
            start: The first row.
            stop: The row behind the last one.
            convert: Gives the JSON of a cell that isn't plain.
            nan_is_null: Whether a NaN is nothing.
            hidden: Columns whose cells are kept elsewhere; null stands for them.
        """
        stop = min(stop, len(self))
        if self._columns is None:
            rows = self.rows()[start:stop]
            if hidden:
                rows = [_without(row, hidden) for row in rows]
            return table_rows_json(rows, head, tail, convert, nan_is_null)
        cut = [
            [None] * (stop - start) if place in hidden else _native(column[start:stop])
            for place, column in enumerate(self._columns)
        ]
        return table_columns_json(cut, (0, stop - start), head, tail, convert, nan_is_null)


def _without(row: list[Any], hidden: frozenset[int]) -> list[Any]:
    return [None if place in hidden else cell for place, cell in enumerate(row)]


def kinds_of(column: Any) -> int:
    """Return the kinds of the cells of an array of numbers, or of a list."""
    if not is_numpy_array(column):
        return cell_kinds.items(column)
    if not len(column):
        return 0
    return BOOL if column.dtype.kind == "b" else NUMBER


def frozen(cells: Any) -> Any:
    """Return a copy of a column's cells: an array of numbers, or a list."""
    if is_numbers(cells):
        return cells.astype(cells.dtype.newbyteorder("="), order="C")
    return list(cells)


def is_numbers(cells: Any) -> bool:
    """Tell whether a column is an array whose cells need not be looked at."""
    if not is_numpy_array(cells) or cells.ndim != 1:
        return False
    return cells.dtype.kind in _NATIVE_KINDS and cells.dtype.itemsize <= _NATIVE_BYTES


# Half floats fit into floats; integers of any width into the widest of their kind.
_WIDEST = {"f": "float32", "i": "int64", "u": "uint64"}


def _native(column: Any) -> Any:
    if not is_numpy_array(column):
        return column
    kind, size = column.dtype.kind, column.dtype.itemsize
    native = kind == "b" or size == _NATIVE_BYTES or (kind == "f" and size == 4)
    return column if native else column.astype(_WIDEST[kind])
