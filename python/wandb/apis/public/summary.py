"""A run's summary: nested, read and written by item or by attribute."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping
from typing import Any

from wandb._base.jsonable import summary_value
from wandb.errors import UnsupportedError


class MissingSummaryKey(KeyError, AttributeError):
    """The summary has no such key; it is both errors so that `hasattr` answers."""


class SummarySubDict(Mapping[str, Any]):
    """One level of the summary; dicts in it come as levels of their own.

    What is set here stays here until `update` writes the whole summary.
    """

    def __init__(self, values: dict[str, Any], write: Callable[[], None] | None = None) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_write", write)

    def __reduce__(self) -> tuple[type[SummarySubDict], tuple[dict[str, Any]]]:
        # What is unpickled elsewhere is a copy, and a copy is for reading.
        return type(self), (self._json_dict,)

    @property
    def _json_dict(self) -> dict[str, Any]:
        # Scripts in the wild read this name to get the plain dict.
        values: dict[str, Any] = object.__getattribute__(self, "_values")
        return values

    def __getitem__(self, key: str) -> Any:
        try:
            return self._level(self._json_dict[key])
        except KeyError:
            raise MissingSummaryKey(key) from None

    def _level(self, value: Any) -> Any:
        if isinstance(value, dict) and "_type" not in value:
            return SummarySubDict(value, object.__getattribute__(self, "_write"))
        return value

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
        self[key] = value

    def __setitem__(self, key: str, value: Any) -> None:
        self._writer()
        self._json_dict[key.strip()] = summary_value(value)

    def __delitem__(self, key: str) -> None:
        self._writer()
        if key not in self._json_dict:
            raise MissingSummaryKey(key)
        del self._json_dict[key]

    def update(self, key_vals: Mapping[str, Any] | None = None, overwrite: bool = True) -> None:
        """Set several values and write the whole summary to the server.

        Args:
            key_vals: Values by name; none writes what was set before.
            overwrite: Replace values that are there already.

        Raises:
            UnsupportedError: The run is in a folder, which is read-only.
            CommError: The server refused.
        """
        write = self._writer()
        for key, value in (key_vals or {}).items():
            if overwrite or key not in self._json_dict:
                self[key] = value
        write()

    def _writer(self) -> Callable[[], None]:
        write: Callable[[], None] | None = object.__getattribute__(self, "_write")
        if write is None:
            raise UnsupportedError(
                "The summary of a run in a folder is read-only: nothing was changed. Set it in "
                "the script, by `run.summary[...] = ...`, while the run is open."
            )
        return write


class HTTPSummary(SummarySubDict):
    """The summary of a run that `wandb.Api` gave."""
