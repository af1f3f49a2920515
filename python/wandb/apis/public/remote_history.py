"""Reading every row of a run from a server, in pages that are never thinned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from wandb.apis.public.history import lookup
from wandb.apis.public.source import Row

# Rows from one step up to before another, at most so many.
Fetch = Callable[[int, int, int], list[Row]]

_ABSENT = object()
# What a GraphQL Int holds.
_MOST_ROWS = 2**31 - 1


def every_row(fetch: Fetch, first: int, end: int, *, page_size: int) -> Iterator[Row]:
    """Yield all rows with `first` ≤ step < `end`.

    A server answers a range of steps, with no more rows than asked for: it thins what is more,
    and may keep only half as many as it could. So an answer that is half full is not trusted,
    and its range is asked for again in smaller parts. Steps can also be far apart, so a range
    that holds little makes the next one longer.

    Args:
        fetch: Asks the server.
        first: The first step wanted.
        end: The step to stop before.
        page_size: About how many rows to ask for at a time.
    """
    page_size = max(page_size, 1)
    step, span, limit = first, page_size, 8 * page_size
    while step < end:
        until = min(step + span, end)
        rows = fetch(step, until, limit)
        if 2 * len(rows) < limit:
            yield from rows
            step, limit = until, 8 * page_size
            span = _next_span(span, len(rows), page_size)
        elif until - step > 1:
            span = (until - step) // 2
        else:
            # Very many rows of one step.
            if limit == _MOST_ROWS:
                yield from rows
                step = until
            limit = min(8 * limit, _MOST_ROWS)


def _next_span(span: int, rows: int, page_size: int) -> int:
    if rows < page_size // 4:
        return span * 4
    return max(span // 2, 1) if rows > 2 * page_size else span


def unambiguous(step: int, until: int, limit: int) -> int:
    """Change a limit that some servers take for a sign that the last step is wanted too."""
    return limit + 1 if until - step == limit - 1 else limit


def flat(row: Row, keys: Sequence[str]) -> Row:
    """Keep the asked keys of a row, in their order, each under its own dotted name.

    Some servers answer `a.b` as `{"a.b": 1}`, some as `{"a": {"b": 1}}`.
    """
    found = {key: lookup(row, key, _ABSENT) for key in keys}
    return {key: value for key, value in found.items() if value is not _ABSENT}


def cut(rows: Sequence[Row], keys: Sequence[str], step: int, until: int) -> list[Row]:
    """Keep the asked keys of rows inside a range that was asked for."""
    return [flat(row, keys) for row in rows if step <= row.get("_step", step) < until]
