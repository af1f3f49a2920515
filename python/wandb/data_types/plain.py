"""JSON files of values that hold arrays: in a file, an array is kept element by element."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wandb._base.jsonable import safer_value
from wandb.data_types.base import Content, Media


def json_file(
    extension: str, value: Any, *, otherwise: Callable[[Any], Any] | None = None
) -> Content:
    """Write a value into a JSON file.

    Args:
        extension: What the file's name ends with.
        value: Anything that a row takes; arrays of any length.
        otherwise: What stands for a thing without a form in JSON.

    Raises:
        TypeError: There is no form for something in it, and nothing stands for it.
    """

    def encode(thing: Any) -> Any:
        try:
            return safer_value(thing)
        except TypeError:
            if otherwise is None:
                raise
            return otherwise(thing)

    text = json.dumps(plain_lists(value), default=encode)
    return Content(extension, data=text.encode())


def plain_lists(value: Any) -> Any:
    """Turn arrays into lists, however deep and long: a chart needs all of its points."""
    if isinstance(value, Mapping):
        return {key: plain_lists(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_lists(inner) for inner in value]
    if isinstance(value, Media):
        return type(value).__name__
    numpy = sys.modules.get("numpy")  # who has no numpy loaded has no arrays
    return _array_list(value) if numpy and isinstance(value, numpy.ndarray) else value


def _array_list(array: Any) -> Any:
    listed = array.tolist() if array.ndim else [array.tolist()]
    # Numbers have their form already, and there may be millions.
    return listed if array.dtype.kind in "biuf" else plain_lists(listed)
