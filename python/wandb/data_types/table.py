"""`Table`: rows of cells in named columns, each column of one type."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Literal, NoReturn

from wandb._base.terminal import termwarn
from wandb.data_types import table_frames, table_keys
from wandb.data_types.base import MediaSource, WBValue
from wandb.data_types.column_kinds import ALL, LINK, cell_kinds, unchanged_by, widened
from wandb.data_types.column_types import (
    AnyType,
    InvalidType,
    OptionalType,
    Type,
    TypeRegistry,
    UnknownType,
)
from wandb.data_types.container_types import TypedDictType, is_numpy_array
from wandb.data_types.table_frames import columns_of_array, columns_of_frame, is_data_frame
from wandb.data_types.table_keys import TableIndex, TableLink
from wandb.data_types.table_log import LoggedTable
from wandb.data_types.table_store import TableStore, is_numbers, kinds_of
from wandb.data_types.table_words import difference_of, misfit, short

_DEFAULT_COLUMNS = ("Input", "Output", "Expected")


class Table(LoggedTable):
    """Rows of cells in named columns.

    A cell holds a number, text, a boolean, nothing, a time, a list, an array, or media such as
    `wandb.Image`. A column holds cells of one type, told by the first that is not empty.

    Attributes:
        columns: The names of the columns.
        data: The rows, a list of lists.
        log_mode: What happens to a table that is changed after it was logged.
        MAX_ROWS: How many rows go into a run's own file; the artifact has more of them.
        MAX_ARTIFACT_ROWS: How many rows an artifact has. Set it to keep more.
    """

    MAX_ROWS: ClassVar[int] = 10000
    MAX_ARTIFACT_ROWS: ClassVar[int] = 200000
    _MAX_EMBEDDING_DIMENSIONS: ClassVar[int] = 150
    _log_type = "table"

    def __init__(
        self,
        columns: Any = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: Any = True,
        allow_mixed_types: bool = False,
        log_mode: Literal["IMMUTABLE", "MUTABLE", "INCREMENTAL"] | None = "IMMUTABLE",
    ) -> None:
        """Make a table of rows, of an array, or of a data frame.

        Args:
            columns: The names of the columns, strings or integers. The default is `Input`,
                `Output`, `Expected`; a data frame brings its own.
            data: A list of rows, a numpy array of two dimensions, or a data frame.
            rows: The same, by its old name.
            dataframe: A data frame of pandas'; its index is left out.
            dtype: The columns' types, one for all or a list; see `cast`.
            optional: Whether cells may be empty, one for all columns or a list.
            allow_mixed_types: Whether a column may hold anything.
            log_mode: `IMMUTABLE` tables are logged once. `MUTABLE` ones are logged anew, whole,
                after a change; of `INCREMENTAL` ones each log has the rows that are new.

        Raises:
            AssertionError: An argument is not of the kind that it must be.
            TypeError: A cell does not fit its column.
            ValueError: A row has more or fewer cells than there are columns.
        """
        self._begin_log(log_mode)
        self._pk_col: Any = None
        self._fk_cols: set[Any] = set()
        self._store = TableStore([])
        given = data if dataframe is None else dataframe
        if dataframe is not None and not is_data_frame(dataframe):
            raise AssertionError(
                f"dataframe must be a data frame of pandas', not {short(dataframe)}"
            )
        if given is None:
            given = [] if rows is None else rows
        if is_data_frame(given):
            columns = list(given.columns)
        self._name_columns(list(_DEFAULT_COLUMNS) if columns is None else columns)
        self._make_column_types(AnyType if allow_mixed_types else dtype, optional)
        self._fill(given)

    # --- making ------------------------------------------------------------------------------

    def _name_columns(self, columns: Any) -> None:
        if not isinstance(columns, list):
            raise AssertionError(
                f"columns must be a list of names, not {short(columns)}; write list(columns)"
            )
        for name in columns:
            if type(name) not in (str, int):
                raise AssertionError(
                    f"names of columns must be strings or integers, and {short(name)} is of "
                    f"{type(name).__name__}; write [str(name) for name in columns]"
                )
        self.columns = list(columns)
        if len(set(columns)) < len(columns):
            twice = sorted({str(name) for name in columns if columns.count(name) > 1})
            termwarn(
                f"Table: columns of the same name can't be told apart: {', '.join(twice)}. The "
                "cells are kept; give each column a name of its own.",
                repeat=False,
            )

    def _make_column_types(self, dtype: Any, optional: Any) -> None:
        self._column_types = TypedDictType({})
        self._allowed: bytes | None = None
        dtypes = self._for_each("dtype", UnknownType() if dtype is None else dtype)
        optionals = self._for_each("optional", optional)
        for name, one, may_be_empty in zip(self.columns, dtypes, optionals, strict=True):
            self.cast(name, one, may_be_empty)

    def _for_each(self, argument: str, given: Any) -> list[Any]:
        if not isinstance(given, list):
            return [given] * len(self.columns)
        if len(given) != len(self.columns):
            raise ValueError(
                f"{argument} has {len(given)} items for {len(self.columns)} columns "
                f"({self.columns}); give one for each, or one for all"
            )
        return given

    def _fill(self, given: Any) -> None:
        if is_data_frame(given):
            self._take_columns(columns_of_frame(given))
        elif is_numpy_array(given):
            self._take_columns(columns_of_array(given, len(self.columns)))
        elif isinstance(given, list):
            self._take_rows(given)
        else:
            raise AssertionError(
                f"data must be a list of rows, a numpy array or a data frame, not {short(given)}"
            )

    def _take_columns(self, columns: list[Any]) -> None:
        self._take_kinds(columns, [kinds_of(column) for column in columns])

    def _take_rows(self, rows: list[Any]) -> None:
        columns, kinds, ragged = table_frames.columns_of_rows(rows, len(self.columns))
        if ragged is not None:
            self._refuse_ragged(rows[ragged], f"row {ragged} has")
        self._take_kinds(columns, kinds)
        if rows and not columns:
            self._store = TableStore.of_rows([[] for _ in rows])

    def _take_kinds(self, columns: list[Any], kinds: Sequence[int]) -> None:
        if any(one & LINK for one in kinds):
            self._store = TableStore([[] for _ in columns])
            for row in zip(*columns, strict=True):
                self.add_data(*row)
            return
        self._store = TableStore(columns)
        self._widen(kinds)

    def _widen(self, kinds: Any) -> None:
        types = self._types
        last = {name: place for place, name in enumerate(self.columns)}
        for name, place in last.items():
            types[name] = self._over(place, types[name], kinds[place])
        self._allowed = None
        self._update_keys(slice(None))

    def _over(self, place: int, wb_type: Type, kinds: int) -> Type:
        """Return what a type becomes by the cells of a column."""
        found = widened(wb_type, kinds)
        if found is not None:
            return found
        for row, cell in enumerate(self._store.column(place)):
            taken = wb_type.assign(cell)
            if isinstance(taken, InvalidType):
                raise TypeError(misfit(self.columns[place], wb_type, cell, row))
            wb_type = taken
        return wb_type

    @property
    def _types(self) -> dict[Any, Type]:
        types: dict[Any, Type] = self._column_types.params["type_map"]
        return types

    # --- reading -----------------------------------------------------------------------------

    @property
    def data(self) -> list[Any]:
        """The rows, a list of lists. What is changed in them is logged, and not checked."""
        rows: list[Any] = self._store.rows()
        return rows

    @data.setter
    def data(self, rows: list[Any]) -> None:
        self._store = TableStore.of_rows(rows)

    def iterrows(self) -> Iterator[tuple[TableIndex, list[Any]]]:
        """Iterate over the rows.

        Yields:
            The row's number, which as a cell of another table refers to this one, and the row.
        """
        for number in range(len(self._store)):
            yield self._index(number), self.data[number]

    def get_column(self, name: Any, convert_to: Literal["numpy"] | None = None) -> Any:
        """Return a column's cells as a list, or as an array.

        Args:
            name: The column.
            convert_to: `"numpy"` for an array.

        Raises:
            AssertionError: There is no such column, or no such conversion.
        """
        place = self._place(name)
        if convert_to not in (None, "numpy"):
            raise AssertionError(f"convert_to must be 'numpy' or None, not {convert_to!r}")
        if convert_to is None:
            return self._store.column(place)
        array = self._store.array(place)
        if array is not None:
            return array
        import numpy as np

        return np.array([_as_array(cell) for cell in self._store.column(place)])

    def get_index(self) -> list[TableIndex]:
        """Return the numbers of the rows; as cells of another table they refer to this one."""
        return [self._index(number) for number in range(len(self._store))]

    def index_ref(self, index: int) -> TableIndex:
        """Return the number of one row, to be a cell of another table.

        Raises:
            AssertionError: There are not so many rows.
        """
        if index >= len(self._store):
            raise AssertionError(f"there is no row {index}; the table has {len(self._store)}")
        return self._index(index)

    def get_dataframe(self) -> Any:
        """Return the table as a data frame of pandas'.

        Raises:
            wandb.Error: pandas is not installed.
        """
        try:
            import pandas as pd  # type: ignore[import-untyped, unused-ignore]
        except ImportError as err:
            from wandb.errors import Error

            raise Error("get_dataframe needs pandas; install it with `pip install pandas`") from err
        return pd.DataFrame.from_records(self._store.shown_rows(), columns=self.columns)

    def _index(self, number: int) -> TableIndex:
        index = TableIndex(number)
        index.set_table(self)
        return index

    def _place(self, name: Any) -> int:
        if name not in self.columns:
            raise AssertionError(f"the table has no column {name!r}; it has {self.columns}")
        return self.columns.index(name)

    # --- changing ----------------------------------------------------------------------------

    def add_data(self, *data: Any) -> None:
        """Add a row.

        Args:
            *data: Its cells, one for each column.

        Raises:
            TypeError: A cell does not fit its column; the row is not added.
            ValueError: There are more or fewer cells than columns.
        """
        self._before_change()
        if len(data) != len(self.columns):
            self._refuse_ragged(data, "found")
        if self._allowed is None:
            self._allowed = self._kinds_that_fit()
        places = cell_kinds.misfits(data, self._allowed)
        if places is not None:
            self._admit(data, places)
        self._store.add_row(data)
        if self._pk_col is not None or self._fk_cols or places is not None:
            self._update_keys(slice(-1, None))
        self._after_append()

    def add_row(self, *row: Any) -> None:
        """Add a row; the old name of `add_data`."""
        termwarn("Table.add_row is deprecated: use add_data, which does the same.", repeat=False)
        self.add_data(*row)

    def add_column(self, name: str, data: Any, optional: bool = False) -> None:
        """Add a column.

        Args:
            name: Its name, which no other column has.
            data: Its cells, a list or an array; as many as there are rows.
            optional: Whether cells may be empty.

        Raises:
            AssertionError: An argument is not of the kind that it must be.
            TypeError: The cells are not of one type; the table stays as it was.
            wandb.Error: The table is logged in increments.
        """
        self._refuse_increments("add_column")
        self._before_change()
        self._check_new_column(name, data, optional)
        self._store.add_column(data)
        self.columns.append(name)
        try:
            kinds = kinds_of(data) if is_numbers(data) else None
            self._cast(name, UnknownType(), optional, kinds)
        except TypeError:
            self._store.drop_last_column()
            self.columns.pop()
            raise

    def add_computed_columns(self, fn: Callable[[int, dict[Any, Any]], dict[str, Any]]) -> None:
        """Add columns that are computed of the others.

        Args:
            fn: Called with each row's number and the row as a dict by columns; returns a dict
                of the new columns' cells.

        Raises:
            AssertionError: It returned no dict.
            wandb.Error: The table is logged in increments.
        """
        self._refuse_increments("add_computed_columns")
        self._before_change()
        added: dict[str, list[Any]] = {}
        for number, row in self.iterrows():
            made = fn(number, dict(zip(self.columns, row, strict=True)))
            if not isinstance(made, dict):
                raise AssertionError(
                    f"the function must return a dict of new cells, not {short(made)} "
                    f"(row {number}); no column was added"
                )
            for name, cell in made.items():
                added.setdefault(name, []).append(cell)
        for name, cells in added.items():
            self.add_column(name, cells)

    def cast(self, col_name: Any, dtype: Any, optional: bool = False) -> Type:
        """Say which type a column has.

        Args:
            col_name: The column.
            dtype: A class of Python's or of media, an example of a value, a type, a list of
                one type for lists of it, or of several for any of them.
            optional: Whether cells may be empty.

        Returns:
            The column's type.

        Raises:
            AssertionError: There is no such column, or the type can't be that of a key.
            TypeError: A cell does not fit; the column keeps its type.
        """
        self._before_change()
        return self._cast(col_name, dtype, optional)

    def set_pk(self, col_name: Any) -> None:
        """Make a column the key by which other tables name this one's rows.

        Raises:
            AssertionError: There is no such column, or another one is the key.
            TypeError: Its cells are not text.
        """
        self.cast(col_name, table_keys.PrimaryKeyType())

    def set_fk(self, col_name: Any, table: "Table", table_col: Any) -> None:
        """Make a column name rows of another table.

        Args:
            col_name: The column.
            table: The other table.
            table_col: Its column that names the rows.

        Raises:
            AssertionError: There is no such column, or it is this table's own key.
            TypeError: Its cells are not text.
        """
        self._place(col_name)
        if col_name == self._pk_col:
            raise AssertionError(f"column {col_name!r} is the table's own key")
        if not isinstance(table, Table):
            raise AssertionError(f"`table` must be a table, not {short(table)}")
        self.cast(col_name, table_keys.ForeignKeyType(table, table_col))

    def _cast(self, name: Any, dtype: Any, optional: bool, kinds: int | None = None) -> Type:
        place = self._place(name)
        wb_type = TypeRegistry.type_from_dtype(dtype)
        wb_type = OptionalType(wb_type) if optional else wb_type
        if len(self._store):
            found = self._store.kinds(place) if kinds is None else kinds
            wb_type = self._over(place, wb_type, found)
        table_keys.check(self, wb_type)
        self._types[name] = wb_type
        self._allowed = None
        self._update_keys()
        return wb_type

    def _admit(self, row: tuple[Any, ...], places: list[int]) -> None:
        """Let the columns' types take the cells of a row that they do not have yet."""
        taken: dict[Any, Type] = {}
        for place in places:
            name, cell = self.columns[place], row[place]
            if isinstance(cell, TableLink) and not table_keys.takes(self._types[name], cell):
                self._cast(name, TypeRegistry.type_of(cell), optional=False)
            found = self._types[name].assign(cell)
            if isinstance(found, InvalidType):
                raise TypeError(misfit(name, self._types[name], cell, None))
            if found != self._types[name]:
                taken[name] = found
        if taken:
            self._types.update(taken)
            self._allowed = None

    def _kinds_that_fit(self) -> bytes:
        last = {name: place for place, name in enumerate(self.columns)}
        types = self._types
        return bytes(
            unchanged_by(types[name]) if last[name] == place else ALL
            for place, name in enumerate(self.columns)
        )

    def _check_new_column(self, name: Any, data: Any, optional: Any) -> None:
        if not isinstance(name, str) or name in self.columns:
            raise AssertionError(
                f"a new column needs a string as its name that no other has ({self.columns}), "
                f"not {name!r}"
            )
        if not isinstance(data, list) and not is_numpy_array(data):
            raise AssertionError(f"a column must be a list or a numpy array, not {short(data)}")
        if not isinstance(optional, bool):
            raise AssertionError(f"optional must be True or False, not {optional!r}")
        if self.columns and len(data) != len(self._store):
            raise AssertionError(
                f"column {name!r} has {len(data)} cells and the table {len(self._store)} rows"
            )

    def _update_keys(self, new_rows: slice = slice(0)) -> None:
        table_keys.update(self, new_rows=new_rows)

    def _refuse_ragged(self, row: Any, found: str) -> NoReturn:
        raise ValueError(
            f"This table expects {len(self.columns)} columns: {self.columns}, {found} "
            f"{len(list(row))} cells: {short(row)}"
        )

    # --- comparing ---------------------------------------------------------------------------

    def _eq_debug(self, other: Any, should_assert: bool = False) -> bool:
        difference = difference_of(self, other)
        if should_assert and difference is not None:
            raise AssertionError(difference)
        return difference is None

    def __eq__(self, other: object) -> bool:
        return self._eq_debug(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    # --- files -------------------------------------------------------------------------------

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Table":
        """Make the table of the JSON of an artifact's file, or of what stands in a run's row.

        Raises:
            ValueError: It stands for no table.
            OSError: A file can't be fetched.
        """
        from wandb.data_types.table_reading import read_table

        table: Table = read_table(cls, wire, source)
        return table


def _as_array(cell: Any) -> Any:
    convert = getattr(cell, "to_data_array", None) if isinstance(cell, WBValue) else None
    return cell if convert is None else convert()
