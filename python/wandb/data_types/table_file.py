"""The files of a table: the one in a run, which is short, and the one in an artifact."""

import io
import json
import sys
from typing import Any

from wandb._base.terminal import termwarn
from wandb.data_types.base import Content, MediaSink
from wandb.data_types.column_types import NumberType, Type, UnionType
from wandb.data_types.container_types import ListType, NDArrayType
from wandb.data_types.table_cells import artifact_text, run_text

_EXTENSION = ".table.json"
_ROWS = b', "data": ['


def run_content(table: Any) -> Content:
    """Return the file of a run's own; it has the first rows, and names the classes of media.

    Raises:
        TypeError: There is no JSON for a cell.
    """
    start, stop = _stretch(table, type(table).MAX_ROWS)
    data = table._store.json(
        json.dumps({"columns": table.columns})[:-1].encode() + _ROWS,
        b"]}",
        start=start,
        stop=stop,
        convert=run_text,
        nan_is_null=False,
    )
    return Content(_EXTENSION, data=data)


def artifact_content(table: Any, sink: MediaSink, name: str) -> Content:
    """Return the file of an artifact; arrays and media go into files beside it.

    Raises:
        OSError: A file can't be written.
        TypeError: There is no JSON for a cell.
        ValueError: There are too many rows, and a setting says that this is an error.
    """
    most = type(table).MAX_ARTIFACT_ROWS
    start, stop = _stretch(table, most)
    _tell_of_rows_left_out(len(table._store) - start, most)
    stop = min(stop, len(table._store))
    hidden = _keep_arrays(table, sink, name)
    before, behind = _around(table, sink, stop - start)
    data = table._store.json(
        before,
        behind,
        start=start,
        stop=stop,
        convert=artifact_text(sink, name),
        nan_is_null=True,
        hidden=hidden,
    )
    return Content(_EXTENSION, data=data)


def _stretch(table: Any, most: int) -> tuple[int, int]:
    """Return where the rows to write begin and end."""
    last = table._last_logged_idx if table.log_mode == "INCREMENTAL" else None
    start = 0 if last is None else last + 1
    return start, start + most


def _around(table: Any, sink: MediaSink, rows: int) -> tuple[bytes, bytes]:
    """Return what stands before the rows and behind them, in the order of the keys."""
    before = {
        "_type": table._log_type,
        "column_types": table._column_types.to_json(sink),
        "columns": table.columns,
    }
    behind = {"log_mode": table.log_mode, "ncols": len(table.columns), "nrows": rows}
    if table.log_mode == "INCREMENTAL":
        behind.update(table._increments())
    head = json.dumps(before, sort_keys=True)[:-1].encode() + _ROWS
    return head, b"], " + json.dumps(behind, sort_keys=True)[1:].encode()


def _tell_of_rows_left_out(rows: int, most: int) -> None:
    if rows <= most:
        return
    advice = "set wandb.Table.MAX_ARTIFACT_ROWS to keep more"
    if _is_an_error():
        raise ValueError(f"the table has {rows} rows and {most} are allowed; {advice}")
    termwarn(f"Table: of {rows} rows the first {most} are kept; {advice}.", repeat=False)


def _is_an_error() -> bool:
    # The original asks the current run, too, whatever run the table is logged to.
    run = vars(sys.modules.get("wandb") or sys).get("run")
    settings = getattr(run, "settings", None)
    return any(
        getattr(settings, name, False)
        for name in ("table_raise_on_max_row_limit_exceeded", "strict")
    )


def _keep_arrays(table: Any, sink: MediaSink, name: str) -> frozenset[int]:
    """Put columns of arrays into files of their own; return their places.

    Short arrays of one axis are lists in the table's own file.
    """
    places = set()
    for place, column in enumerate(table.columns):
        found = array_type(table._types[column])
        if found is None:
            continue
        shape = found.params["shape"]
        if len(shape) == 1 and shape[0] <= table._MAX_EMBEDDING_DIMENSIONS:
            # The original's column is of this type afterwards, and equals one that is read back.
            table._types[column] = ListType(NumberType, shape[0])
            table._allowed = None
            continue
        kept = sink.keep(_packed(table, column), kind="serialized_data", name=name)
        found._set_serialization_path(kept["path"], str(column))
        places.add(place)
    return frozenset(places)


def array_type(wb_type: Type) -> NDArrayType | None:
    """Return the type of arrays that a column's type is, or allows."""
    allowed = wb_type.params["allowed_types"] if isinstance(wb_type, UnionType) else [wb_type]
    return next((one for one in allowed if isinstance(one, NDArrayType)), None)


def _packed(table: Any, column: Any) -> Content:
    import numpy as np

    packed = io.BytesIO()
    arrays: dict[str, Any] = {str(column): table.get_column(column, convert_to="numpy")}
    np.savez_compressed(packed, **arrays)
    return Content(".npz", data=packed.getvalue())
