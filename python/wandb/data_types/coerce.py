"""Bare values that users log, such as images and figures of other libraries → values of ours.

They are known by the names of their classes, so that nothing heavy is imported to know one.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from wandb._base.jsonable import Converters
from wandb.data_types.base import WBValue

Maker = Callable[[Any], WBValue | None]


def made_by(home: str) -> Maker:
    """Make values by what a name of the form `"module:name.name"` leads to."""
    module, _, names = home.partition(":")

    def make(value: Any) -> WBValue | None:
        found: Any = import_module(module)
        for name in names.split("."):
            found = getattr(found, name)
        made: WBValue | None = found(value)
        return made

    return make


# `top-package.ClassName` of a class or an ancestor of it → what makes a value of ours.
_MAKERS: dict[str, Maker] = {
    "wandb.WBValue": lambda value: value,
    "PIL.Image": made_by("wandb.data_types.image:Image"),
}

_known = Converters(_MAKERS)


def as_value(value: Any) -> WBValue | None:
    """Return a value of ours for one that a user logs, or None where there is none."""
    make = _known.find(type(value))
    made: WBValue | None = None if make is None else make(value)
    return made
