"""Media that runs have logged: at which steps, the values, and their files.

- `POST /api/v1/media/steps` `{"entity", "project", "series": [{"run", "key", "after"}], "limit"}` →
  `{"series": [{"run", "key", "steps": [numbers], "next"}]}`: the steps at which a run logged a key,
  those after `after`, ascending, each once. `next` is the `after` of the page that follows, null
  for the last. Which keys hold media, and of which `_type`, is in the `kinds` of `/api/v1/keys`;
  `media-list` there is a list of some, of one type or of several.
- `POST /api/v1/media/values` `{"entity", "project", "series": [{"run", "key", "min_step",
  "max_step", "limit"}]}` → `{"series": [{"run", "key", "values": [{"step", "value", "files":
  {path: address}}]}]}`: the values with `min_step` ≤ step ≤ `max_step`; where there are more
  than `limit` of them, evenly spaced ones, with the first and the last. Several values of a step
  are one: the last. `files` has an address for every file that the value names; it is good for an
  hour at least, and stays the same within one.
- `POST /api/v1/media/charts` `{"entity", "project", "runs": [ids]}` → `{"charts": [{"key",
  "panel_type", "config", "runs": [ids]}]}`: the custom charts that runs have logged, from their
  configs; of several of one key the config of the first run that has it.
- `GET /media/runs/{run number}/{name}` and `/media/artifacts/{number}/{path}`: a file of a run or
  of an artifact for the page to show, by signed address or login. Unlike `/storage`, it is not
  offered for saving: HTML runs its scripts in a sandbox of no origin that reaches no host, SVG
  runs none, and everything else is only data.

A run that isn't there has no values; neither has a key.
"""

import json
from typing import Any, NamedTuple

import orjson
from aiohttp import web
from anyio.to_thread import run_sync

from ferrule.domain import names
from ferrule.domain.history import plain_name, sampled_row
from ferrule.domain.media import files_of
from ferrule.errors import BadInput
from ferrule.http.answers import json_answer
from ferrule.http.artifact_files import readable_entry
from ferrule.http.bodies import number_of, read_json, text_of
from ferrule.http.finding import readable_project, viewer_of
from ferrule.http.links import RequestLinks, links_of, media_path, shown_entry_path
from ferrule.http.sending import Sent, send
from ferrule.http.services import Services, services
from ferrule.http.shapes import exact, internal_config, object_of
from ferrule.http.storage import readable_file, sent_file
from ferrule.ports.history import FOREVER
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run

STEP = "_step"
MAX_SERIES = 500
MAX_STEPS = 20_000
MAX_VALUES = 2_000
MAX_VALUES_TOGETHER = 20_000
# Of the text of rows in one answer: inline histograms and figures may be large.
MAX_TEXT = 64 << 20
READ_HERE_BYTES = 64 << 10

NO_NETWORK = "default-src 'none'; frame-ancestors 'self'"
# A document's own scripts and styles run, without an origin, and without anything to reach.
DOCUMENT_POLICY = (
    f"sandbox allow-scripts; {NO_NETWORK}; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "style-src 'unsafe-inline' data:; img-src data: blob:; media-src data: blob:; "
    "font-src data:; worker-src data: blob:"
)
PICTURE_POLICY = f"sandbox; {NO_NETWORK}; style-src 'unsafe-inline'; img-src data:"
DATA_POLICY = f"sandbox; {NO_NETWORK}"
POLICIES = {
    "text/html": DOCUMENT_POLICY,
    "image/svg+xml": PICTURE_POLICY,
}
# Types that a browser draws, plays or reads as data. The rest is bytes to it: no type that a
# client chose makes a browser do more.
SHOWN = frozenset(
    (
        "text/html",
        "application/json",
        "application/pdf",
        "text/plain",
    )
)
SHOWN_FAMILIES = ("image/", "audio/", "video/")


class _Asked(NamedTuple):
    run: str
    key: str
    first: int
    last: int
    limit: int


async def steps(request: web.Request) -> web.Response:
    """List the steps at which runs logged keys."""
    fields, project = await _asked_in(request)
    limit = number_of(fields, "limit", MAX_STEPS, lowest=1, highest=MAX_STEPS)
    at_hand = services(request)
    told = []
    for one in _series_of(fields):
        after = number_of(one, "after", -1, lowest=-1, highest=FOREVER - 1)
        asked = _Asked(text_of(one, "run"), text_of(one, "key"), after + 1, FOREVER, limit + 1)
        rows = await _rows(at_hand, project, asked, thin=False)
        found = list(dict.fromkeys(await _in_thread(rows, _steps_in)))
        more = len(rows) > limit
        if more and len(found) > 1:
            # The last step may have further rows; it comes with the next page.
            found.pop()
        told.append(
            {
                "run": asked.run,
                "key": asked.key,
                "steps": found,
                "next": found[-1] if more and found else None,
            }
        )
    return json_answer({"series": told})


async def values(request: web.Request) -> web.Response:
    """Tell values at steps, with addresses of their files."""
    fields, project = await _asked_in(request)
    at_hand, links = services(request), links_of(request)
    wanted = [_values_asked(one) for one in _series_of(fields)]
    if sum(one.limit for one in wanted) > MAX_VALUES_TOGETHER:
        raise BadInput(f"An answer has at most {MAX_VALUES_TOGETHER} values in all its series.")
    told, size = [], 0
    for asked in wanted:
        run = await _run(at_hand, project, asked.run)
        rows = await _rows(at_hand, project, asked, thin=True)
        size += sum(map(len, rows))
        if size > MAX_TEXT:
            raise BadInput("These values are too large for one answer; ask for fewer at a time.")
        found = await _in_thread(rows, lambda rows, key=asked.key: values_in(rows, key))
        told.append(
            {
                "run": asked.run,
                "key": asked.key,
                "values": [_value_shape(links, run, step, value) for step, value in found],
            }
        )
    return json_answer({"series": told})


async def _asked_in(request: web.Request) -> tuple[dict[str, Any], Project]:
    await viewer_of(request)
    at_hand = services(request)
    fields = await read_json(request, at_hand.budget, max_bytes=at_hand.settings.request_bytes)
    entity, name = text_of(fields, "entity"), text_of(fields, "project")
    return fields, await readable_project(request, entity, name)


def _series_of(fields: dict[str, Any]) -> list[dict[str, Any]]:
    asked = fields.get("series")
    fits = isinstance(asked, list) and all(isinstance(one, dict) for one in asked)
    if not fits or not isinstance(asked, list) or len(asked) > MAX_SERIES:
        raise BadInput(f"`series` must be a list of at most {MAX_SERIES} objects.")
    return asked


def _values_asked(one: dict[str, Any]) -> _Asked:
    first = number_of(one, "min_step", 0, lowest=0, highest=FOREVER - 1)
    last = number_of(one, "max_step", FOREVER - 1, lowest=0, highest=FOREVER - 1)
    limit = number_of(one, "limit", 1, lowest=1, highest=MAX_VALUES)
    return _Asked(text_of(one, "run"), text_of(one, "key"), first, last + 1, limit)


async def _run(at_hand: Services, project: Project, name: str) -> Run | None:
    return await at_hand.cache.get((project.entity, project.name, name))


async def _rows(at_hand: Services, project: Project, asked: _Asked, *, thin: bool) -> list[str]:
    run = await _run(at_hand, project, asked.run)
    if run is None:
        return []
    return await at_hand.history.rows(
        run.scope,
        keys=(STEP, asked.key),
        min_step=asked.first,
        max_step=asked.last,
        limit=asked.limit,
        thin=thin,
    )


async def _in_thread(rows: list[str], read: Any) -> Any:
    """Read rows, in a thread if they are long."""
    if sum(map(len, rows)) < READ_HERE_BYTES:
        return read(rows)
    return await run_sync(read, rows)


def _parsed(row: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(row)
    except orjson.JSONDecodeError:
        # NaN and infinities are written bare.
        fields = json.loads(row)
    return fields if isinstance(fields, dict) else {}


def _steps_in(rows: list[str]) -> list[int]:
    found = (_parsed(row).get(STEP) for row in rows)
    return [step for step in found if isinstance(step, int)]


def values_in(rows: list[str], key: str) -> list[tuple[int, Any]]:
    """Return the steps and values that rows, read with `_step`, have of a key."""
    found, name = [], plain_name(key)
    for row in map(_parsed, rows):
        value = sampled_row(row, (name,))
        if value and isinstance(row.get(STEP), int):
            found.append((row[STEP], exact(value[name])))
    return found


def _value_shape(links: RequestLinks, run: Run | None, step: int, value: Any) -> dict[str, Any]:
    paths = files_of(value) if run else []
    files = {path: links.media_url(run, path) for path in paths} if run else {}
    return {"step": step, "value": value, "files": files}


async def charts(request: web.Request) -> web.Response:
    """List the custom charts of runs."""
    fields, project = await _asked_in(request)
    at_hand, asked = services(request), fields.get("runs")
    fits = isinstance(asked, list) and all(isinstance(name, str) for name in asked)
    if not fits or not isinstance(asked, list) or len(asked) > MAX_SERIES:
        raise BadInput(f"`runs` must be a list of at most {MAX_SERIES} run ids.")
    found: dict[str, dict[str, Any]] = {}
    for name in asked:
        run = await _run(at_hand, project, name)
        for key, chart in charts_of(run).items() if run else ():
            found.setdefault(key, chart | {"runs": []})["runs"].append(name)
    return json_answer({"charts": [found[key] for key in sorted(found)]})


def charts_of(run: Run) -> dict[str, dict[str, Any]]:
    """Return the custom charts that a run's config tells of, by key."""
    told = internal_config(object_of(run.config)).get("visualize")
    panels = told if isinstance(told, dict) else {}
    return {
        key: {
            "key": key,
            "panel_type": str(panel.get("panel_type", "")),
            "config": exact(panel.get("panel_config")),
        }
        for key, panel in panels.items()
        if isinstance(panel, dict) and isinstance(panel.get("panel_config"), dict)
    }


async def media_file(request: web.Request) -> web.StreamResponse:
    """Hand out a run's file for the page to show."""
    sent = sent_file(await readable_file(request, media_path))
    return await send(request, sent, headers_of(sent))


async def media_entry(request: web.Request) -> web.StreamResponse:
    """Hand out a file of an artifact for the page to show."""
    sent = await readable_entry(request, shown_entry_path)
    return await send(request, sent, headers_of(sent))


def headers_of(sent: Sent) -> dict[str, str]:
    """Return what tells a browser how far it may go with a file that somebody uploaded."""
    kind = (sent.mimetype or names.mimetype(sent.name)).partition(";")[0].strip().lower()
    shown = kind in SHOWN or kind.startswith(SHOWN_FAMILIES)
    return {
        "Content-Type": _with_charset(kind) if shown else "application/octet-stream",
        "Content-Security-Policy": POLICIES.get(kind, DATA_POLICY),
        "Content-Disposition": "inline",
        "Accept-Ranges": "bytes",
        # The address is signed anew each hour, and what is in it is named by its content.
        "Cache-Control": "private, max-age=3600",
        "ETag": sent.etag,
    }


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_post("/api/v1/media/steps", steps)
    app.router.add_post("/api/v1/media/values", values)
    app.router.add_post("/api/v1/media/charts", charts)
    app.router.add_get(r"/media/runs/{run:\d{1,18}}/{name:.+}", media_file)
    app.router.add_get(r"/media/artifacts/{number:\d{1,18}}/{path:.+}", media_entry)
