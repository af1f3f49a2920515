"""Fields of runs that their rows know."""

import json
from typing import Any

from ferrule.domain import history as shapes
from ferrule.domain.console import console_line
from ferrule.errors import BadInput
from ferrule.graphql.context import Context
from ferrule.graphql.paging import MAX_PAGE, listed
from ferrule.graphql.resolvers.binding import Info, Resolver, always
from ferrule.ports.history import LineCounts, Stream
from ferrule.ports.runs import Run


async def line_counts(run: Run, context: Context) -> LineCounts:
    """Return where a client that goes on has to start counting."""
    writer = context.async_writer or ""
    return await context.history.line_counts(run.id, run.attempt, writer)


async def _history_line_count(run: Run, info: Info) -> int | None:
    context: Context = info.context
    if run.id in context.lines_told:
        return context.lines_told[run.id]
    counts = await line_counts(run, context)
    # A client that resumes starts from step 0 if there are none: a rewound run that has logged
    # nothing since, or a fork, has its older rows.
    return counts.history or await context.history.row_count(run.scope)


async def _events_line_count(run: Run, info: Info) -> int:
    return (await line_counts(run, info.context)).events


async def _log_line_count(run: Run, info: Info) -> int:
    return (await line_counts(run, info.context)).console


async def _history_tail(run: Run, info: Info) -> str:
    return shapes.tail(await _last_row(run, info.context, Stream.HISTORY))


async def _events_tail(run: Run, info: Info) -> str:
    return shapes.tail(await _last_row(run, info.context, Stream.EVENTS))


async def _system_metrics(run: Run, info: Info) -> str:
    return shapes.system_metrics(await _last_row(run, info.context, Stream.EVENTS))


async def _last_row(run: Run, context: Context, stream: Stream) -> list[str]:
    return (await context.history.rows(run.scope, stream, limit=2, thin=True))[-1:]


async def _history_keys(run: Run, info: Info) -> dict[str, Any]:
    history = info.context.history
    facts = await history.keys(run.scope)
    rows = await history.row_count(run.scope)
    return shapes.history_keys(facts, rows, await history.last_step(run.scope))


async def _history(
    run: Run,
    info: Info,
    min_step: int | None = None,
    max_step: int | None = None,
    samples: int | None = None,
) -> list[str]:
    size = shapes.DEFAULT_SAMPLES if samples is None else samples
    return await _rows(run, info.context, shapes.page_range(min_step, max_step, size))


async def _events(run: Run, info: Info, samples: int | None = None) -> list[str]:
    size = shapes.DEFAULT_SAMPLES if samples is None else samples
    rows = shapes.page_range(None, None, size)
    return await _rows(run, info.context, rows, stream=Stream.EVENTS)


async def _sampled_history(run: Run, info: Info, specs: Any = None) -> list[list[Any]]:
    wanted = shapes.sample_specs(listed(specs))
    found = [await _rows(run, info.context, spec.rows, keys=spec.keys) for spec in wanted]
    constant = float if info.context.exact_numbers else str
    return [
        [shapes.sampled_row(json.loads(row, parse_constant=constant), spec.keys) for row in rows]
        for spec, rows in zip(wanted, found, strict=True)
    ]


async def _rows(
    run: Run,
    context: Context,
    rows: shapes.RowRange,
    *,
    stream: Stream = Stream.HISTORY,
    keys: tuple[str, ...] = (),
) -> list[str]:
    return await context.history.rows(
        run.scope,
        stream,
        keys=keys or None,
        min_step=rows.first,
        max_step=rows.stop,
        limit=rows.limit,
        thin=rows.thin,
    )


async def _log_lines(
    run: Run,
    info: Info,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    **_ignored: Any,
) -> dict[str, Any]:
    context: Context = info.context
    start = _position(after) + 1 if after else 0
    size = MAX_PAGE * 10 if first is None else min(max(first, 1), MAX_PAGE * 10)
    if last is not None:
        size = min(max(last, 0), MAX_PAGE * 10)
        start = max(await context.history.console_count(run.scope) - size, 0)
    lines = await context.history.console(run.scope, start, size + 1)
    edges = [_log_edge(start + at, *line) for at, line in enumerate(lines[:size])]
    return {
        "edges": edges,
        "pageInfo": {
            "endCursor": edges[-1]["cursor"] if edges else None,
            "hasNextPage": len(lines) > size,
        },
    }


def _log_edge(position: int, number: int, sent: str) -> dict[str, Any]:
    line = console_line(number, sent)
    return {"node": {**line, "line": line["text"]}, "cursor": str(position)}


def _position(cursor: str) -> int:
    if not cursor.isdecimal() or len(cursor) > 18:
        raise BadInput("The cursor is not one of this list; start again without one.")
    return int(cursor)


RUN: dict[str, Resolver] = {
    "systemMetrics": _system_metrics,
    "historyLineCount": _history_line_count,
    "eventsLineCount": _events_line_count,
    "logLineCount": _log_line_count,
    "historyTail": _history_tail,
    "eventsTail": _events_tail,
    "historyKeys": _history_keys,
    "history": _history,
    "events": _events,
    "sampledHistory": _sampled_history,
    # Without files all rows come by `history` and `sampledHistory`.
    "parquetHistory": always({"parquetUrls": [], "liveData": []}),
    "logLines": _log_lines,
}
