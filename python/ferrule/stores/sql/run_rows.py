"""Runs as rows of the table, and back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from ferrule.ports.history import Scope, Span
from ferrule.ports.runs import Run
from ferrule.stores.sql.hot import Hot
from ferrule.stores.sql.json_text import strict
from ferrule.stores.sql.tables import entity, project, run

_NAMES = tuple(field.name for field in fields(Run))
_ELSEWHERE = {"entity": entity.c.name, "project": project.c.name}

LINES: Select[Any] = select(
    *(_ELSEWHERE[name] if name in _ELSEWHERE else run.c[name] for name in _NAMES)
).select_from(run.join(project).join(entity))
"""What to select for `from_row`: the columns in the order of `Run`'s fields."""


_ALIVE = run.c.deleted_at.is_(None)

BY_PATH = Hot(
    LINES.where(
        entity.c.name == bindparam("entity"),
        project.c.name == bindparam("project"),
        run.c.name == bindparam("name"),
        _ALIVE,
    )
)
BY_NAME = Hot(
    LINES.where(
        run.c.project_id == bindparam("project_id"), run.c.name == bindparam("name"), _ALIVE
    )
)
BY_ID = Hot(LINES.where(run.c.id == bindparam("id"), _ALIVE))
BY_ID_HIDDEN = Hot(LINES.where(run.c.id == bindparam("id")))


@lru_cache(maxsize=256)
def _update_of(names: tuple[str, ...]) -> Hot:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return Hot(update(run).where(run.c.id == bindparam("run")).values(values))


def write_changes(connection: Connection, after: Run, before: Run) -> None:
    """Write what differs between a run and what it was before."""
    values = to_row(after, before)
    if values:
        given = {f"new_{name}": value for name, value in values.items()}
        _update_of(tuple(values)).run(connection, run=after.id, **given)


def from_row(row: Sequence[Any]) -> Run:
    """Return the run in a row of `LINES`."""
    values = dict(zip(_NAMES, row, strict=False))
    values["tags"] = tuple(json.loads(values["tags"]))
    values["scope"] = _scope(values["scope"])
    values["stop_requested"] = bool(values["stop_requested"])
    return Run(**values)


def to_row(after: Run, before: Run | None = None) -> dict[str, Any]:
    """Return the columns that differ from the run before; all of them for a new run."""
    values: dict[str, Any] = {}
    for name in _STORED:
        value = getattr(after, name)
        if before is None or value != getattr(before, name):
            values[name] = _WRITERS.get(name, _as_it_is)(value)
            if name in ("config", "summary"):
                values[f"{name}_strict"] = strict(value)
    return values


_STORED = tuple(name for name in _NAMES if name not in ("id", *_ELSEWHERE))


def _as_it_is(value: Any) -> Any:
    return value


def _list_text(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _scope_text(scope: Scope) -> str:
    spans = [[span.run, span.attempt, span.last_step] for span in scope]
    return json.dumps(spans, separators=(",", ":"))


def _scope(text: str) -> Scope:
    return tuple(Span(*span) for span in json.loads(text))


_WRITERS: dict[str, Callable[[Any], Any]] = {"tags": _list_text, "scope": _scope_text}
