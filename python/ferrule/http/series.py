"""What charts are drawn from.

- `POST /api/v1/keys` `{"entity", "project", "runs": [ids] or null, "stream"}` → `{"keys": […],
  "metrics": […]}`.
- `POST /api/v1/series` `{"entity", "project", "series": [{"run", "key", "x"}], "stream", "x_min",
  "x_max", "buckets"}` → `FSR1`, the length of a JSON head (uint32, little-endian), the head, padded
  with spaces so that what follows begins at a multiple of 8, and float64 columns, little-endian.
  `offset` of a series counts from the end of the head. A run that isn't there has no points;
  a series that is asked for twice comes once, and has two places in the head.
  `columns` are `x`, `y`, or those of buckets, see `ferrule.ports.history.SeriesBlock`; `count`
  less `finite` is how many points of a bucket are NaN or infinite.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from ferrule.domain.media import MEDIA_LIST, is_media_list
from ferrule.domain.metrics import MetricFacts, metrics_of
from ferrule.errors import BadInput
from ferrule.http.answers import json_answer
from ferrule.http.bodies import number_of, read_json, text_of
from ferrule.http.finding import readable_project, viewer_of
from ferrule.http.media import values_in
from ferrule.http.services import Services, services
from ferrule.http.shapes import internal_config, object_of
from ferrule.ports.history import KeyFacts, SeriesBlock, SeriesQuery, Stream
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run

MAGIC = b"FSR1"
MAX_SERIES = 2000
MAX_BUCKETS = 10_000
# In all series of an answer: each takes some 70 bytes.
MAX_BUCKETS_TOGETHER = 2_000_000
MAX_RUNS = 1000
LIST = "list"
# Keys with lists, of which a value is read to see whether there is media in it.
MAX_LISTS = 200
STREAMS = {"history": Stream.HISTORY, "events": Stream.EVENTS}


class _Asked(NamedTuple):
    run: str
    key: str
    x: str


async def _asked(request: web.Request) -> tuple[dict[str, Any], Project, Stream]:
    await viewer_of(request)
    at_hand = services(request)
    fields = await read_json(request, at_hand.budget, max_bytes=at_hand.settings.request_bytes)
    entity, name = text_of(fields, "entity"), text_of(fields, "project")
    stream = STREAMS.get(text_of(fields, "stream", "history"))
    if stream is None:
        raise BadInput("`stream` is `history` or `events`.")
    return fields, await readable_project(request, entity, name), stream


async def keys(request: web.Request) -> web.Response:
    """List what runs have logged, and how it is to be shown."""
    fields, project, stream = await _asked(request)
    at_hand = services(request)
    runs = await _runs(at_hand, project, fields.get("runs"))
    merged: dict[str, dict[str, Any]] = {}
    furthest: dict[str, Run] = {}
    metrics: dict[str, MetricFacts] = {}
    for run in runs:
        for facts in await at_hand.history.keys(run.scope, stream):
            if _merge(merged, facts, run):
                furthest[facts.name] = run
        metrics |= {rule.name: rule for rule in metrics_of(internal_config(object_of(run.config)))}
    if stream is Stream.HISTORY:
        await _tell_media_lists(at_hand, merged, furthest)
    return json_answer(
        {
            "keys": [merged[name] for name in sorted(merged)],
            "metrics": [asdict(metrics[name]) for name in sorted(metrics)],
        }
    )


async def _runs(at_hand: Services, project: Project, names: Any) -> list[Run]:
    if names is None:
        page = await at_hand.stores.runs.find(project.id, limit=MAX_RUNS)
        return list(page.items)
    if not isinstance(names, list) or len(names) > MAX_RUNS:
        raise BadInput(f"`runs` must be a list of at most {MAX_RUNS} run ids, or null.")
    found = [await _run(at_hand, project, name) for name in names]
    return [run for run in found if run is not None]


async def _run(at_hand: Services, project: Project, name: Any) -> Run | None:
    if not isinstance(name, str):
        raise BadInput("The id of a run must be text.")
    return await at_hand.cache.get((project.entity, project.name, name))


async def _tell_media_lists(
    at_hand: Services, merged: dict[str, dict[str, Any]], furthest: dict[str, Run]
) -> None:
    """Add to the kinds of a key that it has lists of media: only its values tell, the last one."""
    lists = [known for known in merged.values() if LIST in known["kinds"]]
    for known in lists[:MAX_LISTS]:
        name, last = known["name"], known["last_step"]
        rows = await at_hand.history.rows(
            furthest[name].scope, keys=("_step", name), min_step=last, limit=1
        )
        if any(is_media_list(value) for _, value in values_in(rows, name)):
            known["kinds"] = sorted({*known["kinds"], MEDIA_LIST})


def _merge(merged: dict[str, dict[str, Any]], facts: KeyFacts, run: Run) -> bool:
    """Add one run's facts of a key to those of others; the furthest run's last value stays.

    Returns:
        Whether this run is the furthest so far.
    """
    known = merged.setdefault(
        facts.name,
        {
            "name": facts.name,
            "numbers": 0,
            "others": 0,
            "kinds": [],
            "last_value": None,
            "min": None,
            "max": None,
            "last_step": -1,
            "runs": [],
        },
    )
    known["numbers"] += facts.numbers
    known["others"] += facts.others
    known["kinds"] = sorted({*known["kinds"], *facts.kinds})
    known["min"] = _picked(min, known["min"], facts.minimum)
    known["max"] = _picked(max, known["max"], facts.maximum)
    known["runs"].append(run.name)
    if facts.last_step < known["last_step"]:
        return False
    known["last_step"], known["last_value"] = facts.last_step, facts.last_value
    return True


def _picked(pick: Any, *values: float | None) -> float | None:
    given = [value for value in values if value is not None]
    return pick(given) if given else None


async def series(request: web.Request) -> web.Response:
    """Hand out the points of lines, or buckets of them, as columns."""
    fields, project, stream = await _asked(request)
    at_hand = services(request)
    pattern = SeriesQuery(
        scope=(),
        key="",
        x_min=_bound(fields, "x_min"),
        x_max=_bound(fields, "x_max"),
        buckets=number_of(fields, "buckets", 800, lowest=1, highest=MAX_BUCKETS),
        stream=stream,
    )
    asked = _series_asked(fields)
    wanted = dict.fromkeys(asked)
    if len(wanted) * pattern.buckets > MAX_BUCKETS_TOGETHER:
        raise BadInput(f"An answer has at most {MAX_BUCKETS_TOGETHER} buckets in all its series.")
    heads: dict[_Asked, dict[str, Any]] = {}
    columns: list[bytes] = []
    offset = 0
    for one in wanted:
        block, last_step = await _block(at_hand, project, one, pattern)
        heads[one] = {
            "run": one.run,
            "key": one.key,
            "x": one.x,
            "columns": block.columns,
            "length": block.length,
            "points": block.points,
            "offset": offset,
            "last_step": last_step,
        }
        columns.append(block.data)
        offset += len(block.data)
    body = framed({"series": [heads[one] for one in asked]}, columns)
    return web.Response(body=body, content_type="application/octet-stream")


async def _block(
    at_hand: Services, project: Project, asked: _Asked, pattern: SeriesQuery
) -> tuple[SeriesBlock, int]:
    """Return a series with the last step of its run."""
    run = await _run(at_hand, project, asked.run)
    if run is None:
        return SeriesBlock(("x", "y"), 0, 0, b""), -1
    query = replace(pattern, scope=run.scope, key=asked.key, x=asked.x)
    return await at_hand.history.series(query), await at_hand.history.last_step(run.scope)


def framed(head: dict[str, Any], columns: Iterable[bytes]) -> bytes:
    """Put a head before columns, so that they begin at a multiple of 8 bytes."""
    text = orjson.dumps(head)
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % 8)
    return b"".join((MAGIC, struct.pack("<I", len(text)), text, *columns))


def _series_asked(fields: dict[str, Any]) -> list[_Asked]:
    asked = fields.get("series")
    fits = isinstance(asked, list) and all(isinstance(one, dict) for one in asked)
    if not fits or not isinstance(asked, list) or len(asked) > MAX_SERIES:
        raise BadInput(f"`series` must be a list of at most {MAX_SERIES} objects.")
    return [
        _Asked(text_of(one, "run"), text_of(one, "key"), text_of(one, "x", "_step"))
        for one in asked
    ]


def _bound(fields: dict[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(f"`{name}` must be a number or null.")
    return float(value)


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_post("/api/v1/keys", keys)
    app.router.add_post("/api/v1/series", series)
