"""Cells that name a row of another table, and the types of the columns that hold them."""

from typing import Any

from wandb.data_types.column_types import InvalidType, NumberType, StringType, Type, TypeRegistry


class TableLink:
    """A cell that belongs to a row of a table."""

    _table: Any = None


class TableKey(str, TableLink):
    """The text by which a table's column names a row."""

    _col_name: str

    def set_table(self, table: Any, col_name: str) -> None:
        """Say which table and column it is of.

        Raises:
            AssertionError: The table has no such column.
        """
        if col_name not in table.columns:
            raise AssertionError(f"the table has no column {col_name!r}; it has {table.columns}")
        self._table = table
        self._col_name = col_name


class TableIndex(int, TableLink):
    """The number of a row of a table."""

    def set_table(self, table: Any) -> None:
        """Say which table it is of."""
        self._table = table

    def get_row(self) -> dict[Any, Any]:
        """Return the row's cells by their columns; none if the table is not known."""
        table = self._table
        return dict(zip(table.columns, table.data[self], strict=True)) if table else {}


class PrimaryKeyType(Type):
    """Holds the texts by which the table's own rows are named."""

    name = "primaryKey"
    legacy_names = ("wandb.TablePrimaryKey",)

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself for text."""
        return self if isinstance(wb_type, (StringType, PrimaryKeyType)) else InvalidType()

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "PrimaryKeyType":
        """Make the type of a key.

        Raises:
            TypeError: It is none.
        """
        if not isinstance(py_obj, TableKey):
            raise TypeError(f"a key of a table is needed, not {py_obj!r}")
        return cls()


class _LinkType(Type):
    """Refers to another table, which goes into the artifact with the one that has the column."""

    def _same(self, other: Type) -> bool:
        mine, theirs = self.params, other.params
        return (
            type(other) is type(self)
            and mine["table"] is theirs["table"]
            and mine.get("col_name") == theirs.get("col_name")
        )

    def to_json(self, artifact: Any = None) -> dict[str, Any]:
        """Return its JSON, and put the table it refers to into the artifact.

        Raises:
            AssertionError: There is no artifact.
        """
        if artifact is None:
            raise AssertionError("a column that refers to another table needs an artifact")
        from wandb._base.ids import generate_id

        entry = artifact.add(self.params["table"], f"media/tables/t_{generate_id()}")
        return {"wb_type": self.name, "params": {**self.params, "table": entry.path}}

    @classmethod
    def from_json(cls, json_dict: dict[str, Any], artifact: Any = None) -> "Type":
        """Make the type of its JSON, with the table fetched from the artifact.

        Raises:
            AssertionError: The artifact does not have it.
        """
        params = dict(json_dict["params"])
        table = None if artifact is None else artifact.get(params["table"])
        if table is None:
            raise AssertionError(
                f"the table {params['table']!r} that a column refers to is missing"
            )
        return cls(**{**params, "table": table})


class ForeignKeyType(_LinkType):
    """Holds keys of another table.

    Args:
        table: The other table.
        col_name: Its column of keys.
    """

    name = "foreignKey"
    legacy_names = ("wandb.TableForeignKey",)
    types = (TableKey,)

    def __init__(self, table: Any, col_name: str) -> None:
        if col_name not in table.columns:
            raise AssertionError(f"the table has no column {col_name!r}; it has {table.columns}")
        self.params.update({"table": table, "col_name": col_name})

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself for text, and for keys of the same column."""
        return self if isinstance(wb_type, StringType) or self._same(wb_type) else InvalidType()

    def wrapped(self, cell: Any) -> TableKey:
        """Return a cell as a key of the other table."""
        return _key(cell, self.params["table"], self.params["col_name"])

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "ForeignKeyType":
        """Make the type of a key.

        Raises:
            TypeError: It is none.
        """
        if not isinstance(py_obj, TableKey):
            raise TypeError(f"a key of a table is needed, not {py_obj!r}")
        return cls(py_obj._table, py_obj._col_name)


class ForeignIndexType(_LinkType):
    """Holds numbers of another table's rows.

    Args:
        table: The other table.
    """

    name = "foreignIndex"
    legacy_names = ("wandb.TableForeignIndex",)
    types = (TableIndex,)

    def __init__(self, table: Any) -> None:
        self.params["table"] = table

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself for numbers, and for rows of the same table."""
        return self if isinstance(wb_type, NumberType) or self._same(wb_type) else InvalidType()

    def wrapped(self, cell: Any) -> TableIndex:
        """Return a cell as the number of a row of the other table."""
        index = TableIndex(cell)
        index.set_table(self.params["table"])
        return index

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "ForeignIndexType":
        """Make the type of a row's number.

        Raises:
            TypeError: It is none.
        """
        if not isinstance(py_obj, TableIndex):
            raise TypeError(f"a row's number of a table is needed, not {py_obj!r}")
        return cls(py_obj._table)


def takes(wb_type: Type, cell: TableLink) -> bool:
    """Tell whether a column refers to the cell's table already."""
    return is_key(wb_type) and not isinstance(wb_type.assign(cell), InvalidType)


def is_key(wb_type: Type) -> bool:
    """Tell whether a type is that of a key, or refers to another table."""
    return isinstance(wb_type, (_LinkType, PrimaryKeyType))


def check(table: Any, wb_type: Type) -> None:
    """Find out whether a column of a table may become of a type.

    Raises:
        AssertionError: It would be the second key, or refer to its own table.
    """
    if isinstance(wb_type, PrimaryKeyType) and table._pk_col is not None:
        raise AssertionError(
            f"column {table._pk_col!r} is the table's key already; a table has one key"
        )
    if isinstance(wb_type, _LinkType) and wb_type.params["table"] is table:
        raise AssertionError("a column can't refer to its own table; take a copy of the table")
    allowed = wb_type.params.get("allowed_types", ())
    if any(is_key(one) for one in allowed):
        raise AssertionError("keys and references to other tables can't be optional")


def update(table: Any, *, new_rows: slice = slice(0)) -> None:
    """Look which columns are keys now, and make keys of their cells.

    Args:
        table: The table.
        new_rows: Which rows are new.

    Raises:
        AssertionError: A column was a key and is none any more.
    """
    types = table._types
    keys = [name for name, one in types.items() if isinstance(one, PrimaryKeyType)]
    links = {name for name, one in types.items() if isinstance(one, _LinkType)}
    key = keys[-1] if keys else None
    if (table._pk_col is not None and key is None) or table._fk_cols - links:
        lost = sorted(map(str, {table._pk_col, *table._fk_cols} - {None, key, *links}))
        raise AssertionError(f"{', '.join(lost)}: a column that is a key stays one")
    changed = (key, links) != (table._pk_col, table._fk_cols)
    table._pk_col, table._fk_cols = key, links
    if keys or links:
        for row in table.data[slice(None) if changed else new_rows]:
            _wrap(table, row)


def _wrap(table: Any, row: list[Any]) -> None:
    for name in table._fk_cols:
        place, wb_type = table.columns.index(name), table._types[name]
        if not isinstance(row[place], TableLink):
            row[place] = wb_type.wrapped(row[place])
    if table._pk_col is not None:
        place = table.columns.index(table._pk_col)
        row[place] = _key(row[place], table, table._pk_col)


def _key(cell: Any, table: Any, column: Any) -> TableKey:
    key = TableKey(cell)
    key.set_table(table, column)
    return key


for _type in (PrimaryKeyType, ForeignKeyType, ForeignIndexType):
    TypeRegistry.add(_type)
