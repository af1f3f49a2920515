"""Fields of runs that the metadata knows."""

from collections.abc import Callable
from typing import Any

from ferrule.domain.history import chosen_config
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.paging import listed, moment
from ferrule.graphql.resolvers.binding import Info, Resolver, always, of
from ferrule.ports.people import Person
from ferrule.ports.projects import Project
from ferrule.ports.runs import FAILED, LIVE, Run


async def _project(run: Run, info: Info) -> Project | None:
    context: Context = info.context
    return await context.stores.projects.get_by_id(run.project_id)


async def _user(run: Run, info: Info) -> Person | None:
    context: Context = info.context
    return await context.stores.people.by_name(run.user)


def _wandb_config(run: Run, _info: Info, keys: Any = None) -> str | None:
    return chosen_config(run.config, listed(keys))


def _known(read: Callable[[Run], str]) -> Resolver:
    """Return a resolver of a text that is null while nothing is known."""
    return of(lambda run: read(run) or None)


RUN: dict[str, Resolver] = {
    "id": of(lambda run: ids.written("Run", run.id)),
    "name": of(lambda run: run.name),
    "displayName": of(lambda run: run.display_name),
    "description": _known(lambda run: run.description),
    "notes": _known(lambda run: run.notes),
    "tags": of(lambda run: run.tags),
    "group": _known(lambda run: run.group),
    "jobType": _known(lambda run: run.job_type),
    "sweepName": _known(lambda run: run.sweep),
    "state": of(lambda run: run.state),
    "stopped": of(lambda run: run.stop_requested),
    "shouldStop": of(lambda run: run.stop_requested),
    "running": of(lambda run: run.state in LIVE),
    "failed": of(lambda run: run.state == FAILED),
    "exitcode": of(lambda run: run.exit_code),
    "readOnly": always(False),
    "commit": _known(lambda run: run.commit),
    "host": _known(lambda run: run.host),
    "program": _known(lambda run: run.program),
    "repo": _known(lambda run: run.repo),
    "createdAt": of(lambda run: moment(run.created_at)),
    "heartbeatAt": of(lambda run: moment(run.heartbeat_at)),
    "user": _user,
    "project": _project,
    "projectId": of(lambda run: str(run.project_id)),
    "config": of(lambda run: run.config),
    "wandbConfig": _wandb_config,
    "summaryMetrics": of(lambda run: run.summary),
}
