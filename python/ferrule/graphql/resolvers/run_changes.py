"""Mutations of runs."""

from typing import Any

from ferrule.domain import names
from ferrule.domain.runs import (
    DEFAULT_PROJECT,
    UpsertRequest,
    branch_point,
    change_of,
    checked_state,
    inherited_by,
    rewind_refusal,
    whole_step,
)
from ferrule.errors import BadInput, NotFound
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.resolvers.binding import Info, Resolver
from ferrule.graphql.resolvers.history import line_counts
from ferrule.ports.artifacts import MADE
from ferrule.ports.history import Scope
from ferrule.ports.runs import Alert, Run

_MAX_ALERT = 64 << 10


def _request(said: dict[str, Any]) -> UpsertRequest:
    number = said.get("id")
    return UpsertRequest(
        run_id=ids.number("Run", number) if number else None,
        name=said.get("name"),
        project=said.get("modelName"),
        entity=said.get("entityName"),
        display_name=said.get("displayName"),
        group=said.get("groupName"),
        description=said.get("description"),
        notes=said.get("notes"),
        config=said.get("config"),
        summary=said.get("summaryMetrics"),
        commit=said.get("commit"),
        host=said.get("host"),
        program=said.get("jobProgram"),
        repo=said.get("jobRepo"),
        job_type=said.get("jobType"),
        state=said.get("state"),
        sweep=said.get("sweep"),
        tags=said.get("tags"),
    )


async def _upsert_bucket(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    request = _request(input)
    known: Run | None
    if request.run_id is not None:
        known = await context.run_by_id(request.run_id)
        project_id = known.project_id
    else:
        entity = await context.entity_for(request.entity)
        name = names.project_name(request.project or DEFAULT_PROJECT)
        run_name = names.run_name(request.name or "")
        project_id = (await context.stores.projects.ensure(entity, name)).id
        known = await context.stores.runs.get(entity, name, run_name)
    change = change_of(
        request,
        known,
        project_id=project_id,
        user=context.who().person.name,
        at=context.clock(),
        shared=context.async_writer is not None,
        titled=not context.in_place,
        began_at=context.began_at,
        inherited=(
            () if known or context.in_place else await _inherited(request, project_id, context)
        ),
    )
    run, inserted = await context.stores.runs.upsert(change)
    context.lines_told[run.id] = await _lines_to_tell(run, request, inserted, context)
    context.on_change(run)
    return {"bucket": run, "inserted": inserted, "serverSettings": {"serverMessages": []}}


async def _lines_to_tell(
    run: Run, request: UpsertRequest, inserted: bool, context: Context
) -> int | None:
    """Return the history line to go on from.

    A client that sent the id has it from its question for the state to resume from, together
    with those of the other streams; 0.21.3 forgets the others when it is told again.
    """
    if request.run_id is not None:
        return None
    return 0 if inserted else (await line_counts(run, context)).history


async def _inherited(request: UpsertRequest, project_id: int, context: Context) -> Scope:
    point = branch_point(request.config)
    if point is None:
        return ()
    project = await context.stores.projects.get_by_id(project_id)
    if project is None:
        raise NotFound("The project is gone.")
    parent = await context.stores.runs.get(project.entity, project.name, point.run)
    return inherited_by(request.name or "", point, parent)


async def _rewind_run(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    if input["metricName"] != "_step":
        raise BadInput("A run can be rewound by `_step` alone.")
    step = whole_step(input["metricValue"])
    try:
        known = await context.run(
            input["runName"], input.get("projectName"), input.get("entityName")
        )
    except NotFound:
        # The client says so by itself, and better.
        return {"rewoundRun": None}
    last = await context.history.last_step(known.scope)
    if step > last:
        raise BadInput(rewind_refusal(known.name, step, last))
    run = await context.stores.runs.rewind(known.id, step)
    if run is not None:
        # The next attempt counts its lines from the start.
        context.lines_told[run.id] = 0
        context.on_change(run)
    return {"rewoundRun": run}


async def _delete_run(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    run = await context.run_by_id(ids.number("Run", input["id"]))
    if input.get("deleteArtifacts"):
        await _delete_artifacts(run, context)
    await context.stores.runs.delete(run.id)
    context.on_change(run)
    return {"clientMutationId": input.get("clientMutationId")}


async def _delete_artifacts(run: Run, context: Context) -> None:
    """Delete what a run made, aliases and all."""
    made = context.stores.artifacts
    page = await made.of_run(run.id, MADE)
    while page.items:
        for artifact in page.items:
            # What it only made again is another run's.
            if artifact.run_id == run.id:
                await made.delete(artifact.id, aliases_too=True)
        page = await made.of_run(run.id, MADE, after=page.cursors[-1])


async def _stop_run(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    run = await context.run_by_id(ids.number("Run", input["id"]))
    asked = await context.stores.runs.request_stop(run.id)
    context.on_change(run)
    return {"success": asked, "clientMutationId": input.get("clientMutationId")}


async def _update_run_state(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    state = checked_state(input["state"])
    run = await context.run_by_id(ids.number("Run", input["id"]))
    changed = await context.stores.runs.set_state(run.id, state)
    if changed is not None:
        context.on_change(changed)
    return {"success": changed is not None, "clientMutationId": input.get("clientMutationId")}


async def _alert(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    run = await context.run(input["runName"], input["projectName"], input["entityName"])
    alert = Alert(
        run_id=run.id,
        title=names.alert_title(input["title"]),
        text=names.text((input.get("text") or "")[:_MAX_ALERT], "An alert's text"),
        level=input.get("severity") or "INFO",
        at=context.clock(),
    )
    wait = max(input.get("waitDuration") or 0, 0) * 1000
    # One that is passed over was received all the same.
    await context.stores.runs.add_alert(alert, wait_micros=wait)
    return {"success": True}


MUTATION: dict[str, Resolver] = {
    "upsertBucket": _upsert_bucket,
    "rewindRun": _rewind_run,
    "deleteRun": _delete_run,
    "stopRun": _stop_run,
    "updateRunState": _update_run_state,
    "notifyScriptableRunAlert": _alert,
}
