"""Tables that are made of others: two joined by a key, or parts below each other.

A file of an artifact says what of: `{"_type": "joined-table", "table1", "table2", "join_key"}` or
`{"_type": "partitioned-table", "parts_path"}`, with paths of the same artifact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ferrule.errors import BadInput, TooLarge
from ferrule.tables.frame import Column, Frame, json_text

JOINED_ENDING = ".joined-table.json"
PARTED_ENDING = ".partitioned-table.json"
TABLE_ENDING = ".table.json"
# Of what says what a table is made of; the tables themselves are other files.
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Join:
    """Two tables side by side where a column of the first equals one of the second."""

    first: str
    second: str
    keys: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """All tables in a folder, by their paths."""

    folder: str


def is_composed(path: str) -> bool:
    """Tell whether a file's name says that it holds a table that is made of others."""
    return path.endswith((JOINED_ENDING, PARTED_ENDING))


def read_composition(path: str, body: bytes) -> Join | Parts:
    """Read what a table is made of.

    Raises:
        BadInput: The file doesn't say it.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise BadInput(f"`{path}` is no table: it can't be read as JSON.") from err
    found = said if isinstance(said, dict) else {}
    made = _parts(found) if path.endswith(PARTED_ENDING) else _join(found)
    if made is None:
        raise BadInput(f"`{path}` doesn't say which tables it is made of.")
    return made


def _parts(said: dict[str, Any]) -> Parts | None:
    folder = said.get("parts_path")
    return Parts(folder.rstrip("/")) if isinstance(folder, str) else None


def _join(said: dict[str, Any]) -> Join | None:
    first, second, key = (said.get(name) for name in ("table1", "table2", "join_key"))
    keys = [key, key] if isinstance(key, str) else key
    if not isinstance(first, str) or not isinstance(second, str) or not isinstance(keys, list):
        return None
    if len(keys) != 2 or not all(isinstance(one, str) for one in keys):
        return None
    return Join(first, second, (keys[0], keys[1]))


def stacked(parts: Sequence[Frame], *, max_cells: int) -> Frame:
    """Put the rows of tables below each other; columns go by their names.

    Args:
        parts: The tables. A column that one lacks is missing in its rows.
        max_cells: How many cells the table may have.

    Raises:
        TooLarge: It would have more.
    """
    names = list(dict.fromkeys(column.name for part in parts for column in part.columns))
    rows = sum(part.rows for part in parts)
    _refuse_more(rows * len(names), max_cells)

    def values(name: str) -> list[Any]:
        found: list[Any] = []
        for part in parts:
            column = part.by_name.get(name)
            found += [None] * part.rows if column is None else column.values
        return found

    columns = [Column(name, values(name)) for name in names]
    return Frame(columns, rows, sum(part.bytes for part in parts))


def joined(first: Frame, second: Frame, keys: tuple[str, str], *, max_cells: int) -> Frame:
    """Put the columns of two tables side by side, row by row where their keys are equal.

    Rows come as the first table has them, each as often as the second has its key; those of the
    second whose key the first lacks come last. No row is left out. A key that both call alike is
    one column; other columns of one name are told apart by a number.

    Args:
        first: One table.
        second: The other.
        keys: The column of the first, and that of the second.
        max_cells: How many cells the table may have.

    Raises:
        BadInput: A table lacks its column.
        TooLarge: The table would have more cells.
    """
    rows_of: dict[Any, list[int]] = {}
    for row, key in enumerate(_keys_of(second, keys[1])):
        if key is not None:
            rows_of.setdefault(key, []).append(row)
    own = _keys_of(first, keys[0])
    width = len(first.columns) + len(second.columns)
    count = sum(len(rows_of.get(key, ())) or 1 for key in own) + second.rows
    _refuse_more(count * width, max_cells)
    pairs = [(row, other) for row, key in enumerate(own) for other in rows_of.get(key, (None,))]
    met = {other for _, other in pairs}
    pairs_of_both: list[tuple[int | None, int | None]] = [*pairs]
    pairs_of_both += [(None, row) for row in range(second.rows) if row not in met]
    return _side_by_side(first, second, keys, pairs_of_both)


def _side_by_side(
    first: Frame,
    second: Frame,
    keys: tuple[str, str],
    pairs: list[tuple[int | None, int | None]],
) -> Frame:
    shared = keys[0] if keys[0] == keys[1] else None
    both = {column.name for column in first.columns} & {column.name for column in second.columns}
    columns = []
    for side, frame in enumerate((first, second)):
        for column in frame.columns:
            if column.name == shared:
                if side == 0:
                    columns.append(_merged(column, second.by_name[shared], pairs))
                continue
            name = f"{column.name} ({side + 1})" if column.name in both else column.name
            columns.append(Column(name, _picked(column, [pair[side] for pair in pairs])))
    return Frame(columns, len(pairs), first.bytes + second.bytes)


def _picked(column: Column, rows: list[int | None]) -> list[Any]:
    values = column.values
    return [None if row is None else values[row] for row in rows]


def _merged(first: Column, second: Column, pairs: list[tuple[int | None, int | None]]) -> Column:
    """Return the key of each row, from whichever table has it."""
    own, others = (
        _picked(one, [pair[at] for pair in pairs]) for at, one in ((0, first), (1, second))
    )
    values = [
        value if pair[0] is not None else other
        for value, other, pair in zip(own, others, pairs, strict=True)
    ]
    return Column(first.name, values)


def _keys_of(frame: Frame, name: str) -> list[Any]:
    column = frame.by_name.get(name)
    if column is None:
        raise BadInput(f"A table that is joined by `{name}` has no such column.")
    return [_key(value) for value in column.values]


def _key(value: Any) -> Any:
    """Tell 1 from true but not from 1.0; a missing key is None, and equals none."""
    if isinstance(value, (list, dict)):
        return json_text(value)
    return None if value is None else (type(value) is bool, value)


def _refuse_more(cells: int, max_cells: int) -> None:
    if cells > max_cells:
        raise TooLarge(f"The table has more than {max_cells} cells, too many to be looked into.")
