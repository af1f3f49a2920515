"""The summary of a run: one value for each metric, as `run.summary`.

What was logged and what the user writes here both end in it. Reading asks the native writer,
which keeps the summary by the rules of `define_metric`; writing sends a record.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from wandb._base.jsonable import summary_value

Path = tuple[str, ...]
Read = Callable[[], dict[str, Any]]
Convert = Callable[[str, Any], Any]
Write = Callable[[list[tuple[Path, Any]], list[Path]], None]


class MissingSummaryKey(KeyError, AttributeError):
    """The summary has no such key.

    It is a KeyError because the original raises that for `summary.x` too, and an AttributeError
    so that `hasattr` answers.
    """


def _checked_key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(
            f"summary keys must be strings, and {key!r} is of type {type(key).__name__}; "
            "nothing was set"
        )
    return key


class Whole(dict[str, Any]):
    """A dict that is one value of a summary, such as what stands for an image."""


class SummaryDict:
    """A mapping whose values also read and write as attributes.

    Iterating goes over the keys. Dicts inside it are returned as `SummarySubDict`, and writing
    to those writes to the run.
    """

    def _as_dict(self) -> dict[str, Any]:
        raise NotImplementedError

    def _write(self, update: list[tuple[Path, Any]], remove: list[Path]) -> None:
        raise NotImplementedError

    def _converted(self, key: str, value: Any) -> Any:
        raise NotImplementedError

    def keys(self) -> list[str]:
        """Return the keys, hidden ones included."""
        return list(self._as_dict())

    def values(self) -> list[Any]:
        """Return the values, dicts being plain."""
        return list(self._as_dict().values())

    def items(self) -> list[tuple[str, Any]]:
        """Return keys and values, dicts being plain."""
        return list(self._as_dict().items())

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, dicts being plain, or the default if it is missing."""
        return self._as_dict().get(key, default)

    def update(self, d: Mapping[str, Any]) -> None:
        """Set several values.

        Args:
            d: Names and values; values may be nested dicts, numpy arrays, images, or whatever
                else `Run.log` takes. Large arrays are kept as their statistics.

        Raises:
            TypeError: A key is no string or a value has no form in JSON; nothing was set.
        """
        checked = [(_checked_key(key), value) for key, value in d.items()]
        self._write([((key,), self._converted(key, value)) for key, value in checked], [])

    def __getitem__(self, key: str) -> Any:
        try:
            value = self._as_dict()[key]
        except KeyError:
            raise MissingSummaryKey(key) from None
        return SummarySubDict._below(self, key) if isinstance(value, dict) else value

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # protocols that Python looks for are not keys
            raise AttributeError(key)
        return self[key]

    def __setitem__(self, key: str, val: Any) -> None:
        self.update({key: val})

    def __setattr__(self, key: str, val: Any) -> None:
        self.update({key: val})

    def __delitem__(self, key: str) -> None:
        self._write([], [(key,)])

    def __contains__(self, key: object) -> bool:
        return key in self._as_dict()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._as_dict())

    def __repr__(self) -> str:
        return repr(self._as_dict())


class Summary(SummaryDict):
    """The summary of a run: the last value of each metric, or what `define_metric` asks for.

    Set values that a run ends with, such as the best accuracy; what is logged later under the
    same name takes their place.

    Examples:
        ```python
        with wandb.init() as run:
            run.summary["best_accuracy"] = max(accuracies)
        ```
    """

    def __init__(self, get_current_summary_callback: Read) -> None:
        object.__setattr__(self, "_read", get_current_summary_callback)
        object.__setattr__(self, "_write_callback", None)
        object.__setattr__(self, "_convert", lambda key, value: summary_value(value))

    def _set_convert(self, convert: Convert) -> None:
        object.__setattr__(self, "_convert", convert)

    def _set_update_callback(self, write: Write | None) -> None:
        object.__setattr__(self, "_write_callback", write)

    def _as_dict(self) -> dict[str, Any]:
        # An explicit NaN is kept as null, which counts as no value.
        return {key: value for key, value in self._read().items() if value is not None}

    def _write(self, update: list[tuple[Path, Any]], remove: list[Path]) -> None:
        if self._write_callback is not None:
            self._write_callback(update, remove)

    def _converted(self, key: str, value: Any) -> Any:
        return self._convert(key, value)


class SummarySubDict(SummaryDict):
    """A dict inside a summary. Writing to it writes to the run."""

    _parent: SummaryDict
    _key: str

    def __init__(self) -> None:
        object.__setattr__(self, "_parent", None)
        object.__setattr__(self, "_key", "")

    @classmethod
    def _below(cls, parent: SummaryDict, key: str) -> "SummarySubDict":
        made = cls()
        object.__setattr__(made, "_parent", parent)
        object.__setattr__(made, "_key", key)
        return made

    def _as_dict(self) -> dict[str, Any]:
        found = self._parent._as_dict().get(self._key)
        return found if isinstance(found, dict) else {}

    def _write(self, update: list[tuple[Path, Any]], remove: list[Path]) -> None:
        def below(path: Path) -> Path:
            return (self._key, *path)

        self._parent._write(
            [(below(path), value) for path, value in update], [below(path) for path in remove]
        )

    def _converted(self, key: str, value: Any) -> Any:
        return self._parent._converted(f"{self._key}.{key}", value)


def replaced_dicts(update: Iterable[tuple[Path, Any]]) -> list[Path]:
    """List the paths that get a whole dict, so that what was there goes first."""
    return [path for path, value in update if _is_taken_apart(value)]


def _is_taken_apart(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and not isinstance(value, Whole)


def leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Take a dict apart into its leaves.

    Written whole it would be one opaque value to other consumers of the journal, and the next
    write below it would replace it.
    """
    if _is_taken_apart(value):
        for name, inner in value.items():
            yield from leaves((*path, str(name)), inner)
    else:
        yield path, value


def addresses(paths: Iterable[Path]) -> list[str | Path]:
    """Turn paths into what a record wants: a name at the top level, a path below it."""
    return [path[0] if len(path) == 1 else path for path in paths]


class SummaryDisabled(dict[Any, Any]):
    """The summary of a disabled run: a dict whose values also read and write as attributes."""

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return self[key]

    def __getitem__(self, key: Any) -> Any:
        try:
            value = dict.__getitem__(self, key)
        except KeyError:
            raise MissingSummaryKey(key) from None
        return SummaryDisabled(value) if type(value) is dict else value
