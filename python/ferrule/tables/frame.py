"""A table in memory, by columns: what each column holds, as numbers, codes and ranks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Codes = NDArray[np.int64]

# How clients write what JSON has no number for.
UNUSUAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class Kind(Enum):
    """What the cells of a column are, apart from those that are missing."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    MEDIA = "media"
    LIST = "list"
    OBJECT = "object"
    MIXED = "mixed"
    EMPTY = "empty"


_KINDS: dict[frozenset[type], Kind] = {
    frozenset(): Kind.EMPTY,
    frozenset((int,)): Kind.NUMBER,
    frozenset((float,)): Kind.NUMBER,
    frozenset((int, float)): Kind.NUMBER,
    frozenset((bool,)): Kind.BOOLEAN,
    frozenset((str,)): Kind.TEXT,
    frozenset((list,)): Kind.LIST,
    frozenset((dict,)): Kind.OBJECT,
}


class Column:
    """One column; what is computed of it is kept.

    Attributes:
        name: As its table calls it.
        values: One JSON value for each row, None for a missing one.
    """

    def __init__(self, name: str, values: list[Any]) -> None:
        self.name = name
        self.values = values

    @cached_property
    def kind(self) -> Kind:
        """What the cells are."""
        types = frozenset(map(type, self.values)) - {type(None)}
        kind = _KINDS.get(types, Kind.MIXED)
        if kind is Kind.OBJECT and all(v is None or "_type" in v for v in self.values):
            return Kind.MEDIA
        if kind is Kind.MIXED and types <= {int, float, str}:
            texts = {value for value in self.values if type(value) is str}
            return Kind.NUMBER if texts <= UNUSUAL.keys() else Kind.MIXED
        return kind

    @cached_property
    def numbers(self) -> Numbers:
        """The cells as float64, NaN for what is no number; true and false are 1 and 0."""
        import numpy as np

        return np.array([_number(value) for value in self.values], dtype=np.float64)

    @cached_property
    def coded(self) -> tuple[Codes, list[Any]]:
        """For each row the place of its value among the distinct ones, and those, as met."""
        import numpy as np

        places: dict[Any, int] = {}
        distinct: list[Any] = []
        codes = np.empty(len(self.values), dtype=np.int64)
        key_of = _plain_key if self.kind in _PLAIN else _exact_key
        for row, value in enumerate(self.values):
            key = key_of(value)
            place = places.setdefault(key, len(distinct))
            if place == len(distinct):
                distinct.append(value)
            codes[row] = place
        return codes, distinct

    @cached_property
    def ranks(self) -> Numbers:
        """What rows are sorted by: numbers by size, all else by its text; NaN where missing."""
        import numpy as np

        if self.kind in (Kind.NUMBER, Kind.BOOLEAN):
            return self.numbers
        codes, distinct = self.coded
        order = sorted(range(len(distinct)), key=lambda place: sort_text(distinct[place]))
        ranks = np.empty(len(distinct), dtype=np.float64)
        ranks[order] = np.arange(len(distinct))
        ranks[[at for at, value in enumerate(distinct) if value is None]] = np.nan
        return ranks[codes]

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value; a number that is none counts as missing."""
        import numpy as np

        if self.kind is Kind.NUMBER:
            return np.isnan(self.numbers)
        return np.array([value is None for value in self.values], dtype=bool)


_PLAIN = frozenset((Kind.NUMBER, Kind.BOOLEAN, Kind.TEXT, Kind.EMPTY))


def _plain_key(value: Any) -> Any:
    return value


def _exact_key(value: Any) -> Any:
    """Tell 1 from true, and make lists and objects comparable."""
    return json_text(value) if isinstance(value, (list, dict)) else (type(value), value)


def _number(value: Any) -> float:
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return UNUSUAL.get(value, UNUSUAL["NaN"]) if isinstance(value, str) else UNUSUAL["NaN"]


def sort_text(value: Any) -> tuple[str, str]:
    """Return what values other than numbers are sorted by: case last, so that it only decides."""
    text = value if isinstance(value, str) else json_text(value)
    return text.casefold(), text


def json_text(value: Any) -> str:
    """Return a cell as JSON, the members of objects in order of their names."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        # Integers beyond 64 bits.
        return json.dumps(value, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class Frame:
    """A table: columns of equal length, and how many bytes they were read from."""

    columns: Sequence[Column]
    rows: int
    bytes: int

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by name; the first of several that share one."""
        return {column.name: column for column in reversed(self.columns)}
