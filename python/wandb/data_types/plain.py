"""JSON files of values that hold arrays: in a file, an array is kept element by element."""

import json
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
    if type(value).__module__ == "numpy" and hasattr(value, "ndim") and hasattr(value, "shape"):
        return _array_list(value)
    return value


def _array_list(array: Any) -> Any:
    import numpy as np

    if not isinstance(array, np.ndarray):
        return array
    listed = array.tolist()
    return plain_lists(listed if array.ndim else [listed])
