"""Where a table's cells are: in columns, of which rows are made when somebody asks for rows.

Columns of numbers stay arrays: no cell of them becomes an object on its way into a file. And rows
would be a list for each, which Python's garbage collector looks at again and again.
"""

from collections.abc import Callable, Sequence
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
        columns: The columns; arrays or lists that nobody else changes.
    """

    def __init__(self, columns: list[Any]) -> None:
        self._columns: list[Any] | None = columns
        self._rows: list[Any] = []

    @classmethod
    def of_rows(cls, rows: list[Any]) -> "TableStore":
        """Make one of rows that the caller may change."""
        store = cls([])
        store._columns, store._rows = None, rows
        return store

    def __len__(self) -> int:
        if self._columns is None:
            return len(self._rows)
        return len(self._columns[0]) if self._columns else 0

    def rows(self) -> list[Any]:
        """Return the rows, which the caller may change; the columns are given up for them."""
        if self._columns is not None:
            self._rows, self._columns = self.shown_rows(), None
        return self._rows

    def shown_rows(self) -> list[Any]:
        """Return the rows to look at."""
        if self._columns is None:
            return self._rows
        return [list(cells) for cells in zip(*self._columns, strict=True)]

    def column(self, place: int) -> list[Any]:
        """Return a column's cells."""
        if self._columns is None:
            return [row[place] for row in self._rows]
        return list(self._columns[place])

    def array(self, place: int) -> Any:
        """Return a copy of a column that is an array, or None if it is none."""
        if self._columns is None or not is_numpy_array(self._columns[place]):
            return None
        return self._columns[place].copy()

    def kinds(self, place: int) -> int:
        """Return the kinds of a column's cells."""
        if self._columns is None:
            return cell_kinds.column(self._rows, place)
        return kinds_of(self._columns[place])

    def add_row(self, row: Sequence[Any]) -> None:
        """Add a row."""
        if not self._columns:
            self.rows().append(list(row))
            return
        for place, cell in enumerate(row):
            column = self._columns[place]
            if type(column) is not list:
                column = self._columns[place] = list(column)
            column.append(cell)

    def add_column(self, cells: Any) -> None:
        """Add a column at the right; its cells make the rows of a table that has no column."""
        if self._columns is not None:
            self._columns.append(frozen(cells))
        elif self._rows:
            for row, cell in zip(self._rows, cells, strict=True):
                row.append(cell)
        else:
            self._columns = [frozen(cells)]

    def drop_last_column(self) -> None:
        """Take the column at the right away again."""
        if self._columns is not None:
            self._columns.pop()
        for row in self._rows:
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
            rows = self._rows[start:stop]
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
