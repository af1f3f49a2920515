"""Small things of the package's top that have no other home."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from wandb._base.host import project_name
from wandb._run.configsource import chosen_values, load_yaml, mapping_of
from wandb.apis.internal import Api
from wandb.errors import WandbCoreNotAvailableError

__all__ = (
    "api",
    "auto_project_name",
    "coalesce",
    "ensure_configured",
    "get_core_path",
    "load_json_yaml_dict",
    "merge_dicts",
    "parse_config",
    "set_trace",
)

api = Api()


def ensure_configured() -> None:
    """Have `wandb.api` know the present settings; it reads them whenever it is asked anyway."""


def set_trace() -> None:
    """Stop in the debugger where this is called."""
    from pdb import Pdb

    Pdb().set_trace(sys._getframe().f_back)


def parse_config(
    params: Any, exclude: list[str] | None = None, include: list[str] | None = None
) -> dict[Any, Any]:
    """Read what `wandb.init(config=…)` takes, and keep the keys that were asked for.

    Raises:
        UsageError: Both `exclude` and `include` are given.
        TypeError: `params` holds no names and values.
    """
    return chosen_values(mapping_of(params), exclude, include)


def auto_project_name(program: str | None) -> str:
    """Name a project after the git repository of a program, and where in it."""
    folder = os.path.dirname(program) if program else ""
    return project_name(folder or os.getcwd())


def get_core_path() -> str:
    """Refuse: the service has no binary of its own.

    Raises:
        WandbCoreNotAvailableError: Always.
    """
    raise WandbCoreNotAvailableError(
        "Ferrule has no `wandb-core` binary: its service is `python -m wandb._service`, which "
        "starts by itself."
    )


def load_json_yaml_dict(config: str) -> Any:
    """Read a dict from a file by its name's end, or from the text itself.

    Args:
        config: The path of a `.json`, `.yaml` or `.yml` file, or JSON.

    Returns:
        What it holds; None where it is neither.

    Raises:
        OSError: The file can't be read.
    """
    import json

    readers: dict[str, Callable[[Any], Any]] = {
        ".json": json.load,
        ".yaml": load_yaml,
        ".yml": load_yaml,
    }
    reader = readers.get(os.path.splitext(config)[1])
    if reader is not None:
        with open(config, encoding="utf-8") as file:
            return reader(file)
    try:
        return json.loads(config)
    except ValueError:
        return None


def coalesce(*arg: Any) -> Any:
    """Return the first value that is not None; None where all are."""
    return next((value for value in arg if value is not None), None)


def merge_dicts(source: dict[str, Any], destination: dict[str, Any]) -> dict[str, Any]:
    """Merge a dict into another, level by level; lists are joined.

    Args:
        source: What is merged; its values win.
        destination: Changed, and returned.
    """
    for key, value in source.items():
        if isinstance(value, dict):
            below = destination.setdefault(key, {})
            destination[key] = merge_dicts(value, below if isinstance(below, dict) else {})
        elif isinstance(value, list) and isinstance(destination.get(key), list):
            destination[key] = [*destination[key], *value]
        else:
            destination[key] = value
    return destination
