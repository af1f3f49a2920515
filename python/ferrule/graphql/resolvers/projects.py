"""Projects, and the lists of their runs."""

from typing import Any

from ferrule.auth.permissions import Action, Entity, allowed
from ferrule.domain import names
from ferrule.domain.runs import json_object
from ferrule.errors import BadInput
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.paging import connection, moment, page_size
from ferrule.graphql.resolvers.binding import Info, Resolver, always, of
from ferrule.ports.people import Person
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run


async def _project(
    _root: Any, info: Info, name: str | None = None, entity_name: str | None = None
) -> Project | None:
    context: Context = info.context
    return await context.project(name, entity_name)


async def _models(
    _root: Any,
    info: Info,
    entity_name: str | None = None,
    after: str | None = None,
    first: int | None = None,
) -> dict[str, Any] | None:
    context: Context = info.context
    viewer = context.who()
    entity = entity_name or viewer.person.name
    if not allowed(viewer, Action.READ, Entity(entity)):
        return None
    page = await context.stores.projects.find(
        [entity], after=after or None, limit=page_size(first, 200)
    )
    return connection(page)


async def _upsert_model(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    stores = context.stores
    entity = await context.entity_for(input.get("entityName"))
    name = names.project_name(input.get("name") or "")
    known = await stores.projects.get(entity, name)
    project = known or await stores.projects.ensure(entity, name)
    if input.get("description") is not None:
        words = names.text(input["description"], "A project's description")
        project = await stores.projects.describe(project.id, words)
    return {"project": project, "model": project, "inserted": known is None}


async def _owner(project: Project, info: Info) -> Person | None:
    context: Context = info.context
    return await context.stores.people.by_name(project.entity)


async def _run(
    project: Project, info: Info, name: str | None = None, **_ignored: Any
) -> Run | None:
    context: Context = info.context
    return await context.stores.runs.get(project.entity, project.name, name or "")


async def _runs(
    project: Project,
    info: Info,
    filters: str | None = None,
    after: str | None = None,
    first: int | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    context: Context = info.context
    page = await context.stores.runs.find(
        project.id,
        filters=_filters(filters),
        order=order or "+created_at",
        after=after or None,
        limit=page_size(first, 50),
    )
    return connection(page)


async def _run_count(project: Project, info: Info, filters: str | None = None) -> int:
    context: Context = info.context
    return await context.stores.runs.count(project.id, _filters(filters))


def _filters(text: str | None) -> dict[str, Any] | None:
    if not text or text == "null":
        return None
    if len(text) > 100_000:
        raise BadInput("`filters` is too long.")
    return json_object(text, "filters")


QUERY: dict[str, Resolver] = {"project": _project, "model": _project, "models": _models}

MUTATION: dict[str, Resolver] = {"upsertModel": _upsert_model}

PROJECT: dict[str, Resolver] = {
    "id": of(lambda project: ids.written("Project", project.id)),
    "internalId": of(lambda project: str(project.id)),
    "name": of(lambda project: project.name),
    "entityName": of(lambda project: project.entity),
    "entity": of(lambda project: project.entity),
    "description": of(lambda project: project.description or None),
    "access": always("PRIVATE"),
    "views": always("{}"),
    # Who sees a project may write to it.
    "readOnly": always(False),
    "isBenchmark": always(False),
    "createdAt": of(lambda project: moment(project.created_at)),
    "updatedAt": of(lambda project: moment(project.updated_at)),
    "user": _owner,
    "run": _run,
    "bucket": _run,
    "runs": _runs,
    "runCount": _run_count,
}
