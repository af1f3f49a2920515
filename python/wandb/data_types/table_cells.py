"""Cells of tables as JSON: in a run's file, and in an artifact's.

Only cells that are neither None, nor booleans, numbers or text come here; the native writer knows
those. A run's file names the class of a media cell. An artifact's file has its JSON, and the
artifact its content; times are milliseconds there, and nothing is NaN.
"""

import json
import math
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from wandb._base.jsonable import Converters, safer_value
from wandb.data_types.base import MediaSink, WBValue

_PLAIN = frozenset({bool, int, str, type(None)})


def run_text(cell: Any) -> bytes:
    """Return a cell's JSON in a run's file.

    Raises:
        TypeError: There is no JSON for it.
    """
    return json.dumps(_shown(cell), default=_shown_leaf).encode()


def _shown(cell: Any) -> Any:
    if isinstance(cell, (str, int, float)):
        return cell
    if isinstance(cell, WBValue):
        return type(cell).__name__
    if isinstance(cell, dict):
        return {key: _shown(value) for key, value in cell.items()}
    if isinstance(cell, Sequence):
        return [_shown(item) for item in cell]
    return (
        _shown_array(cell) if hasattr(cell, "tolist") and bool(getattr(cell, "ndim", 0)) else cell
    )


def _shown_array(array: Any) -> Any:
    items = array.tolist()
    if type(array).__module__ == "numpy" or array.ndim > 1 or len(items) != 1:
        return _shown(items)
    return items[0]  # The original takes a tensor of one number for the number.


def _shown_leaf(cell: Any) -> Any:
    plain = _item(cell) if hasattr(cell, "dtype") else safer_value(cell)
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def _item(scalar: Any) -> Any:
    item = scalar.item()
    return float(item) if type(item) is type(scalar) else item


def artifact_text(sink: MediaSink, name: str) -> Callable[[Any], bytes]:
    """Return what gives a cell's JSON in an artifact's file, and keeps its content there.

    Args:
        sink: The artifact.
        name: The table's name in it.
    """

    def text(cell: Any) -> bytes:
        return json.dumps(artifact_value(cell, sink, name), sort_keys=True).encode()

    return text


def artifact_value(cell: Any, sink: MediaSink, name: str) -> Any:
    """Return what stands for a cell in an artifact.

    Raises:
        TypeError: There is no JSON for it.
    """

    def kept(value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is float:
            return None if math.isnan(value) else value
        if isinstance(value, WBValue):
            return value.to_wire(sink, name=name)
        if kind is dict:
            return {key: kept(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [kept(item) for item in value]
        return kept(_stored(value))

    return kept(cell)


def _stored(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    convert = _kept.find(type(value))
    if convert is not None:
        return convert(value)
    if not hasattr(value, "tolist"):
        return safer_value(value)
    items = value.tolist()
    # A number that is wider than Python's own is still numpy's.
    return float(items) if type(items) is type(value) else items


def _milliseconds(moment: Any) -> int | None:
    from datetime import datetime, timezone

    if moment != moment:  # a time that is missing in a data frame
        return None
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return int(moment.timestamp() * 1000)


def _datetime64(moment: Any) -> Any:
    found = moment.tolist()
    # Nanoseconds are finer than Python's own times; numpy gives their number.
    return found / 1e6 if isinstance(found, int) else found


_kept = Converters(
    {
        "builtins.set": list,
        "builtins.str": lambda value: str.__str__(value),
        "builtins.int": int,
        "builtins.float": float,
        "enum.Enum": lambda member: member.name,
        "datetime.date": _milliseconds,
        "decimal.Decimal": float,
        "numpy.datetime64": _datetime64,
        "pandas.NAType": lambda missing: None,
    }
)
