"""Checks of single values: each takes what the user gave and returns what is kept.

A check refuses by raising `Unfit`, which says why and what to do but knows neither the setting
nor where the value came from; `model` adds both. What is text in a file or in the environment
arrives as text, so every check reads the text form too.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wandb._settings.moment import RunMoment

__all__ = (
    "KINDS",
    "Check",
    "OneOf",
    "Unfit",
    "closest",
    "console",
    "either",
    "globs",
    "home_path",
    "integer",
    "json_integers",
    "json_metric_filters",
    "json_text_map",
    "path",
    "real",
    "resume",
    "split_commas",
    "text",
    "tuple_of_text",
)

Check = Callable[[Any], Any]

_TRUE_WORDS = frozenset(("1", "true", "t", "yes", "y", "on"))
_FALSE_WORDS = frozenset(("0", "false", "f", "no", "n", "off"))


class Unfit(Exception):
    """A value can't be kept.

    Attributes:
        why: The end of a sentence that starts with the setting's name.
        advice: What to do about it, a sentence of its own; may be empty.
    """

    def __init__(self, why: str, advice: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.advice = advice


def closest(word: object, known: Iterable[str]) -> str:
    """Say which known word may have been meant; empty where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(str(word), list(known), n=1)
    return f"Did you mean `{near[0]}`?" if near else ""


# ---- plain kinds


def boolean(value: Any) -> bool:
    """Keep True and False; read 0 and 1 and the usual words."""
    if isinstance(value, (bool, int, float)) and value in (0, 1):
        return bool(value)
    word = value.lower() if isinstance(value, str) else None
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise Unfit("must be true or false", "Also understood: yes and no, on and off, 1 and 0.")


def integer(value: Any) -> int:
    """Keep whole numbers, of any numeric type or written as text."""
    try:
        if isinstance(value, str):
            return int(value) if value.strip().lstrip("+-").isdigit() else _whole(float(value))
        return _whole(value) if isinstance(value, float) else operator.index(value)
    except (TypeError, ValueError, OverflowError):
        raise Unfit("must be a whole number") from None


def _whole(value: float) -> int:
    if not value.is_integer():
        raise ValueError
    return int(value)


def real(value: Any) -> float:
    """Keep numbers, of any numeric type or written as text."""
    if isinstance(value, (str, int, float)) or hasattr(value, "__float__"):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise Unfit("must be a number")


def text(value: Any) -> str:
    """Keep text; bytes are read as UTF-8."""
    try:
        decoded = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        decoded = None
    if not isinstance(decoded, str):
        raise Unfit("must be text", "Convert it with str() first.")
    return str(decoded)


def path(value: Any) -> str:
    """Keep a path, given as text or as a path object."""
    return text(os.fspath(value) if isinstance(value, os.PathLike) else value)


def home_path(value: Any) -> str:
    """Keep a path with `~` replaced by the home folder."""
    return os.path.expanduser(path(value))


# ---- choices


class OneOf:
    """Keep one of a few words.

    Attributes:
        options: The words, from a `Literal` type.
    """

    def __init__(self, literal: Any) -> None:
        self.options: tuple[str, ...] = literal.__args__

    def __call__(self, value: Any) -> str:
        if isinstance(value, str) and value in self.options:
            return value
        raise Unfit(f"must be one of {', '.join(self.options)}", closest(value, self.options))


def either(words: OneOf) -> Check:
    """Keep one of a few words, or a boolean."""

    def check(value: Any) -> str | bool:
        if value in words.options:
            return words(value)
        try:
            return boolean(value)
        except Unfit:
            return words(value)

    return check


def resume(words: OneOf) -> Check:
    """Keep a way of resuming; True stands for "auto" and False for not resuming."""

    def check(value: Any) -> str | None:
        if isinstance(value, bool):
            return "auto" if value else None
        return words(value)

    return check


def console(words: OneOf) -> Check:
    """Keep a way of capturing the console; "auto" is settled on wrapping the streams."""

    def check(value: Any) -> str:
        word = words(value)
        return "wrap" if word == "auto" else word

    return check


# ---- collections


def split_commas(line: str) -> tuple[str, ...]:
    """Split at commas, keeping spaces and empty parts as the original does."""
    return tuple(line.split(","))


def tuple_of_text(value: Any) -> tuple[str, ...]:
    """Keep any collection of texts, as a tuple."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise Unfit("must be a list or tuple of texts", "Put a single one in a list: ['name'].")
    parts = tuple(value)
    wrong = [part for part in parts if not isinstance(part, str)]
    if wrong:
        raise Unfit(f"must hold texts only, and {wrong[0]!r} is none")
    return parts


def list_of(item: Check) -> Check:
    """Keep a sequence whose items pass a check, as a list (a tuple stays one)."""

    def check(value: Any) -> Sequence[Any]:
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise Unfit("must be a list or tuple", "Give one in code.")
        items = [_part(item, part, f"item {index}") for index, part in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items

    return check


def map_of(item: Check) -> Check:
    """Keep a dict from texts to values that pass a check."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Unfit("must be a dict", "Give one in code.")
        return {
            _part(text, key, "a key"): _part(item, part, f"the value of {key!r}")
            for key, part in value.items()
        }

    return check


def _part(check: Check, value: Any, place: str) -> Any:
    try:
        return check(value)
    except Unfit as error:
        raise Unfit(f"can't be kept: {place} {error.why}", error.advice) from None


def globs(value: Any) -> tuple[str, ...]:
    """Keep a sequence of file patterns, as a tuple."""
    return tuple(list_of(text)(value))


def from_json(check: Check) -> Check:
    """Read text as JSON, then check what it holds."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return check(value)
        import json

        try:
            return check(json.loads(value))
        except json.JSONDecodeError as error:
            raise Unfit(f"must be valid JSON when given as text ({error})") from None
        except Unfit as error:
            raise Unfit(error.why, "Given as text, it is read as JSON.") from None

    return read


def _metric_filters(value: Any) -> Any:
    """Keep a dict of label patterns by metric pattern, or a list of metric patterns."""
    return map_of(map_of(text))(value) if isinstance(value, Mapping) else list_of(text)(value)


def run_moment(value: Any) -> RunMoment:
    """Keep a moment of a run, or read one from `<run id>?_step=<number>`."""
    if isinstance(value, RunMoment):
        return value
    try:
        return RunMoment.from_uri(text(value))
    except ValueError:
        raise Unfit(
            "must name a moment of a run", "Write `<run id>?_step=<number>`: `9d2kx0ab?_step=120`."
        ) from None


json_integers = from_json(list_of(integer))
json_text_map = from_json(map_of(text))
json_metric_filters = from_json(_metric_filters)

KINDS: dict[str, Check] = {
    "bool": boolean,
    "int": integer,
    "float": real,
    "str": text,
    "tuple[str, ...]": tuple_of_text,
    "Sequence[str]": list_of(text),
    "Sequence[int]": list_of(integer),
    "dict[str, str]": map_of(text),
    "RunMoment": run_moment,
}
