"""What the cells of many rows are, in one: a histogram, the commonest values, words, a gallery.

All groups of a page are worked out together, column by column, so that a hundred groups cost
little more than one. Histograms of a column share their edges, so that groups can be compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ferrule.tables.frame import Column, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

BINS = 24
TOP = 8
GALLERY = 6
MAX_WORD_CELLS = 5000
WORD_CHARS = 2000
# Texts of more words than this, of which hardly two are alike, are told by their words.
WORDS_FROM = 3.0
WORD = re.compile(r"\w{2,}")
VALUE_CHARS = 200


@dataclass(frozen=True)
class Grouped:
    """Rows in groups.

    Attributes:
        rows: Which rows of the table, those of one group after those of another.
        groups: For each of them the place of its group, ascending.
        count: How many groups there are.
        scale: The rows that histograms take their edges from.
    """

    rows: Integers
    groups: Integers
    count: int
    scale: Integers

    def parts(self, picked: Any = None) -> list[Integers]:
        """Return the rows of each group, or those of them that are picked."""
        import numpy as np

        rows, groups = self.rows, self.groups
        if picked is not None:
            rows, groups = rows[picked], groups[picked]
        borders = np.searchsorted(groups, np.arange(self.count + 1))
        return [rows[borders[at] : borders[at + 1]] for at in range(self.count)]


def summarized(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    """Return for each group what its cells of a column are."""
    import numpy as np

    missing = np.bincount(
        grouped.groups, weights=column.missing[grouped.rows], minlength=grouped.count
    )
    return [
        told | {"missing": int(lacks)}
        for told, lacks in zip(_SUMMARIES[column.kind](column, grouped), missing, strict=True)
    ]


def _histograms(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    import numpy as np

    scale = column.numbers[grouped.scale]
    finite = scale[np.isfinite(scale)]
    if finite.size == 0:
        return [{"kind": "histogram", "edges": [], "counts": []} for _ in range(grouped.count)]
    edges = edges_of(finite)
    values = column.numbers[grouped.rows]
    kept = np.isfinite(values)
    values, groups = values[kept], grouped.groups[kept]
    bins = len(edges) - 1
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    counts = np.bincount(groups * bins + places, minlength=grouped.count * bins)
    told = counts.reshape(grouped.count, bins).tolist()
    extremes = _extremes(values, groups, grouped.count)
    return [
        {"kind": "histogram", "edges": edges.tolist(), "counts": row} | extreme
        for row, extreme in zip(told, extremes, strict=True)
    ]


def edges_of(finite: Floats) -> Floats:
    """Return edges of bins for values: one for each whole number where those are few."""
    import numpy as np

    low, high = float(finite.min()), float(finite.max())
    few_wholes = high - low < BINS and bool(np.all(finite == np.floor(finite)))
    if few_wholes and max(abs(low), abs(high)) < 2**52:
        return np.arange(low - 0.5, high + 1.0)
    # By halves: the distance between two floats may be none.
    shares = np.linspace(0.0, 1.0, BINS + 1)
    edges = low * (1.0 - shares) + high * shares
    edges[0], edges[-1] = low, high
    return edges


def _extremes(values: Floats, groups: Integers, count: int) -> list[dict[str, float | None]]:
    import numpy as np

    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, groups, values)
    np.maximum.at(high, groups, values)
    sizes = np.bincount(groups, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        means = np.bincount(groups, weights=values, minlength=count) / sizes
    return [
        {"min": float(a), "max": float(b), "mean": float(mean) if np.isfinite(mean) else None}
        if size
        else {"min": None, "max": None, "mean": None}
        for a, b, mean, size in zip(low, high, means, sizes, strict=True)
    ]


def _tops(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    import numpy as np

    codes, distinct = column.coded
    there = ~column.missing[grouped.rows]
    groups, width = grouped.groups[there], max(len(distinct), 1)
    pairs, counts = np.unique(groups * width + codes[grouped.rows[there]], return_counts=True)
    borders = np.searchsorted(pairs, np.arange(grouped.count + 1) * width)
    told = []
    for at in range(grouped.count):
        part = slice(borders[at], borders[at + 1])
        # Stable: of equally common values the one that was met first comes first.
        order = np.argsort(-counts[part], kind="stable")[:TOP]
        values = [
            {"value": clipped(distinct[pair % width]), "count": int(count)}
            for pair, count in zip(pairs[part][order], counts[part][order], strict=True)
        ]
        told.append({"kind": "top", "values": values, "distinct": int(part.stop - part.start)})
    return told


def clipped(value: Any) -> Any:
    """Return a value of no great length; long texts are cut."""
    return value[:VALUE_CHARS] if isinstance(value, str) else value


def _texts(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    return (_words if is_prose(column) else _tops)(column, grouped)


def is_prose(column: Column) -> bool:
    """Tell whether texts are sentences rather than names of categories."""
    _, distinct = column.coded
    given = [value for value in distinct if isinstance(value, str)][:1000]
    if len(given) < 2 or len(distinct) * 2 < len(column.values):
        return False
    return sum(text.count(" ") for text in given) / len(given) >= WORDS_FROM


def _words(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    told = []
    for rows in grouped.parts():
        counts: Counter[str] = Counter()
        for row in rows[:MAX_WORD_CELLS]:
            text = column.values[row]
            if isinstance(text, str):
                counts.update(set(WORD.findall(text[:WORD_CHARS].casefold())))
        words = [{"value": word, "count": count} for word, count in counts.most_common(TOP * 2)]
        left_out = max(len(rows) - MAX_WORD_CELLS, 0)
        summary = {"kind": "words", "values": words, "distinct": len(counts)}
        told.append(summary | {"left_out": left_out})
    return told


def _galleries(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    there = ~column.missing[grouped.rows]
    return [
        {
            "kind": "gallery",
            "values": [{"row": int(row), "value": column.values[row]} for row in rows[:GALLERY]],
            "count": len(rows),
        }
        for rows in grouped.parts(there)
    ]


def _counts(column: Column, grouped: Grouped) -> list[dict[str, Any]]:
    there = ~column.missing[grouped.rows]
    return [{"kind": "count", "count": len(rows)} for rows in grouped.parts(there)]


_SUMMARIES: dict[Kind, Callable[[Column, Grouped], Sequence[dict[str, Any]]]] = {
    Kind.NUMBER: _histograms,
    Kind.BOOLEAN: _tops,
    Kind.TEXT: _texts,
    Kind.MIXED: _tops,
    Kind.MEDIA: _galleries,
    Kind.LIST: _counts,
    Kind.OBJECT: _counts,
    Kind.EMPTY: _counts,
}
