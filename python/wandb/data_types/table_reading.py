"""A table's files → the table."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from wandb._base.terminal import termwarn
from wandb.data_types.base import MediaSource
from wandb.data_types.column_types import TimestampType, Type, TypeRegistry, UnionType
from wandb.data_types.registry import value_of
from wandb.data_types.table_file import array_type
from wandb.data_types.table_keys import is_key

_SUFFIX = ".table.json"


class ArtifactSource(MediaSource, Protocol):
    """An artifact that values are read from."""

    aliases: list[str]

    def get(self, path: str) -> Any:
        """Return the value at a path, or None."""

    def paths(self) -> Iterable[str]:
        """Return the paths of all files."""


def read_table(kind: Any, wire: dict[str, Any], source: Any) -> Any:
    """Make a table.

    Args:
        kind: The class of tables.
        wire: The JSON of an artifact's file, or what stands in a run's row.
        source: Where files come from; an `ArtifactSource` for what needs one.

    Raises:
        ValueError: It stands for no table.
        OSError: A file can't be fetched.
    """
    if "data" not in wire and "path" in wire:
        wire = {**_json_file(source.fetch(wire["path"])), "log_mode": wire.get("log_mode")}
    columns, rows = wire.get("columns"), wire.get("data")
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise ValueError("a table's file has lists of `columns` and `data`; this one has not")
    log_mode = wire.get("log_mode") or "IMMUTABLE"
    if log_mode == "INCREMENTAL" and wire.get("_type") == "table":
        rows = list(_increments(source)) if wire.get("increment_num") is not None else []
    if wire.get("column_types") is None:
        return kind(columns=columns, data=_values(rows, source), log_mode=log_mode)
    return _typed_table(kind, wire, rows, source, log_mode)


def _typed_table(
    kind: Any, wire: dict[str, Any], rows: list[Any], source: Any, log_mode: str
) -> Any:
    whole = TypeRegistry.type_from_dict(wire["column_types"], source)
    by_text = {str(name): one for name, one in whole.params["type_map"].items()}
    columns = wire["columns"]
    try:
        types = {name: by_text[str(name)] for name in columns}
    except KeyError as err:
        raise ValueError(f"the table's file has no type for the column {err}") from err
    data = _values(rows, source)
    for place, name in enumerate(columns):
        _restore(data, place, types[name], source)
    dtypes = [types[name] for name in columns]
    optional = [not is_key(one) for one in dtypes]
    table = kind(columns=columns, data=data, dtype=dtypes, optional=optional, log_mode=log_mode)
    # Not as they were widened: what the file says holds.
    table._types.update(types)
    table._allowed = None
    table._update_keys()
    return table


def _values(rows: list[Any], source: Any) -> list[list[Any]]:
    return [[_value(cell, source) for cell in row] for row in rows]


def _value(cell: Any, source: Any) -> Any:
    if isinstance(cell, dict) and isinstance(cell.get("_type"), str):
        try:
            return value_of(cell, source)
        except ValueError:
            return cell  # a dict of the user's own
    return cell


def _restore(rows: list[list[Any]], place: int, wb_type: Type, source: Any) -> None:
    """Turn a column's cells into what JSON has no form for: times, and arrays."""
    arrays = array_type(wb_type)
    kept = None if arrays is None else arrays._get_serialization_path()
    if arrays is not None and kept is not None:
        for row, array in zip(
            rows, _unpacked(source.fetch(kept["path"]), kept["key"]), strict=False
        ):
            row[place] = array
        arrays._clear_serialization_path()
    elif _holds_times(wb_type):
        for row in rows:
            row[place] = _moment(row[place])


def _holds_times(wb_type: Type) -> bool:
    allowed = wb_type.params["allowed_types"] if isinstance(wb_type, UnionType) else [wb_type]
    return any(isinstance(one, TimestampType) for one in allowed)


def _moment(cell: Any) -> Any:
    from datetime import datetime, timezone

    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return datetime.fromtimestamp(cell / 1000, tz=timezone.utc)
    return cell


def _unpacked(path: str, key: str) -> Any:
    import numpy as np

    # The file comes from a server: it may hold numbers, and no objects that would run code.
    with np.load(path, allow_pickle=False) as packed:
        return packed[key]


def _json_file(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    if not isinstance(found, dict):
        raise ValueError("a table's file is a JSON object; this one is none")
    return found


def _increments(source: ArtifactSource) -> Iterator[Any]:
    """Yield the rows of all increments that a version of an artifact has, in their order."""
    if "latest" not in source.aliases:
        termwarn(
            "Table: this is not the latest version of a table that is logged in increments, and "
            "its rows may be out of order. Get the artifact's `latest` version.",
            repeat=False,
        )
    for path in sorted((path for path in source.paths() if path.endswith(_SUFFIX)), key=_order):
        rows = _json_file(source.fetch(path)).get("data")
        if not isinstance(rows, list):
            raise ValueError(f"the table's file {path} has no list of rows as `data`")
        yield from rows


def _order(path: str) -> tuple[int, int]:
    """Return an increment's number and time: files are named `3-1700000000000.key.table.json`."""
    number, _, time = path.partition(".")[0].partition("-")
    if number == "None":  # The original's first increment is named so.
        number = "0"
    try:
        return int(number), int(time or 0)
    except ValueError:
        termwarn(
            f"Table: {path} is not named as an increment is, `<number>-<time>.<key>{_SUFFIX}`; "
            "the rows may be out of order.",
            repeat=False,
        )
        return 0, 0
