"""Files of runs in SQL."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from ferrule.ports.files import RunFile
from ferrule.ports.pages import Page
from ferrule.stores import cursors
from ferrule.stores.sql.engines import Database
from ferrule.stores.sql.tables import run_file

_NAMES = tuple(field.name for field in fields(RunFile))
_COLUMNS = tuple(run_file.c[name] for name in _NAMES)


class SqlFiles:
    """Files of runs in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, run_id: int, file: RunFile) -> RunFile:
        """Note a file."""
        return await self._database.write(lambda connection: _put(connection, run_id, file))

    async def get(self, run_id: int, name: str) -> RunFile | None:
        """Return a file."""
        query = select(*_COLUMNS).where(run_file.c.run_id == run_id, run_file.c.name == name)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else RunFile(*row)

    async def by_ids(self, ids: Sequence[int]) -> tuple[RunFile, ...]:
        """Return those of the files that exist."""
        query = select(*_COLUMNS).where(run_file.c.id.in_(list(ids))).order_by(run_file.c.id)
        return await self._database.read(
            lambda connection: tuple(RunFile(*row) for row in connection.execute(query))
        )

    async def find(
        self,
        run_id: int,
        *,
        names: Sequence[str] = (),
        pattern: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[RunFile]:
        """List a run's files."""
        query = select(*_COLUMNS).where(*_wanted(run_id, names, pattern))
        if after is not None:
            query = query.where(run_file.c.name > cursors.read(after, [str])[0])
        query = query.order_by(run_file.c.name).limit(limit + 1)
        found = await self._database.read(
            lambda connection: [RunFile(*row) for row in connection.execute(query)]
        )
        items = tuple(found[:limit])
        marks = tuple(cursors.written([file.name]) for file in items)
        return Page(items, marks, more=len(found) > limit)

    async def count(
        self, run_id: int, *, names: Sequence[str] = (), pattern: str | None = None
    ) -> int:
        """Count what `find` would list."""
        query = select(func.count()).select_from(run_file).where(*_wanted(run_id, names, pattern))
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def delete(self, ids: Sequence[int]) -> int:
        """Forget files."""
        query = delete(run_file).where(run_file.c.id.in_(list(ids)))
        return await self._database.write(lambda connection: connection.execute(query).rowcount)


def _wanted(run_id: int, names: Sequence[str], pattern: str | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [run_file.c.run_id == run_id]
    if names:
        wanted.append(run_file.c.name.in_(list(names)))
    if pattern is not None:
        wanted.append(run_file.c.name.like(pattern, escape="\\"))
    return wanted


def _put(connection: Connection, run_id: int, file: RunFile) -> RunFile:
    same = (run_file.c.run_id == run_id, run_file.c.name == file.name)
    values: dict[str, Any] = {name: getattr(file, name) for name in _NAMES if name != "id"}
    values["run_id"] = run_id
    known = connection.execute(select(run_file.c.id).where(*same)).scalar_one_or_none()
    if known is None:
        query = insert(run_file).values(values).returning(run_file.c.id)
        known = connection.execute(query).scalar_one()
    else:
        connection.execute(update(run_file).where(*same).values(values))
    return RunFile(**values, id=known)
