"""Where hyperparameters come from: objects that hold them, YAML files, a choice of keys."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wandb._base.jsonable import type_name
from wandb._base.terminal import termwarn
from wandb.errors import ConfigError, UsageError

DEFAULTS_FILE = "config-defaults.yaml"

# Objects that hold values in a way of their own, by the name of their class.
_HOLDERS: dict[str, Callable[[Any], Mapping[Any, Any]]] = {
    "wandb.Config": lambda config: config.as_dict(),
    "absl.FlagValues": lambda flags: flags.flag_values_dict(),
    "tensorflow._FlagValuesWrapper": lambda flags: flags.flag_values_dict(),
    "tensorflow.HParams": lambda params: params.values(),
}


def mapping_of(params: Any) -> dict[Any, Any]:
    """Read names and values off whatever users keep them in.

    Args:
        params: A dict or other mapping, a Config, argparse's Namespace, absl's flags or the
            module that holds them, any object with a `__dict__`, or the name of a YAML file.

    Raises:
        TypeError: It is none of these.
        ConfigError: The file cannot be read.
    """
    if isinstance(params, str):
        params = dict_from_config_file(params, must_exist=True)
    if isinstance(params, Mapping):
        return dict(params)
    if getattr(params, "__name__", None) == "absl.flags":
        params = params.FLAGS
    names = map(type_name, type(params).__mro__)
    holder = next((_HOLDERS[name] for name in names if name in _HOLDERS), vars)
    try:
        return dict(holder(params))
    except TypeError:
        raise TypeError(
            "config must be a dict, an object with a __dict__, or the name of a YAML file, "
            f"not {type(params).__name__}; nothing was set"
        ) from None


def load_yaml(file: Any) -> Any:
    """Parse an open YAML file."""
    import yaml

    return yaml.safe_load(file)


def dict_from_config_file(filename: str, must_exist: bool = False) -> dict[str, Any] | None:
    """Read a file of `key: {desc: …, value: …}` entries.

    Returns:
        Names and values; None when the file is empty, or missing and need not exist.

    Raises:
        ConfigError: The file is missing and must exist, is no YAML, or says that it has another
            format version than 1.
        TypeError: The file or an entry of it is no mapping.
        KeyError: An entry has no `value`.
    """
    if not os.path.exists(filename):
        if must_exist:
            raise ConfigError(f"config file {filename} does not exist")
        return None
    loaded = _parsed(filename)
    if loaded is None:
        termwarn(f"The config file is empty, so nothing is set from it: {filename}")
        return None
    if not isinstance(loaded, Mapping):
        raise TypeError(f"config file {filename} must hold a mapping of names to values")
    entries = {key: entry for key, entry in loaded.items() if key != "wandb_version"}
    if loaded.get("wandb_version", 1) != 1:
        raise ConfigError(f"config file {filename} has a wandb_version other than 1")
    return {key: _value_of(filename, key, entry) for key, entry in entries.items()}


def _parsed(filename: str) -> Any:
    import yaml

    try:
        with open(filename, encoding="utf-8") as file:
            return load_yaml(file)
    except OSError as err:
        raise ConfigError(f"config file {filename} cannot be read: {err.strerror}") from err
    except yaml.YAMLError as err:
        raise ConfigError(f"config file {filename} is not valid YAML: {err}") from err


def _value_of(filename: str, key: Any, entry: Any) -> Any:
    hint = f"{filename}: write the entry {key!r} as `{key}: {{value: …}}`"
    if not isinstance(entry, Mapping):
        raise TypeError(hint)
    if "value" not in entry:
        raise KeyError(hint)
    return entry["value"]


def default_values(folder: str, paths: Iterable[str] = ()) -> dict[str, Any]:
    """Read `config-defaults.yaml` of a folder, if there is one, and then other files in order.

    Raises:
        ConfigError: One of the other files is missing, or any of them cannot be read.
    """
    values = dict_from_config_file(os.path.join(folder, DEFAULTS_FILE)) or {}
    for path in paths:
        values.update(dict_from_config_file(path, must_exist=True) or {})
    return values


def chosen_values(
    params: Any, exclude: Iterable[str] | None = None, include: Iterable[str] | None = None
) -> dict[Any, Any]:
    """Read what was given as `wandb.init(config=…)`, and keep the keys that were asked for.

    Raises:
        UsageError: Both `exclude` and `include` are given.
        TypeError: `params` holds no names and values.
    """
    if exclude and include:
        raise UsageError("config_exclude_keys and config_include_keys can't be given together")
    values = mapping_of(params) if params else {}
    if include:
        return {key: value for key, value in values.items() if key in include}
    return {key: value for key, value in values.items() if key not in (exclude or ())}
