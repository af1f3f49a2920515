"""Runs in SQL."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from ferrule.errors import BadInput, NotFound
from ferrule.ports.pages import Page
from ferrule.ports.runs import LIVE, Alert, Run, RunChange, RunProgress
from ferrule.stores import cursors
from ferrule.stores.sql import filters as sql
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.hot import Hot
from ferrule.stores.sql.run_rows import (
    BY_ID,
    BY_ID_HIDDEN,
    BY_NAME,
    BY_PATH,
    LINES,
    from_row,
    to_row,
    write_changes,
)
from ferrule.stores.sql.tables import alert, entity, log_manifest, project, run, run_log
from wandb._wire.filters import FilterError, Order, parse, parse_order

_MANIFEST = 1


class SqlRuns:
    """Runs in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, entity: str, project: str, name: str) -> Run | None:
        """Return the run."""
        return await self._database.read(lambda connection: _get(connection, entity, project, name))

    async def by_id(self, run_id: int, *, hidden: bool = False) -> Run | None:
        """Return the run."""
        return await self._database.read(lambda connection: _by_id(connection, run_id, hidden))

    async def upsert(self, change: RunChange) -> tuple[Run, bool]:
        """Make or change the run that the change names."""
        return await self._database.write(lambda connection: _upsert(connection, change))

    async def find(
        self,
        project_id: int,
        *,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        search: str = "",
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Run]:
        """List the runs of a project."""
        columns = sql.sort_columns(_order(order))
        query = LINES.where(*_wanted(project_id, filters, search))
        query = query.add_columns(*(column.value for column in columns))
        if after is not None:
            query = query.where(sql.follows(columns, _sort_key(after, len(columns))))
        query = query.order_by(
            *(column.value.desc() if column.falls else column.value for column in columns)
        ).limit(limit + 1)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        shown = rows[:limit]
        return Page(
            tuple(from_row(row) for row in shown),
            tuple(cursors.written(list(row[-len(columns) :])) for row in shown),
            more=len(rows) > limit,
        )

    async def count(
        self, project_id: int, filters: Mapping[str, Any] | None = None, *, search: str = ""
    ) -> int:
        """Count what `find` would list."""
        query = select(func.count()).select_from(run).where(*_wanted(project_id, filters, search))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def note_progress(self, progress: Sequence[RunProgress]) -> None:
        """Write what posts brought."""
        await self._database.write(lambda connection: _note_progress(connection, progress))

    async def checkpoint(
        self, manifest: bytes, states: Mapping[int, bytes], progress: Sequence[RunProgress]
    ) -> None:
        """Replace the log's manifest and some states, and note progress."""
        await self._database.write(
            lambda connection: _checkpoint(connection, manifest, states, progress)
        )

    async def log_state(self, run_id: int) -> bytes | None:
        """Return the log state of the run's last checkpoint."""
        query = select(run_log.c.state).where(run_log.c.run_id == run_id)
        return await self._database.read(
            lambda connection: connection.execute(query).scalar_one_or_none()
        )

    async def log_manifest(self) -> bytes | None:
        """Return the manifest of the last checkpoint."""
        query = select(log_manifest.c.manifest)
        return await self._database.read(
            lambda connection: connection.execute(query).scalar_one_or_none()
        )

    async def request_stop(self, run_id: int) -> bool:
        """Ask a run to stop."""
        return await self._set(run_id, {"stop_requested": True})

    async def set_state(
        self, run_id: int, state: str, *, unheard_since: int | None = None
    ) -> Run | None:
        """Put a run into a state."""
        only = () if unheard_since is None else _stale(unheard_since)
        changed = await self._set(run_id, {"state": state}, *only)
        return await self.by_id(run_id) if changed else None

    async def delete(self, run_id: int) -> bool:
        """Hide a run at once."""
        return await self._set(run_id, {"deleted_at": _now()})

    async def rewind(self, run_id: int, step: int) -> Run | None:
        """Hide what a run logged after a step, and start its next attempt."""
        return await self._database.write(lambda connection: _rewind(connection, run_id, step))

    async def stale(self, before: int) -> list[Run]:
        """List runs that were last heard of before a time."""
        query = LINES.where(*_stale(before), run.c.deleted_at.is_(None)).order_by(run.c.id)
        return await self._database.read(
            lambda connection: [from_row(row) for row in connection.execute(query)]
        )

    async def add_alert(self, alert: Alert, *, wait_micros: int = 0) -> bool:
        """Keep an alert."""
        return await self._database.write(
            lambda connection: _add_alert(connection, alert, wait_micros)
        )

    async def alerts(self, run_id: int) -> tuple[Alert, ...]:
        """List a run's alerts."""
        query = (
            select(alert.c.run_id, alert.c.title, alert.c.text, alert.c.level, alert.c.at)
            .where(alert.c.run_id == run_id)
            .order_by(alert.c.id)
        )
        return await self._database.read(
            lambda connection: tuple(Alert(*row) for row in connection.execute(query))
        )

    async def _set(self, run_id: int, values: dict[str, Any], *only: sql.Truth) -> bool:
        alive = (run.c.id == run_id, run.c.deleted_at.is_(None), *only)
        query = update(run).where(*alive).values(values)
        changed = await self._database.write(lambda connection: connection.execute(query).rowcount)
        return changed > 0


def _now() -> int:
    return time.time_ns() // 1000


def _stale(before: int) -> tuple[sql.Truth, ...]:
    return run.c.state.in_(LIVE), run.c.heartbeat_at < before


def _order(order: str) -> tuple[Order, ...]:
    try:
        return parse_order(order)
    except FilterError as err:
        raise BadInput(str(err)) from err


def _wanted(project_id: int, filters: Mapping[str, Any] | None, search: str) -> list[sql.Truth]:
    wanted: list[sql.Truth] = [run.c.project_id == project_id, run.c.deleted_at.is_(None)]
    try:
        if filters:
            wanted.append(sql.where(parse(filters)))
    except FilterError as err:
        raise BadInput(str(err)) from err
    return [*wanted, sql.search(search)] if search else wanted


def _sort_key(cursor: str, size: int) -> list[Any]:
    keys: list[type | tuple[type, ...]] = [int, (int, float), str]
    return cursors.read(cursor, keys * (size // 3) + [int])


def _get(connection: Connection, entity_name: str, project_name: str, name: str) -> Run | None:
    row = BY_PATH.first(connection, entity=entity_name, project=project_name, name=name)
    return None if row is None else from_row(row)


def _by_id(connection: Connection, run_id: int, hidden: bool = False) -> Run | None:
    row = (BY_ID_HIDDEN if hidden else BY_ID).first(connection, id=run_id)
    return None if row is None else from_row(row)


def _upsert(connection: Connection, change: RunChange) -> tuple[Run, bool]:
    row = BY_NAME.first(connection, project_id=change.project_id, name=change.name)
    _TOUCH.run(connection, project=change.project_id, at=change.at)
    if row is None:
        return _insert(connection, change), True
    before = from_row(row)
    after = change.applied(before)
    write_changes(connection, after, before)
    return after, False


_TOUCH = Hot(
    update(project)
    .where(project.c.id == bindparam("project"), project.c.updated_at < bindparam("at"))
    .values(updated_at=bindparam("at"))
)


def _insert(connection: Connection, change: RunChange) -> Run:
    place = connection.execute(
        select(entity.c.name, project.c.name, project.c.runs_made + 1)
        .select_from(project)
        .join(entity)
        .where(project.c.id == change.project_id)
    ).first()
    if place is None:
        raise NotFound("The project is gone.")
    owner, named, number = place
    draft = change.first(0, owner, named, number)
    query = insert(run).values(to_row(draft)).returning(run.c.id)
    made = change.first(connection.execute(query).scalar_one(), owner, named, number)
    # Its own span names the run, whose id is known only now.
    write_changes(connection, made, draft)
    connection.execute(
        update(project).where(project.c.id == made.project_id).values(runs_made=number)
    )
    return made


def _rewind(connection: Connection, run_id: int, step: int) -> Run | None:
    before = _by_id(connection, run_id)
    if before is None:
        return None
    after = before.rewound(step)
    write_changes(connection, after, before)
    return after


def _note_progress(connection: Connection, progress: Sequence[RunProgress]) -> None:
    projects: dict[int, int] = {}
    for news in progress:
        before = _by_id(connection, news.run)
        if before is None:
            continue
        after = news.applied(before)
        write_changes(connection, after, before)
        heard = projects.get(after.project_id, 0)
        projects[after.project_id] = max(heard, after.heartbeat_at)
    for project_id, at in projects.items():
        _TOUCH.run(connection, project=project_id, at=at)


def _checkpoint(
    connection: Connection,
    manifest: bytes,
    states: Mapping[int, bytes],
    progress: Sequence[RunProgress],
) -> None:
    connection.execute(delete(log_manifest))
    connection.execute(insert(log_manifest).values(id=_MANIFEST, manifest=manifest))
    if states:
        known = set(connection.execute(select(run.c.id).where(run.c.id.in_(states))).scalars())
        connection.execute(delete(run_log).where(run_log.c.run_id.in_(states)))
        rows = [{"run_id": key, "state": state} for key, state in states.items() if key in known]
        if rows:
            connection.execute(insert(run_log), rows)
    _note_progress(connection, progress)


def _add_alert(connection: Connection, news: Alert, wait_micros: int) -> bool:
    latest = connection.execute(
        select(func.max(alert.c.at)).where(
            alert.c.run_id == news.run_id, alert.c.title == news.title
        )
    ).scalar_one()
    if latest is not None and news.at - latest < wait_micros:
        return False
    values = {name: getattr(news, name) for name in ("run_id", "title", "text", "level", "at")}
    connection.execute(insert(alert).values(values))
    return True
