"""A run's summary: nested, read by item or by attribute."""

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any, NoReturn

from wandb.errors import UnsupportedError


class MissingSummaryKey(KeyError, AttributeError):
    """The summary has no such key; it is both errors so that `hasattr` answers."""


class SummarySubDict(Mapping[str, Any]):
    """One level of the summary; dicts in it come as levels of their own."""

    def __init__(self, values: dict[str, Any]) -> None:
        object.__setattr__(self, "_values", values)

    def __reduce__(self) -> tuple[type["SummarySubDict"], tuple[dict[str, Any]]]:
        return type(self), (self._json_dict,)

    @property
    def _json_dict(self) -> dict[str, Any]:
        # Scripts in the wild read this name to get the plain dict.
        values: dict[str, Any] = object.__getattribute__(self, "_values")
        return values

    def __getitem__(self, key: str) -> Any:
        try:
            return _level(self._json_dict[key])
        except KeyError:
            raise MissingSummaryKey(key) from None

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._json_dict)

    def __len__(self) -> int:
        return len(self._json_dict)

    def items(self) -> ItemsView[str, Any]:
        """Return the keys with their values, dicts as levels."""
        return ItemsView(self)

    def __repr__(self) -> str:
        return repr(self._json_dict)

    def __setattr__(self, key: str, value: Any) -> None:
        _refuse()

    def __setitem__(self, key: str, value: Any) -> None:
        _refuse()

    def __delitem__(self, key: str) -> None:
        _refuse()

    def update(self, key_vals: Any = None, overwrite: bool = True) -> None:
        """Refuse: a run is read here, not changed."""
        _refuse()


class HTTPSummary(SummarySubDict):
    """The summary of a run that `wandb.Api` gave."""


def _level(value: Any) -> Any:
    if isinstance(value, dict) and "_type" not in value:
        return SummarySubDict(value)
    return value


def _refuse() -> NoReturn:
    raise UnsupportedError(
        "The summary of a run in a folder is read-only: nothing was changed. "
        "Set it in the script, by `run.summary[...] = ...`, while the run is open."
    )
