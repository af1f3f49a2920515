"""Files that hold tables, to tables: JSON as clients write it, Parquet, CSV and TSV."""

import contextlib
import csv
import io
import json
from collections.abc import Callable
from typing import Any

import orjson

from ferrule.errors import BadInput, TooLarge
from ferrule.tables.frame import Column, Frame
from wandb._native import parquet_table

# Of the JSON that a Parquet file is read by: a small file may repeat a long text very often.
MAX_TEXT = 512 << 20

Named = tuple[list[str], list[list[Any]], int]
"""Names of columns, their cells, and how many bytes of text they were read from."""


def read_table(name: str, body: bytes, *, max_cells: int) -> Frame:
    """Read a file that holds a table.

    Args:
        name: The file's name, by whose end its format is known.
        body: All of it.
        max_cells: How many cells a table may have.

    Raises:
        BadInput: It holds none.
        TooLarge: It has more cells.
    """
    lowered = name.lower()
    for ending, read in _READERS.items():
        if lowered.endswith(ending):
            return _frame(*read(body, max_cells))
    raise BadInput(f"`{name}` is no table: its name ends with none of {', '.join(_READERS)}.")


def _frame(names: list[str], columns: list[list[Any]], size: int) -> Frame:
    rows = len(columns[0]) if columns else 0
    return Frame([Column(*pair) for pair in zip(names, columns, strict=True)], rows, size)


def _refuse_more(cells: int, max_cells: int) -> None:
    if cells > max_cells:
        raise TooLarge(f"The table has more than {max_cells} cells, too many to be looked into.")


def _read_json(body: bytes, max_cells: int) -> Named:
    # Lists in memory are many times as large as their text; commas and brackets are counted
    # before any is made.
    _refuse_more(body.count(b",") + body.count(b"["), 4 * max_cells)
    content = _parsed(body)
    names, data = (content.get(field) for field in ("columns", "data"))
    if not isinstance(names, list) or not isinstance(data, list):
        raise BadInput("The file is no table: it lacks `columns` or `data`.")
    _refuse_more(len(names) * len(data), max_cells)
    width = len(names)
    rows = [_row(row, width) for row in data]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    return [str(name) for name in names], columns, len(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = _with_nan(body)
    if not isinstance(content, dict):
        raise BadInput("The file is no table: it is no JSON object.")
    return content


def _with_nan(body: bytes) -> Any:
    """Read JSON that has NaN or infinities bare, as Python writes it."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as err:
        raise BadInput("The file is no table: it can't be read as JSON.") from err


def _row(row: Any, width: int) -> list[Any]:
    """Return a row in the width of its table: ragged ones are filled up or cut."""
    cells = row if isinstance(row, list) else [row]
    return cells if len(cells) == width else (cells + [None] * width)[:width]


def _read_parquet(body: bytes, max_cells: int) -> Named:
    try:
        names, texts = parquet_table(body, most_cells=max_cells, most_bytes=MAX_TEXT)
    except ValueError as err:
        raise BadInput(f"The file is no table: {err}.") from err
    except OverflowError as err:
        raise TooLarge(f"The table is too large to be looked into: {err}.") from err
    return names, [orjson.loads(text) for text in texts], sum(map(len, texts))


def _read_csv(body: bytes, max_cells: int) -> Named:
    return _separated(body, max_cells, ",")


def _read_tsv(body: bytes, max_cells: int) -> Named:
    return _separated(body, max_cells, "\t")


def _separated(body: bytes, max_cells: int, delimiter: str) -> Named:
    _refuse_more(body.count(delimiter.encode()) + body.count(b"\n"), max_cells)
    text = io.StringIO(body.decode("utf-8-sig", "replace"), newline="")
    try:
        rows = list(csv.reader(text, delimiter=delimiter))
    except csv.Error as err:
        raise BadInput(f"The file is no table: {err}.") from err
    if not rows:
        raise BadInput("The file is no table: it is empty.")
    names, *data = rows
    _refuse_more(len(names) * len(data), max_cells)
    filled = [_row(row, len(names)) for row in data if row]
    columns = [list(column) for column in zip(*filled, strict=True)] or [[] for _ in names]
    return names, [_guessed(column) for column in columns], len(body)


def _guessed(column: list[Any]) -> list[Any]:
    """Return texts as numbers, if all of them that are not empty are some."""
    given = [text for text in column if text]
    if not given:
        return [None] * len(column)
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return [kind(text) if text else None for text in column]
    words = {"true": True, "false": False}
    if all(text.lower() in words for text in given):
        return [words[text.lower()] if text else None for text in column]
    return column


_READERS: dict[str, Callable[[bytes, int], Named]] = {
    ".json": _read_json,
    ".parquet": _read_parquet,
    ".csv": _read_csv,
    ".tsv": _read_tsv,
}
