"""A run that somebody else started: a sweep's agent or a launch agent, who decide for it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import termwarn
from wandb._run.configsource import dict_from_config_file
from wandb.errors import ConfigError

if TYPE_CHECKING:
    from wandb._settings.settings import Settings

__all__ = ("keep_identity", "launch_values", "sweep_values")

# What the agent has told the server already.
_IDENTITY = ("project", "entity", "run_id")


def _starter(settings: Settings) -> str | None:
    if settings.sweep_id:
        return "in a sweep"
    return "by a launch agent" if settings.launch else None


def keep_identity(chosen: Settings, process: Settings) -> None:
    """Undo what a script chose and its agent has chosen already, with a warning for each.

    Args:
        chosen: The settings of the run; changed.
        process: The settings of the process, as the agent started it.
    """
    starter = _starter(chosen)
    if starter is None:
        return
    for name in _IDENTITY:
        if chosen.origin(name) == process.origin(name):
            continue
        termwarn(f"{name} {getattr(chosen, name)!r} is left out: the run was started {starter}.")
        delattr(chosen, name)
        kept = {name: getattr(process, name)}
        chosen.update_from_dict(kept, source=process.origin(name) or "the agent")


def sweep_values(settings: Settings) -> dict[str, Any]:
    """Read the config that a sweep chose for this run; empty outside a sweep.

    Raises:
        ConfigError: The agent's file is missing or can't be read.
    """
    if not (settings.sweep_id and settings.sweep_param_path):
        return {}
    return dict_from_config_file(settings.sweep_param_path, must_exist=True) or {}


def launch_values(settings: Settings) -> dict[str, Any]:
    """Read the config that a launch agent chose for this run; empty without one.

    The environment variable `WANDB_CONFIG` holds it as JSON, or else a file under
    `overrides.run_config`.

    Raises:
        ConfigError: What the agent left can't be read.
    """
    if not settings.launch:
        return {}
    text = os.environ.get("WANDB_CONFIG")
    if text:
        return _dict_of(text, "WANDB_CONFIG")
    path = settings.launch_config_path
    if not path or not os.path.exists(path):
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            overrides = _dict_of(file.read(), path).get("overrides")
    except OSError as err:
        raise ConfigError(
            f"The launch agent's file can't be read ({err.strerror}): {path}"
        ) from err
    values = overrides.get("run_config") if isinstance(overrides, dict) else None
    return values if isinstance(values, dict) else {}


def _dict_of(text: str, origin: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as err:
        raise ConfigError(f"What the launch agent left is no JSON ({err}): {origin}") from err
    if not isinstance(found, dict):
        raise ConfigError(f"What the launch agent left is no dict: {origin}")
    return found
