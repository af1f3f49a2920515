"""Runs: what is known of them beside the rows they logged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ferrule.ports.history import FOREVER, Scope, Span
from ferrule.ports.pages import Page

RUNNING = "running"
PENDING = "pending"
FINISHED = "finished"
FAILED = "failed"
CRASHED = "crashed"
PREEMPTING = "preempting"
PREEMPTED = "preempted"
KILLED = "killed"

STATES = (RUNNING, PENDING, FINISHED, FAILED, CRASHED, PREEMPTING, PREEMPTED, KILLED)
LIVE = (RUNNING, PREEMPTING)


@dataclass(frozen=True, slots=True)
class Run:
    """A run.

    `name` is the run's id as users know it, `display_name` its title. `config` and `summary` are
    JSON texts of objects as the client sent them (NaN and infinities bare). `scope` tells which
    rows are seen as this run's: a rewound run has several spans, a fork those of its parent
    before its own; rows that come now belong to (`id`, `attempt`). `posted_at` is when the last
    of its posts came whose news is written here, 0 for none. Texts are "" and `exit_code` None
    where nothing is known.
    """

    id: int
    project_id: int
    entity: str
    project: str
    name: str
    display_name: str = ""
    state: str = RUNNING
    config: str = "{}"
    summary: str = "{}"
    tags: tuple[str, ...] = ()
    notes: str = ""
    group: str = ""
    job_type: str = ""
    host: str = ""
    commit: str = ""
    repo: str = ""
    program: str = ""
    description: str = ""
    sweep: str = ""
    user: str = ""
    created_at: int = 0
    heartbeat_at: int = 0
    exit_code: int | None = None
    stop_requested: bool = False
    attempt: int = 0
    scope: Scope = ()
    last_step: int = -1
    history_lines: int = 0
    posted_at: int = 0

    @property
    def path(self) -> str:
        """Return `entity/project/name`."""
        return f"{self.entity}/{self.project}/{self.name}"

    def rewound(self, step: int) -> Run:
        """Return this run with what it logged after a step cut away, on its next attempt."""
        attempt = self.attempt + 1
        return replace(
            self,
            attempt=attempt,
            scope=(*cut(self.scope, step), Span(self.id, attempt)),
            last_step=min(self.last_step, step),
            history_lines=0,
        )


def cut(scope: Scope, step: int) -> Scope:
    """Return what a scope shows up to and including a step."""
    return tuple(replace(span, last_step=min(span.last_step, step)) for span in scope)


@dataclass(frozen=True, slots=True)
class RunChange:
    """What one upsert says of a run; None leaves a field as it is.

    The rules of who may say what are applied before (`domain.runs`). `name`, `project_id` and
    `user` name the run, or make it. For a new run alone, `title_words` with its number in the
    project make its title if there is no other, and `inherited` are the spans of a fork's parent.
    `alive` says that the change is a sign of life. With `merge_config` the keys of `config` are
    laid over those that are there, and the keys of its `_wandb` block likewise. `began_at` is when
    a new run began, if that was not now.
    """

    project_id: int
    name: str
    at: int
    user: str = ""
    display_name: str | None = None
    title_words: str = ""
    began_at: int | None = None
    state: str | None = None
    config: str | None = None
    merge_config: bool = False
    summary: str | None = None
    tags: tuple[str, ...] | None = None
    notes: str | None = None
    group: str | None = None
    job_type: str | None = None
    host: str | None = None
    commit: str | None = None
    repo: str | None = None
    program: str | None = None
    description: str | None = None
    sweep: str | None = None
    alive: bool = False
    inherited: Scope = ()

    def applied(self, run: Run) -> Run:
        """Return the run as it is after this change."""
        given = {name: value for name in _PLAIN if (value := getattr(self, name)) is not None}
        if self.config is not None:
            given["config"] = (
                merged_config(run.config, self.config) if self.merge_config else self.config
            )
        if self.alive:
            given["heartbeat_at"] = max(self.at, run.heartbeat_at)
        if self.state == RUNNING and run.state != RUNNING:
            given |= {"exit_code": None, "stop_requested": False}
        return replace(run, **given)

    def first(self, run_id: int, entity: str, project: str, number: int) -> Run:
        """Return the new run that this change makes, the project's `number`th."""
        empty = Run(
            id=run_id,
            project_id=self.project_id,
            entity=entity,
            project=project,
            name=self.name,
            display_name=f"{self.title_words}-{number}" if self.title_words else self.name,
            user=self.user,
            created_at=self.at if self.began_at is None else self.began_at,
            heartbeat_at=self.at,
            scope=(*self.inherited, Span(run_id, 0, FOREVER)),
        )
        return self.applied(empty)


_PLAIN = (
    "display_name",
    "state",
    "summary",
    "tags",
    "notes",
    "group",
    "job_type",
    "host",
    "commit",
    "repo",
    "program",
    "description",
    "sweep",
)


def merged_config(older: str, newer: str) -> str:
    """Lay one config over another, and its `_wandb` block over the other's."""
    old: dict[str, Any] = json.loads(older)
    new: dict[str, Any] = json.loads(newer)
    inner = {**_block(old), **_block(new)}
    both = {**old, **new}
    if inner:
        both["_wandb"] = {"value": inner}
    return json.dumps(both, ensure_ascii=False, separators=(",", ":"))


def _block(config: dict[str, Any]) -> dict[str, Any]:
    entry = config.get("_wandb")
    value = entry.get("value") if isinstance(entry, dict) else None
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class RunProgress:
    """What posts of a run brought; None leaves a field as it is.

    `heartbeat_at` and `last_step` never go back, the others are replaced, and `exit_code` goes
    with `state`. `posted_at` is when the last post came that is told of here. `attempt` says
    which attempt it is about: the line count and the step of an older one are passed over.
    """

    run: int
    heartbeat_at: int
    summary: str | None = None
    last_step: int = -1
    history_lines: int | None = None
    state: str | None = None
    exit_code: int | None = None
    posted_at: int | None = None
    attempt: int | None = None

    def applied(self, run: Run) -> Run:
        """Return the run as it is after this."""
        given: dict[str, Any] = {"heartbeat_at": max(run.heartbeat_at, self.heartbeat_at)}
        if self.attempt in (None, run.attempt):
            given["last_step"] = max(run.last_step, self.last_step)
            if self.history_lines is not None:
                given["history_lines"] = self.history_lines
        if self.summary is not None:
            given["summary"] = self.summary
        if self.posted_at is not None:
            given["posted_at"] = self.posted_at
        if self.state is not None:
            given |= {"state": self.state, "exit_code": self.exit_code}
        return replace(run, **given)


@dataclass(frozen=True, slots=True)
class Alert:
    """A message a run sent to its people. `level` is INFO, WARN or ERROR."""

    run_id: int
    title: str
    text: str
    level: str
    at: int


class Runs(Protocol):
    """Runs of all projects.

    Unique: (project, name) among runs that were not deleted; ids grow and are never used again.
    A write is durable when it returns, whole or not at all, and visible to every later read.
    Deleted runs are seen by no call but `by_id` with `hidden`.
    """

    async def get(self, entity: str, project: str, name: str) -> Run | None:
        """Return the run, None if there is none."""

    async def by_id(self, run_id: int, *, hidden: bool = False) -> Run | None:
        """Return the run, None if there is none. `hidden` finds deleted ones too."""

    async def upsert(self, change: RunChange) -> tuple[Run, bool]:
        """Make or change the run that the change names; return it and whether it is new.

        Concurrent calls for one name make one run, and lose no field of each other.

        Raises:
            ferrule.errors.NotFound: There is no such project.
        """

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
        """List the runs of a project.

        Args:
            project_id: Which project.
            filters: As `wandb._wire.filters` reads them; None or {} for all.
            order: Keys with signs, with commas between them: `+created_at`,
                `-summary_metrics.loss`, `+config.lr.value`. Numbers come before texts, runs
                without a value last, whatever the sign. Runs that are equal by it come in the
                order of their ids, with the sign of the first key.
            search: Only runs with this text in their name, title, notes, group or tags, whatever
                the case.
            after: A cursor of this list.
            limit: How many at most.

        Raises:
            ferrule.errors.BadInput: Filter, order or cursor can't be understood.
        """

    async def count(
        self, project_id: int, filters: Mapping[str, Any] | None = None, *, search: str = ""
    ) -> int:
        """Count what `find` would list over all its pages."""

    async def note_progress(self, progress: Sequence[RunProgress]) -> None:
        """Write what posts brought, all in one transaction. Unknown runs are passed over."""

    async def checkpoint(
        self, manifest: bytes, states: Mapping[int, bytes], progress: Sequence[RunProgress]
    ) -> None:
        """Replace the log's manifest, the log states of some runs, and note their progress.

        One transaction: after any crash either all of it is there or nothing.
        """

    async def log_state(self, run_id: int) -> bytes | None:
        """Return the log state of the run's last checkpoint, None before the first."""

    async def log_manifest(self) -> bytes | None:
        """Return the manifest of the last checkpoint, None before the first."""

    async def request_stop(self, run_id: int) -> bool:
        """Ask a run to stop; tell whether there is such a run. Again is harmless."""

    async def set_state(
        self, run_id: int, state: str, *, unheard_since: int | None = None
    ) -> Run | None:
        """Put a run into a state; return it, None if there is none.

        With `unheard_since` only one that `stale` would still list is changed, else None.
        """

    async def delete(self, run_id: int) -> bool:
        """Hide a run at once; tell whether it was there. Its name is free again."""

    async def rewind(self, run_id: int, step: int) -> Run | None:
        """Hide what a run logged after a step, and start its next attempt (`Run.rewound`)."""

    async def stale(self, before: int) -> list[Run]:
        """List runs that are running or preempting and were last heard of before a time."""

    async def add_alert(self, alert: Alert, *, wait_micros: int = 0) -> bool:
        """Keep an alert; False if one of that run and title is younger than the wait."""

    async def alerts(self, run_id: int) -> tuple[Alert, ...]:
        """List a run's alerts, the oldest first."""
