"""Projects and runs as the page lists them.

- `GET /api/v1/projects` → `{"projects": […]}`, the one updated last first.
- `POST /api/v1/runs/query` `{"entity", "project", "filters", "order", "search", "after",
  "limit"}` → `{"total", "next", "runs"}`.
- `GET /api/v1/runs/{entity}/{project}/{run}` → a run with all that is known of it.
- `GET /api/v1/files/{entity}/{project}/{run}` → `{"files": […]}`.
"""

from typing import Any

from aiohttp import web

from ferrule.errors import BadInput
from ferrule.http.answers import json_answer
from ferrule.http.bodies import number_of, read_json, text_of
from ferrule.http.finding import readable_project, readable_run, viewer_of
from ferrule.http.links import links_of
from ferrule.http.services import Services, services
from ferrule.http.shapes import internal_config, iso, object_of, run_shape
from ferrule.ports.files import RunFile
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run

MAX_RUNS = 1000
MAX_PROJECTS = 1000
MAX_FILES = 10_000
PAGE = 200
METADATA_FILE = "wandb-metadata.json"
METADATA_BYTES = 1 << 20
MAX_WARNINGS = 20
MAX_SEARCH = 1000


async def projects(request: web.Request) -> web.Response:
    """List the caller's projects."""
    at_hand, viewer = services(request), await viewer_of(request)
    await at_hand.book.settle()
    found: list[Project] = []
    after: str | None = None
    while len(found) < MAX_PROJECTS:
        page = await at_hand.stores.projects.find(sorted(viewer.entities), after=after, limit=PAGE)
        found += page.items
        after = page.next
        if after is None:
            break
    totals = await at_hand.stores.projects.totals([project.id for project in found])
    return json_answer(
        {
            "projects": [
                {
                    "entity": project.entity,
                    "name": project.name,
                    "created_at": iso(project.created_at),
                    "updated_at": iso(project.updated_at),
                    "runs": totals[project.id].runs if project.id in totals else 0,
                    "running": totals[project.id].running if project.id in totals else 0,
                }
                for project in found
            ]
        }
    )


async def query_runs(request: web.Request) -> web.Response:
    """List a project's runs by filter, search and order, a page at a time."""
    at_hand = services(request)
    await viewer_of(request)
    fields = await read_json(request, at_hand.budget, max_bytes=at_hand.settings.request_bytes)
    project = await readable_project(request, text_of(fields, "entity"), text_of(fields, "project"))
    filters = {} if fields.get("filters") is None else fields["filters"]
    if not isinstance(filters, dict):
        raise BadInput("`filters` must be an object.")
    search = text_of(fields, "search", "")
    if len(search) > MAX_SEARCH:
        raise BadInput(f"`search` has at most {MAX_SEARCH} characters.")
    await at_hand.book.settle()
    page = await at_hand.stores.runs.find(
        project.id,
        filters=filters,
        order=text_of(fields, "order", "-created_at"),
        search=search,
        after=None if fields.get("after") is None else text_of(fields, "after"),
        limit=number_of(fields, "limit", 50, lowest=1, highest=MAX_RUNS),
    )
    total = await at_hand.stores.runs.count(project.id, filters, search=search)
    runs = [run_shape(run) for run in page.items]
    return json_answer({"total": total, "next": page.next, "runs": runs})


async def one_run(request: web.Request) -> web.Response:
    """Tell all about one run."""
    at_hand, run = services(request), await readable_run(request)
    return json_answer(
        run_shape(run)
        | {
            "metadata": await _metadata(at_hand, run),
            "config_internal": internal_config(object_of(run.config)),
            "files": await at_hand.stores.files.count(run.id),
            "console_lines": await at_hand.history.console_count(run.scope),
            "warnings": await _warnings(at_hand, run),
            "commit": run.commit,
            "program": run.program,
            "description": run.description,
            "repo": run.repo,
            "sweep": run.sweep,
        }
    )


async def _metadata(at_hand: Services, run: Run) -> dict[str, Any] | None:
    file = await at_hand.stores.files.get(run.id, METADATA_FILE)
    if file is None or file.size > METADATA_BYTES:
        return None
    pieces = [piece async for piece in at_hand.blobs.read(file.blob)]
    return object_of(b"".join(pieces).decode("utf-8", "replace"))


async def _warnings(at_hand: Services, run: Run) -> list[str]:
    aside = await at_hand.history.aside(run.scope, MAX_WARNINGS)
    warnings = [f"A line of {file} could not be read and was kept aside." for file, _ in aside]
    missing = await at_hand.history.missing_lines(run.id, run.attempt)
    if missing:
        warnings.append(f"The history has a gap: {missing} of its lines have not come.")
    return warnings


async def files(request: web.Request) -> web.Response:
    """List a run's files, with addresses that are good for an hour."""
    at_hand, run = services(request), await readable_run(request)
    links = links_of(request)
    found: list[RunFile] = []
    after: str | None = None
    while len(found) < MAX_FILES:
        page = await at_hand.stores.files.find(run.id, after=after, limit=PAGE)
        found += page.items
        after = page.next
        if after is None:
            break
    return json_answer(
        {
            "files": [
                {
                    "name": file.name,
                    "size": file.size,
                    "updated_at": iso(file.updated_at),
                    "url": links.download_url(run, file),
                }
                for file in found
            ]
        }
    )


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get("/api/v1/projects", projects)
    app.router.add_post("/api/v1/runs/query", query_runs)
    app.router.add_get("/api/v1/runs/{entity}/{project}/{run}", one_run)
    app.router.add_get("/api/v1/files/{entity}/{project}/{run}", files)
