"""JSON encoders and converters that other libraries take from here; the rules are `jsonable`'s."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from wandb._base.jsonable import (
    Converters,
    config_value,
    full_type_name,
    history_value,
    json_dumps_safer,
    safer_value,
    summary_value,
    unsupported,
)

__all__ = (
    "VALUE_BYTES_LIMIT",
    "JSONEncoderUncompressed",
    "WandBHistoryJSONEncoder",
    "WandBJSONEncoder",
    "WandBJSONEncoderOld",
    "json_dump_safer",
    "json_dump_uncompressed",
    "json_dumps_safer_history",
    "json_friendly",
    "json_friendly_val",
    "make_json_if_not_number",
    "make_safe_for_json",
)

# A single value beyond this is worth a warning.
VALUE_BYTES_LIMIT = 100000


# --- encoders ---------------------------------------------------------------------------------


class WandBJSONEncoder(json.JSONEncoder):
    """Encodes what a config or summary holds; refuses arrays of more than 32 elements."""

    def default(self, obj: Any) -> Any:
        """Convert what JSON doesn't know; an object's own `json_encode` goes first."""
        return safer_value(obj)


class WandBHistoryJSONEncoder(json.JSONEncoder):
    """Encodes what a row holds; arrays of more than 32 elements become histograms."""

    def default(self, obj: Any) -> Any:
        """Convert what JSON doesn't know."""
        return history_value("", obj, 0)


class WandBJSONEncoderOld(json.JSONEncoder):
    """Encodes with statistics in place of arrays of more than 32 elements."""

    def default(self, obj: Any) -> Any:
        """Convert what JSON doesn't know."""
        found = summary_value(obj)
        if found is obj:
            raise unsupported(obj)
        return found


class JSONEncoderUncompressed(json.JSONEncoder):
    """Encodes arrays element by element, however many there are."""

    def default(self, obj: Any) -> Any:
        """Convert numpy's arrays and scalars."""
        if type(obj).__module__ == "numpy":
            return obj.tolist()
        return super().default(obj)


def json_dump_safer(obj: Any, fp: Any, **kwargs: Any) -> None:
    """Write a value to a file as `json_dumps_safer` does."""
    fp.write(json_dumps_safer(obj, **kwargs))


def json_dumps_safer_history(obj: Any, **kwargs: Any) -> str:
    """Write a value as JSON as a row would hold it.

    Raises:
        TypeError: There is no form for a value in it.
        ValueError: A large array in it contains NaN or an infinity.
    """
    return json.dumps(obj, cls=WandBHistoryJSONEncoder, **kwargs)


def json_dump_uncompressed(obj: Any, fp: Any, **kwargs: Any) -> None:
    """Write a value to a file, arrays element by element."""
    json.dump(obj, fp, cls=JSONEncoderUncompressed, **kwargs)


# --- converters -------------------------------------------------------------------------------


def _listed_or_whole(array: Any) -> Any:
    if array.size == 1:
        return array.flatten()[0]
    return array.tolist() if array.size <= 32 else array


_FRIENDLY: dict[str, Callable[[Any], Any]] = {
    "builtins.float": lambda number: None if math.isnan(number) else number,
    "builtins.set": tuple,
    "builtins.bytes": lambda value: value.decode("utf-8"),
    "datetime.date": lambda moment: moment.isoformat(),
    "enum.Enum": lambda member: member.name,
    "numpy.ndarray": _listed_or_whole,
    "numpy.floating": lambda number: None if math.isnan(number) else number.item(),
    "numpy.generic": lambda scalar: scalar.item(),
}
_friendly = Converters(_FRIENDLY)


def json_friendly(obj: Any) -> tuple[Any, bool]:
    """Convert one value, not what is inside it.

    Returns:
        The value, and whether it is another one now.
    """
    convert = _friendly.find(type(obj))
    if convert is None and callable(obj) and hasattr(obj, "__qualname__"):
        return f"{obj.__module__}.{obj.__qualname__}", True
    found = obj if convert is None else convert(obj)
    changed = convert is not None and (found is not obj or full_type_name(type(obj)) != "float")
    return found, changed


def json_friendly_val(val: Any) -> Any:
    """Convert a value as a config keeps it, with what is inside it; what has no form stays."""
    try:
        return config_value(val)
    except TypeError:
        return val


def make_safe_for_json(obj: Any) -> Any:
    """Copy a tree with texts in place of NaN and the infinities, which strict JSON has not."""
    if isinstance(obj, Mapping):
        return {key: make_safe_for_json(value) for key, value in obj.items()}
    if isinstance(obj, str):
        return obj
    if isinstance(obj, (list, tuple, range, bytes)):
        return [make_safe_for_json(part) for part in obj]
    if isinstance(obj, float) and not math.isfinite(obj):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(obj, "NaN")
    return obj


def make_json_if_not_number(v: Any) -> Any:
    """Return ints and floats as they are, and anything else as JSON."""
    return v if isinstance(v, (int, float)) else json_dumps_safer(v)
