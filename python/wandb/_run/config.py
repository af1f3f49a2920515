"""Hyperparameters: `run.config`, what it accepts, and the errors it raises."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from wandb._base.jsonable import config_value
from wandb._base.terminal import termwarn
from wandb._run.configsource import mapping_of
from wandb.errors import ConfigError


class ConfigCallback(Protocol):
    """What a config calls with its changes before it keeps them."""

    def __call__(
        self, key: Any = None, val: Any = None, data: Mapping[str, Any] | None = None
    ) -> None:
        """Send one value by its key, or many as a dict; raising refuses the change."""


def clean_key(key: Any) -> str:
    """Strip the dashes that command-line flags carry.

    Raises:
        AttributeError: `key` is no string; the type is the original's.
    """
    if not isinstance(key, str):
        raise AttributeError(
            f"config keys must be strings, and {key!r} is of type {type(key).__name__}; "
            "nothing was changed"
        )
    return key.strip("-")


def merged(old: Any, new: Any) -> Any:
    """Merge dicts recursively, as every reader of a run's config does; else take the new value."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


def _same(old: Any, new: Any) -> bool:
    return bool(merged(old, new) == old)


class Config:
    """The hyperparameters of a run: a mapping that is kept with the run.

    Set it once, by `wandb.init(config=…)`, from a dict, an `argparse.Namespace`, absl's flags,
    any object with attributes, or the name of a YAML file. Values read as items or attributes.
    A value that is set does not change by accident: changing it raises `ConfigError` unless
    `allow_val_change` says otherwise.

    Examples:
        ```python
        with wandb.init(config={"epochs": 4, "optimizer": {"lr": 0.1}}) as run:
            for epoch in range(run.config.epochs):
                train(run.config["optimizer"]["lr"])
            run.config.update({"seed": 7})
        ```
    """

    def __init__(self) -> None:
        # Third-party libraries read `vars(config)["_items"]` and expect a plain dict.
        object.__setattr__(self, "_items", {"_wandb": {}})
        object.__setattr__(self, "_locked", {})
        object.__setattr__(self, "_callback", None)
        object.__setattr__(self, "_settings", None)

    def _set_callback(self, callback: ConfigCallback | None) -> None:
        object.__setattr__(self, "_callback", callback)

    def _set_settings(self, settings: Any) -> None:
        object.__setattr__(self, "_settings", settings)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __str__(self) -> str:
        return str(dict(self))

    def keys(self) -> list[str]:
        """Return the names, without those that start with an underscore."""
        return [key for key in self._items if not key.startswith("_")]

    def items(self) -> list[tuple[str, Any]]:
        """Return names and values, without names that start with an underscore."""
        return [(key, value) for key, value in self._items.items() if not key.startswith("_")]

    def as_dict(self) -> dict[str, Any]:
        """Return a dict of what `items` returns."""
        return dict(self.items())

    def get(self, *args: Any) -> Any:
        """Return a value by name, or a default, as `dict.get` does."""
        return self._items.get(*args)

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __getattr__(self, key: str) -> Any:
        try:
            return self.__dict__["_items"][key]
        except KeyError:
            raise AttributeError(f"{type(self)} object has no attribute {key!r}") from None

    def __setitem__(self, key: str, val: Any) -> None:
        values = self._accepted({key: val}, None)
        # The original's journal loses a nameless value that is set by itself, as it does here.
        self._send({name: value for name, value in values.items() if name})
        self._keep(values)

    def __setattr__(self, key: str, val: Any) -> None:
        self[key] = val

    def update(self, d: Any, allow_val_change: bool | None = None) -> None:
        """Set several values; either all of them are set or none.

        A dict given for a key that holds a dict is merged into it, level by level.

        Args:
            d: A dict, or anything else that `wandb.init(config=…)` takes.
            allow_val_change: Whether keys that are set may get another value. By default they
                may in notebooks only.

        Raises:
            ConfigError: A key is set and may not change.
            TypeError: `d` holds no names and values, or a value has no form in JSON.
        """
        self._set(self._accepted(mapping_of(d), allow_val_change))

    def setdefaults(self, d: Any) -> None:
        """Set the values whose keys are missing."""
        values = _clean(mapping_of(d))
        self._set({key: value for key, value in values.items() if key not in self._items})

    def update_locked(
        self, d: Any, user: str | None = None, _allow_val_change: bool | None = None
    ) -> None:
        """Set values that later updates leave alone; `user` is named to whoever tries."""
        values = _clean(mapping_of(d))
        self._locked.update(dict.fromkeys(values, user))
        self._set(values)

    def merge_locked(
        self, d: Any, user: str | None = None, _allow_val_change: bool | None = None
    ) -> None:
        """Merge dicts into values, level by level, and lock their keys."""
        self.update_locked(d, user=user, _allow_val_change=_allow_val_change)

    def persist(self) -> None:
        """Send every value once more, with what was changed in place."""
        self._send(self._items)

    def _accepted(self, params: Mapping[Any, Any], may_change: bool | None) -> dict[str, Any]:
        values = self._unlocked(_clean(params))
        if not (self._may_change() if may_change is None else may_change):
            self._refuse_changes(values)
        return values

    def _may_change(self) -> bool:
        # The setting `allow_val_change` is about the values given to `init`, as in the original.
        return self._settings is not None and bool(self._settings._jupyter)

    def _unlocked(self, values: dict[str, Any]) -> dict[str, Any]:
        if not self._locked:
            return values
        for key in values.keys() & self._locked.keys():
            termwarn(f"Config item {key!r} was locked by {self._locked[key]!r} (ignored update).")
        return {key: value for key, value in values.items() if key not in self._locked}

    def _refuse_changes(self, values: Mapping[str, Any]) -> None:
        items = self._items
        for key, new in values.items():
            if key in items and not _same(old := items[key], new):
                raise ConfigError(
                    f"config key {key!r} is {old!r} and would become {new!r}; nothing was changed. "
                    "If that is meant, use `config.update(…, allow_val_change=True)`."
                )

    def _set(self, values: dict[str, Any]) -> None:
        self._send(values)
        self._keep(values)

    def _keep(self, values: Mapping[str, Any]) -> None:
        items = self._items
        for key, value in values.items():
            items[key] = merged(items[key], value) if key in items else value

    def _send(self, values: Mapping[str, Any]) -> None:
        if self._callback is not None and values:
            self._callback(data=values)


def _clean(params: Mapping[Any, Any]) -> dict[str, Any]:
    return {clean_key(key): config_value(value) for key, value in params.items()}


class ConfigStatic:
    """A read-only copy of a run's config, with values as attributes and items."""

    def __init__(self, config: Config) -> None:
        object.__setattr__(self, "__dict__", dict(config))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("run.config_static is read-only; set values on `run.config`")

    def __setitem__(self, key: str, val: Any) -> None:
        raise AttributeError("run.config_static is read-only; set values on `run.config`")

    def __getitem__(self, key: str) -> Any:
        return self.__dict__[key]

    def keys(self) -> Any:
        """Return the names."""
        return self.__dict__.keys()

    def __str__(self) -> str:
        return str(self.__dict__)
