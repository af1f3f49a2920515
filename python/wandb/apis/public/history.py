"""Rows of a run: in order of their steps, merged by step, thinned, cut down to some keys."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeGuard

from wandb.apis.public.source import Row

_MISSING = object()


class HistoryScan:
    """Every row of a run, one by one, in order of steps.

    Each pass, and each new iterator, reads the run anew, so a scan of a running run gives what
    is there when the pass starts.
    """

    def __init__(self, read: Callable[[], Iterable[Row]]) -> None:
        self._read = read
        self._pass: Iterator[Row] | None = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self._read())

    def __next__(self) -> Row:
        if self._pass is None:
            self._pass = iter(self)
        return next(self._pass)

    next = __next__


def within(rows: Iterable[Row], min_step: int | None, max_step: int | None) -> Iterator[Row]:
    """Keep rows with `min_step` ≤ step < `max_step`; rows come in order of steps."""
    for row in rows:
        step = row["_step"]
        if max_step is not None and step >= max_step:
            return
        if min_step is None or step >= min_step:
            yield row


def select(rows: Iterable[Row], keys: Sequence[str]) -> Iterator[Row]:
    """Cut rows down to some keys, leaving out rows that lack one of them.

    A key names a value at the top, or one in a nested dict by joining the names with dots.
    """
    for row in rows:
        values = [lookup(row, key) for key in keys]
        if not any(value is _MISSING for value in values):
            yield dict(zip(keys, values, strict=True))


def lookup(row: Row, key: str, default: Any = _MISSING) -> Any:
    """Find the value of a dotted key; the literal key goes before a nested one."""
    if key in row:
        return row[key]
    parts = key.split(".")
    for cut in range(1, len(parts)):
        inner = row.get(".".join(parts[:cut]))
        if isinstance(inner, dict):
            value = lookup(inner, ".".join(parts[cut:]))
            if value is not _MISSING:
                return value
    return default


def merge_steps(rows: Iterable[Row]) -> Iterator[Row]:
    """Fold rows of one step into one, as a server shows them: the later value of a leaf wins."""
    current: Row | None = None
    for row in rows:
        if current is None or row["_step"] != current["_step"]:
            if current is not None:
                yield current
            current = row
        else:
            overlay(current, row)
    if current is not None:
        yield current


def by_time(rows: Iterable[Row]) -> list[Row]:
    """Sort rows of machine metrics: several processes may have sampled, one after the other."""
    return sorted(rows, key=_taken_at)


def _taken_at(row: Row) -> float:
    moment = row.get("_timestamp")
    return float(moment) if isinstance(moment, (int, float)) else 0.0


def overlay(target: Row, newer: Row) -> None:
    """Write the leaves of `newer` over `target`; media and other typed values are leaves."""
    for key, value in newer.items():
        old = target.get(key)
        if _is_branch(old) and _is_branch(value):
            overlay(old, value)
        else:
            target[key] = value


def _is_branch(value: Any) -> TypeGuard[Row]:
    return isinstance(value, dict) and "_type" not in value


def thin(rows: Iterable[Row], count: int, samples: int) -> Iterator[Row]:
    """Keep `samples` of `count` rows, evenly spaced; the first and the last are among them."""
    if samples <= 0:
        return
    if count <= samples:
        yield from rows
        return
    picked = {round(n * (count - 1) / max(samples - 1, 1)) for n in range(samples)}
    for position, row in enumerate(rows):
        if position in picked:
            yield row
