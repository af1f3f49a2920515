"""Runs as rows of the table, and back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, select

from ferrule.ports.history import Scope, Span
from ferrule.ports.runs import Run
from ferrule.stores.sql.json_text import strict
from ferrule.stores.sql.tables import entity, project, run

_NAMES = tuple(field.name for field in fields(Run))
_ELSEWHERE = {"entity": entity.c.name, "project": project.c.name}

LINES: Select[Any] = select(
    *(_ELSEWHERE[name] if name in _ELSEWHERE else run.c[name] for name in _NAMES)
).select_from(run.join(project).join(entity))
"""What to select for `from_row`: the columns in the order of `Run`'s fields."""


def from_row(row: Sequence[Any]) -> Run:
    """Return the run in a row of `LINES`."""
    values = dict(zip(_NAMES, row, strict=False))
    values["tags"] = tuple(json.loads(values["tags"]))
    values["scope"] = _scope(values["scope"])
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
