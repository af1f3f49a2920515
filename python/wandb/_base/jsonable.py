"""Values users hand us → values JSON can hold.

Converters are looked up by the name of a value's class (`top-package.ClassName`, walking the
class's ancestors), so that nothing heavy is imported to recognise an array or a tensor.
Three sets of rules differ only in detail:

- history: what `run.log` cannot take as it is (`history_value`);
- config: hyperparameters (`config_value`), where a missing number is `None`;
- summary: explicit writes (`summary_value`), where a large array becomes its statistics.
"""

import math
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from wandb._base.binning import histogram

Converter = Callable[[Any], Any]

# Arrays of more elements than this are not kept element by element.
SMALL_ARRAY_ELEMENTS = 32
HISTOGRAM_BINS = 32
_CACHED_TYPES = 1024


class Converters:
    """Converters by the name of a class, remembered by the class itself."""

    def __init__(self, *tables: Mapping[str, Converter]) -> None:
        self._table = {name: convert for table in tables for name, convert in table.items()}
        self._found: dict[type, Converter | None] = {}

    def find(self, kind: type) -> Converter | None:
        """Return the converter of the nearest ancestor of `kind` that has one."""
        try:
            return self._found[kind]
        except KeyError:
            pass
        if len(self._found) >= _CACHED_TYPES:  # classes made in a loop must not pile up
            self._found.clear()
        names = map(type_name, kind.__mro__)
        found = next((self._table[name] for name in names if name in self._table), None)
        self._found[kind] = found
        return found


def type_name(kind: type) -> str:
    """Name a class by its top package and its own name: `numpy.ndarray`, `torch.Tensor`."""
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def full_type_name(kind: type) -> str:
    """Name a class by its module and its own name, without the module of builtins."""
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def unsupported(value: Any) -> TypeError:
    """Say that a value has no form in JSON."""
    return TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _dotted_name(value: Any) -> str:
    name = getattr(value, "__qualname__", None)
    if name is None or not hasattr(value, "__module__"):
        return str(value)
    # `str.upper` belongs to no module; its own text tells more than "None.str.upper".
    return f"{value.__module__}.{name}" if value.__module__ else str(value)


def _fields_of(value: Any) -> dict[str, Any]:
    from dataclasses import fields  # a dataclass instance means that this is loaded already

    return {field.name: getattr(value, field.name) for field in fields(value)}


def _iso_duration(value: Any) -> str:
    """Write a `timedelta` as an ISO 8601 duration, years being 365 days, as 0.31.0 does."""
    sign = "-" if value.days < 0 else ""
    value = abs(value)
    years, days = divmod(value.days, 365)
    hours, seconds = divmod(value.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f"{value.microseconds / 1e6:.6f}"[1:].rstrip("0").rstrip(".")
    date = "".join(f"{count}{unit}" for count, unit in ((years, "Y"), (days, "D")) if count)
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M")) if count)
    if seconds or fraction or not (date or clock):
        clock += f"{seconds}{fraction}S"
    return f"{sign}P{date}" + (f"T{clock}" if clock else "")


def _complex_text(value: Any) -> str:
    return str(complex(value)).strip("()").replace("nan", "NaN").replace("inf", "Infinity")


def _utf8(value: Any) -> str:
    return bytes(value).decode("utf-8")


# --- arrays -------------------------------------------------------------------------------

_TO_NUMPY: dict[str, Converter] = {
    "numpy.ndarray": lambda array: array,
    "torch.Tensor": lambda tensor: _torch_array(tensor),
    "tensorflow.EagerTensor": lambda tensor: tensor.numpy(),
    "tensorflow.Tensor": lambda tensor: tensor.numpy(),
    "tensorflow.ResourceVariable": lambda variable: variable.numpy(),
    "jax.Array": lambda array: _plain_array(array),
    "jaxlib.ArrayImpl": lambda array: _plain_array(array),
    "jaxlib.Array": lambda array: _plain_array(array),
    "cupy.ndarray": lambda array: array.get(),
}


def _torch_array(tensor: Any) -> Any:
    tensor = tensor.detach().cpu()
    if str(tensor.dtype) == "torch.bfloat16":  # numpy has no such type
        tensor = tensor.float()
    return tensor.resolve_conj().resolve_neg().numpy()


def _plain_array(array: Any) -> Any:
    import numpy as np

    return np.asarray(array)


_arrays = Converters(_TO_NUMPY)


def array_of(value: Any) -> Any:
    """Return the numpy array that an array or a tensor of any library holds, or None."""
    convert = _arrays.find(type(value))
    if convert is None and hasattr(value, "__array__"):
        convert = _plain_array
    return None if convert is None else convert(value)


def _sole_element(value: Any) -> Any:
    """Return the element of a tensor of PyTorch's that has one only, without numpy; else None."""
    # It is less work, and all there is where PyTorch was built for another numpy.
    count = getattr(value, "numel", None)
    return value.item() if callable(count) and count() == 1 else None


def _small_array(array: Any) -> Any:
    """Turn an array into nested lists, or into its element if there is one only."""
    return array.item() if array.size == 1 else array.tolist()


def histogram_of(array: Any) -> dict[str, Any]:
    """Count an array into 32 bins of equal width.

    Raises:
        ValueError: The array contains NaN or an infinity.
    """
    import numpy as np

    numbers = array.astype(np.uint8) if array.dtype == np.bool_ else array
    counts, edges = histogram(numbers, HISTOGRAM_BINS)
    return {"_type": "histogram", "values": counts, "bins": edges}


def _statistics_of(array: Any, kind: type) -> dict[str, Any]:
    import numpy as np

    return {
        "_type": full_type_name(kind),
        "var": np.var(array).item(),
        "mean": np.mean(array).item(),
        "min": np.amin(array).item(),
        "max": np.amax(array).item(),
        "10%": np.percentile(array, 10).item(),
        "25%": np.percentile(array, 25).item(),
        "75%": np.percentile(array, 75).item(),
        "90%": np.percentile(array, 90).item(),
        "size": array.size,
    }


def _history_array(value: Any, to_numpy: Converter) -> Any:
    array = to_numpy(value)
    return _small_array(array) if array.size <= SMALL_ARRAY_ELEMENTS else histogram_of(array)


def _config_array(value: Any, to_numpy: Converter) -> Any:
    array = to_numpy(value)
    if array.size == 1:  # The original keeps a single element as its text.
        return str(array.item())
    return config_value(array.tolist()) if array.size <= SMALL_ARRAY_ELEMENTS else str(array)


def _summary_array(value: Any, to_numpy: Converter) -> Any:
    array = to_numpy(value)
    if array.size <= SMALL_ARRAY_ELEMENTS:
        return summary_value(_small_array(array))
    return _statistics_of(array, type(value))


ArrayRule = Callable[[Any, Converter], Any]


def _array_table(
    rule: ArrayRule, sole: Converter = lambda element: element
) -> dict[str, Converter]:
    def bound(to_numpy: Converter) -> Converter:
        def converted(value: Any) -> Any:
            element = _sole_element(value)
            return rule(value, to_numpy) if element is None else sole(element)

        return converted

    return {name: bound(to_numpy) for name, to_numpy in _TO_NUMPY.items()}


# --- history ------------------------------------------------------------------------------

# Exact builtins never come here: the encoder knows them. Their subclasses do.
_HISTORY: dict[str, Converter] = {
    "builtins.int": int,
    "builtins.float": float,
    "builtins.str": lambda value: str.__str__(value),
    "builtins.dict": dict,
    "builtins.list": list,
    "builtins.tuple": list,
    "builtins.set": list,
    "builtins.frozenset": list,
    "builtins.range": list,
    "collections.deque": list,
    "builtins.bytes": _utf8,
    "builtins.bytearray": _utf8,
    "builtins.complex": _complex_text,
    "enum.Enum": lambda member: member.name,
    "datetime.date": lambda moment: moment.isoformat(),
    "datetime.time": lambda moment: moment.isoformat(),
    "datetime.timedelta": _iso_duration,
    "decimal.Decimal": str,
    "fractions.Fraction": str,
    "pathlib.PurePath": str,
    "uuid.UUID": str,
    "numpy.floating": float,
    "numpy.complexfloating": _complex_text,
    "numpy.generic": lambda scalar: scalar.item(),
    "builtins.type": _dotted_name,
    "builtins.function": _dotted_name,
    "builtins.method": _dotted_name,
    "builtins.builtin_function_or_method": _dotted_name,
}

_history = Converters(_HISTORY, _array_table(_history_array))


def history_value(key: str, value: Any, step: int) -> Any:
    """Turn one logged value that the row encoder does not know into one that it does.

    Args:
        key: The top-level key it was logged under; converters of files will name them by it.
        value: Anything but None, bool, int, float, str, dict, list, tuple or a numpy scalar.
        step: The step of the row.

    Returns:
        A value of one of those types; what is inside it may need converting in turn.

    Raises:
        TypeError: There is no form for this type.
        ValueError: A large array contains NaN or an infinity.
    """
    convert = _history.find(type(value)) or _by_shape(value)
    if convert is None:
        raise unsupported(value)
    return convert(value)


def _by_shape(value: Any) -> Converter | None:
    """Pick a converter by what a value can do, for classes no table can name."""
    if hasattr(type(value), "__dataclass_fields__"):
        return _fields_of
    if isinstance(value, Mapping):
        return dict
    if hasattr(value, "__array__"):
        return lambda value: _history_array(value, _plain_array)
    return _dotted_name if callable(value) else None


# --- config -------------------------------------------------------------------------------


def _none_for_nan(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def _refuse(value: Any) -> Any:
    raise unsupported(value)


def _config_list(values: Any) -> list[Any]:
    return [config_value(value) for value in values]


def _config_dict(values: Any) -> dict[Any, Any]:
    return {_json_key(key): config_value(value) for key, value in values.items()}


def _json_key(key: Any) -> Any:
    if key is not None and not isinstance(key, (str, int, float)):
        raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")
    return key


def _slice_fields(value: slice) -> dict[str, Any]:
    return {
        "slice_start": config_value(value.start),
        "slice_step": config_value(value.step),
        "slice_stop": config_value(value.stop),
    }


def _config_scalar(scalar: Any) -> Any:
    item = scalar.item()
    return config_value(item) if isinstance(item, (bool, int, float)) else str(item)


_CONFIG: dict[str, Converter] = {
    "builtins.NoneType": lambda value: value,
    "builtins.bool": lambda value: value,
    "builtins.int": int,
    "builtins.float": _none_for_nan,
    "builtins.str": lambda value: str.__str__(value),
    "builtins.dict": _config_dict,
    "builtins.list": _config_list,
    "builtins.tuple": _config_list,
    "builtins.set": _config_list,
    "builtins.range": list,
    "builtins.bytes": _utf8,
    "builtins.bytearray": list,
    "builtins.memoryview": list,
    "builtins.slice": _slice_fields,
    "enum.Enum": lambda member: member.name,
    "datetime.date": lambda moment: moment.isoformat(),
    "numpy.floating": lambda number: _none_for_nan(float(number)),
    "numpy.complexfloating": _refuse,
    "numpy.generic": _config_scalar,
}

# Most hyperparameters; ten thousand of them are worth a look-up less each.
_UNCHANGED = frozenset({NoneType, bool, int, str})

_config = Converters(_CONFIG, _array_table(_config_array, str))


def config_value(value: Any) -> Any:
    """Turn a hyperparameter into what is kept of it.

    Returns:
        None, a bool, int, float or str, or lists and dicts of these.

    Raises:
        TypeError: A complex number, a generator, or a dict key that JSON cannot hold.
    """
    kind = type(value)
    if kind in _UNCHANGED or (kind is float and value == value):
        return value
    convert = _config.find(kind)
    if convert is not None:
        return convert(value)
    if hasattr(kind, "__dataclass_fields__"):
        return _config_dict(_fields_of(value))
    if callable(value):
        return _dotted_name(value)
    # The original keeps the text of other objects, but for those of the language itself.
    return _refuse(value) if kind.__module__ == "builtins" else str(value)


# --- summary ------------------------------------------------------------------------------


def _summary_dict(values: Any) -> dict[Any, Any]:
    return {key: summary_value(value) for key, value in values.items()}


def _summary_list(values: Any) -> list[Any]:
    # NaN inside a list stays NaN: the original drops it only where it is a value by itself.
    return [_listed_value(value) for value in values]


def _listed_value(value: Any) -> Any:
    if isinstance(value, float):
        return float(value)
    if isinstance(value, dict):
        return {key: _listed_value(inner) for key, inner in value.items()}
    return summary_value(value)


_SUMMARY: dict[str, Converter] = {
    **_HISTORY,
    "builtins.NoneType": lambda value: value,
    "builtins.bool": lambda value: value,
    "builtins.float": _none_for_nan,
    "builtins.dict": _summary_dict,
    "builtins.list": _summary_list,
    "builtins.tuple": _summary_list,
    "builtins.set": _summary_list,
    "builtins.frozenset": _summary_list,
    "collections.deque": _summary_list,
    "numpy.floating": lambda number: _none_for_nan(float(number)),
    "numpy.generic": lambda scalar: summary_value(scalar.item()),
}

_summary = Converters(
    _SUMMARY, _array_table(_summary_array, lambda element: summary_value(element))
)


def summary_value(value: Any) -> Any:
    """Turn an explicitly written summary value into what is kept of it.

    Raises:
        TypeError: There is no form for this type.
    """
    convert = _summary.find(type(value))
    if convert is not None:
        return convert(value)
    by_shape = _by_shape(value)
    if by_shape is None:
        raise unsupported(value)
    return summary_value(by_shape(value))


# --- text ---------------------------------------------------------------------------------


def _float_text(number: float) -> str:
    if math.isfinite(number):
        return float.__repr__(number)
    return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def _any_text(value: Any) -> str:
    import json

    return json.dumps(value)


def _str_text(value: str) -> str:
    from json.encoder import encode_basestring_ascii

    return encode_basestring_ascii(value)


# Ten thousand hyperparameters must not cost ten thousand encoder objects.
_TEXT: dict[type, Callable[[Any], str]] = {
    NoneType: lambda value: "null",
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: lambda value: float.__repr__(value) if value - value == 0 else _float_text(value),
    str: _str_text,
}


def json_text(value: Any) -> str:
    """Write a converted value as JSON, with `NaN` and `Infinity` bare, as the journal keeps it."""
    return _TEXT.get(type(value), _any_text)(value)


def _only_small_array(value: Any, to_numpy: Converter) -> Any:
    array = to_numpy(value)
    if array.size > SMALL_ARRAY_ELEMENTS:
        raise ValueError(f"an array of {array.size} elements has no short form in JSON")
    return _small_array(array)


_safer = Converters(_HISTORY, _array_table(_only_small_array))


def json_dumps_safer(obj: Any, **kwargs: Any) -> str:
    """Write a value as JSON; libraries call it to find out whether a value can be logged.

    Args:
        obj: Anything that `run.log` takes.
        **kwargs: Passed on to `json.dumps`.

    Raises:
        TypeError: There is no form for a value in it.
        ValueError: It holds an array of more than 32 elements.
    """
    import json

    return json.dumps(obj, default=safer_value, **kwargs)


def safer_value(value: Any) -> Any:
    """Turn one value that `json` does not know into one that it does; no large arrays."""
    encode = getattr(value, "json_encode", None)  # an object that knows how goes first
    if encode is not None:
        return encode()
    convert = _safer.find(type(value)) or _by_shape(value)
    if convert is None:
        raise unsupported(value)
    return convert(value)
