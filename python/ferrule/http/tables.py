"""Tables that runs have logged or artifacts hold, looked into a page at a time.

`POST /api/v1/tables/query` `{"entity", "project", "source", "filter", "expression", "sort",
"group", "offset", "limit", "whole"}`, where

- `source` names the file: `{"run": id, "path": name, "artifact": reference}` is one of a run. The
  `artifact_path` of the row may be given as `artifact`: what is there goes before the run's file,
  which has neither media nor more than 10,000 rows. `{"artifact": reference}` is one that is in an
  artifact only, such as one that is joined of two, or is in parts. `{"collection": name,
  "version": `v` and a number, or an alias, "path": name}` is one of an artifact of the project.
  JSON as clients write tables, Parquet, CSV and TSV are read, known by the ends of their names;
- `filter` is a tree of conditions, see `ferrule.tables.conditions`, or null;
- `expression` is a text of more conditions, see `ferrule.tables.expression`; rows meet both;
- `sort` is a list of `{"column", "descending"}`; of groups, a `column` of null is their size;
- `group` is a list of columns, and `whole` asks for long texts uncut.

→ `{"columns": [{"name", "kind"}], "total", "matching", "offset", "files"}` and either `"rows":
[{"at", "cells"}]` or `"groups": [{"key", "count", "cells": [summary, or null for what is grouped
by]}], "total_groups"`. A summary is one of `ferrule.tables.summaries`. A text that was cut is
`{"_clipped": its beginning, "length"}`. `files` has an address for each file that is named.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ferrule.domain.media import files_of
from ferrule.errors import BadInput, NotFound
from ferrule.http.answers import json_answer
from ferrule.http.artifact_tables import FoundTable, StoredTable, artifact_table, entry_table
from ferrule.http.bodies import number_of, read_json, text_of
from ferrule.http.finding import readable_project, viewer_of
from ferrule.http.links import links_of
from ferrule.http.services import services
from ferrule.http.shapes import exact
from ferrule.ports.artifacts import LATEST
from ferrule.ports.projects import Project
from ferrule.tables.expression import conditions_of
from ferrule.tables.query import Order, TableQuery, answered

MAX_PAGE = 1000
MAX_OFFSET = 10**9
MAX_COLUMNS = 20


async def _run_table(request: web.Request, project: Project, fields: dict[str, Any]) -> FoundTable:
    """Find a table that a run has logged: whole in its artifact, or what of it is in a file."""
    at_hand, name, path = services(request), text_of(fields, "run"), text_of(fields, "path")
    run = await at_hand.cache.get((project.entity, project.name, name))
    whole = await artifact_table(request, project, text_of(fields, "artifact", "")) if run else None
    if whole is not None:
        return whole
    file = await at_hand.stores.files.get(run.id, path) if run else None
    if run is None or file is None:
        raise NotFound(f"The run has no file `{path}`, or it has not come yet.")
    links, owner = links_of(request), run
    return StoredTable(
        file.name, file.blob, file.size, at_hand.blobs, lambda path: links.media_url(owner, path)
    )


async def _only_in_artifact(
    request: web.Request, project: Project, fields: dict[str, Any]
) -> FoundTable:
    """Find a table that no run has a file of."""
    found = await artifact_table(request, project, text_of(fields, "artifact"))
    if found is None:
        raise NotFound("The table's artifact is not there, or it has not come yet.")
    return found


async def _version_table(
    request: web.Request, project: Project, fields: dict[str, Any]
) -> FoundTable:
    """Find a table among the files of an artifact."""
    stores = services(request).stores
    name, path = text_of(fields, "collection"), text_of(fields, "path")
    collection = await stores.collections.get(project.id, name)
    version = text_of(fields, "version", LATEST)
    member = await stores.collections.member(collection.id, version) if collection else None
    artifact = await stores.artifacts.get(member.artifact_id) if member else None
    found = await entry_table(request, project, artifact, path)
    if found is None:
        raise NotFound(f"There is no file `{path}` in `{name}:{version}`, or it has not come yet.")
    return found


Find = Callable[[web.Request, Project, dict[str, Any]], Awaitable[FoundTable]]
# Whose file a table is, by the member of `source` that names it.
SOURCES: dict[str, Find] = {
    "run": _run_table,
    "collection": _version_table,
    "artifact": _only_in_artifact,
}


async def query_table(request: web.Request) -> web.Response:
    """Answer with a page of a table."""
    await viewer_of(request)
    at_hand = services(request)
    fields = await read_json(request, at_hand.budget, max_bytes=at_hand.settings.request_bytes)
    project = await readable_project(request, text_of(fields, "entity"), text_of(fields, "project"))
    query = _query_of(fields)
    source = await _source(request, project, fields.get("source"))
    frame = await source.frame(at_hand.tables)

    def told() -> dict[str, Any]:
        answer: dict[str, Any] = exact(answered(frame, query))
        named = files_of(answer.get("rows") or answer.get("groups"))
        return answer | {"files": {path: source.locate(path) for path in named}}

    return json_answer(await at_hand.tables.work(told))


async def _source(request: web.Request, project: Project, named: Any) -> FoundTable:
    if isinstance(named, dict):
        for member, find in SOURCES.items():
            if member in named:
                return await find(request, project, named)
    raise BadInput('`source` names a table\'s file, such as `{"run": …, "path": …}`.')


def _query_of(fields: dict[str, Any]) -> TableQuery:
    whole = fields.get("whole", False)
    if not isinstance(whole, bool):
        raise BadInput("`whole` is true or false.")
    return TableQuery(
        tree=_both(fields.get("filter"), conditions_of(text_of(fields, "expression", ""))),
        orders=tuple(_order(one) for one in _few(fields, "sort")),
        group=tuple(_column(one) for one in _few(fields, "group")),
        offset=number_of(fields, "offset", 0, lowest=0, highest=MAX_OFFSET),
        limit=number_of(fields, "limit", 100, lowest=1, highest=MAX_PAGE),
        whole=whole,
    )


def _both(first: Any, second: Any) -> Any:
    given = [tree for tree in (first, second) if tree]
    return {"and": given} if len(given) == 2 else given[0] if given else None


def _few(fields: dict[str, Any], name: str) -> list[Any]:
    given = fields.get(name) or []
    if not isinstance(given, list) or len(given) > MAX_COLUMNS:
        raise BadInput(f"`{name}` is a list of at most {MAX_COLUMNS}.")
    return given


def _column(one: Any) -> str:
    if not isinstance(one, str):
        raise BadInput("`group` is a list of names of columns.")
    return one


def _order(one: Any) -> Order:
    fits = isinstance(one, dict) and isinstance(one.get("descending", False), bool)
    if not fits or not isinstance(one.get("column"), str | None):
        raise BadInput('`sort` is a list of `{"column", "descending"}`.')
    return Order(one.get("column"), one.get("descending", False))


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_post("/api/v1/tables/query", query_table)
