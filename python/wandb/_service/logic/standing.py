"""Where a run stands that goes on from an earlier one: what was asked for, what a server says."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wandb._wire.filestream import CONSOLE, EVENTS, HISTORY

__all__ = ("Standing", "Wish", "rewound", "row_of", "stands_at", "unfit", "wish_of")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a run wants to go on, as the first record of it says.

    Attributes:
        way: From its last row; from an earlier step of its own, the later rows being given up; or
            from a step of another run, as a run of its own.
        step: The last step that is kept, but for `resume`.
        counted: The journal's steps begin where the run stands.
    """

    way: Literal["resume", "rewind", "fork"]
    step: float = 0.0
    counted: bool = True

    @property
    def first_step(self) -> int:
        """The step to go on with after the one that is kept."""
        return max(int(self.step) + 1, 0)


def wish_of(run: Json, *, counted: bool) -> Wish | None:
    """Read how a run wants to go on from its record; None if it is a new one.

    Args:
        run: The first record of the run in its journal.
        counted: A later record says that the process had heard where the run stands.
    """
    point = run.get("branch_point") or {}
    if point.get("run"):
        way: Literal["rewind", "fork"] = "rewind" if point["run"] == run.get("run_id") else "fork"
        return Wish(way, float(point.get("value", 0.0)))
    return Wish("resume", counted=counted) if run.get("resume") else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run goes on.

    Attributes:
        resumed: The server has the run, and it goes on after its last row.
        step: The first step.
        runtime: Seconds that it ran before.
        storage_id: Its number on the server.
        lines: The next line's number, by the name of the file for the server.
        config: Its values by name, which new ones are laid over.
        summary: What the server has.
        tags: Its tags.
        notes: Its notes.
    """

    resumed: bool = False
    step: int = 0
    runtime: float = 0.0
    storage_id: str | None = None
    lines: dict[str, int] = field(default_factory=dict)
    config: Json = field(default_factory=dict)
    summary: Json = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: str | None = None


def stands_at(bucket: Json | None) -> Standing:
    """Understand a server's answer on a run to resume.

    A run without the telemetry that every client leaves was made ahead of its first process, as
    for a sweep: it begins like a new one.
    """
    if bucket is None:
        return Standing()
    counts = {
        HISTORY: _count(bucket.get("historyLineCount")),
        EVENTS: _count(bucket.get("eventsLineCount")),
        CONSOLE: _count(bucket.get("logLineCount")),
    }
    if not counts[HISTORY] and "t" not in _object(bucket.get("wandbConfig")):
        return Standing()
    summary = _object(bucket.get("summaryMetrics"))
    row, event = row_of(bucket.get("historyTail")), row_of(bucket.get("eventsTail"))
    noted = summary.get("_wandb")
    runtimes = (
        event.get("_runtime"),
        noted.get("runtime") if isinstance(noted, dict) else None,
        summary.get("_runtime"),
        row.get("_runtime"),
    )
    last = row.get("_step", summary.get("_step"))
    return Standing(
        resumed=True,
        step=int(_number(last, -1.0)) + 1 if counts[HISTORY] else 0,
        runtime=max(_number(one, 0.0) for one in runtimes),
        storage_id=_text(bucket.get("id")),
        lines=counts,
        config=_values(bucket.get("config")),
        summary=summary,
        tags=[tag for tag in bucket.get("tags") or () if isinstance(tag, str)],
        notes=_text(bucket.get("notes")),
    )


def rewound(run: Json, wish: Wish) -> Standing:
    """Understand a server's answer on a run that it has rewound."""
    return Standing(
        step=wish.first_step,
        storage_id=_text(run.get("id")),
        lines={HISTORY: _count(run.get("historyLineCount"))},
        config=_values(run.get("config")),
    )


def unfit(mode: str | None, run_id: str, standing: Standing) -> str | None:
    """Say why a run may not begin, where `resume` minds whether it is there."""
    if mode == "must" and not standing.resumed:
        return (
            f"`resume='must'` goes on with run {run_id}, and the server has no such run in this "
            "project, so none was started. Check the id and the project, or pass "
            "`resume='allow'` to start it"
        )
    if mode == "never" and standing.resumed:
        return (
            f"`resume='never'` starts run {run_id}, and the server has a run of this id in this "
            "project, so none was started. Pass another id, or `resume='allow'` to go on with it"
        )
    return None


def row_of(tail: Any) -> Json:
    """Return the last row of a tail, which is a list of rows as text, as text."""
    try:
        return _object(json.loads(tail)[-1])
    except (IndexError, KeyError, TypeError, ValueError):
        return {}


def _object(text: Any) -> Json:
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _values(text: Any) -> Json:
    """Take a config's values out of the form that servers keep them in."""
    entries: Mapping[str, Any] = _object(text)
    return {
        name: entry["value"]
        for name, entry in entries.items()
        if name != "_wandb" and isinstance(entry, dict) and "value" in entry
    }


def _number(value: Any, default: float) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return value if fits else default


def _count(value: Any) -> int:
    return max(0, int(_number(value, 0.0)))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
