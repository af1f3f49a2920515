"""What the public classes ask of wherever a run is kept: a folder or a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from wandb.apis.public.console import ConsoleLogLine
from wandb.apis.public.paginator import Page

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Everything about a run but its history and files, as it stood at one instant."""

    run_id: str
    display_name: str
    entity: str
    project: str
    state: str
    started_at: float
    created_at: str
    heartbeat_at: str
    duration: float
    storage_id: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    config_internal: dict[str, Any] = field(default_factory=dict)
    summary_metrics: dict[str, Any] = field(default_factory=dict)
    system_metrics: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    notes: str | None = None
    description: str | None = None
    sweep_name: str | None = None
    host: str | None = None
    user: str | None = None
    user_display_name: str | None = None
    commit: str | None = None
    exit_code: int | None = None
    history_line_count: int = 0


@dataclass(frozen=True, slots=True)
class RunChanges:
    """What `Run.update` writes: all that can be changed, as it is to be."""

    display_name: str | None
    description: str | None
    notes: str | None
    tags: Sequence[str]
    group: str | None
    job_type: str | None
    config: dict[str, Any]
    summary: dict[str, Any]


class StoredFile(Protocol):
    """One file of a run, wherever its bytes are."""

    @property
    def name(self) -> str:
        """The path below the run's files, with forward slashes."""

    @property
    def id(self) -> str:
        """What names the file where it is kept."""

    @property
    def size_bytes(self) -> int:
        """Size in bytes."""

    @property
    def mimetype(self) -> str:
        """The media type."""

    @property
    def updated_at(self) -> str:
        """ISO 8601, UTC."""

    @property
    def url(self) -> str | None:
        """Where to get it; None where it has no address."""

    @property
    def direct_url(self) -> str | None:
        """Where its bytes lie."""

    @property
    def md5(self) -> str:
        """MD5 of the content, base64."""

    def save_to(self, target: Path) -> None:
        """Write the whole content to a file; its folder is there. Fails without a trace."""

    def delete(self) -> None:
        """Remove the file from the run."""


class Rows(Protocol):
    """A run's history as it stood at one instant.

    Every row has `_step`. Iterating gives rows in the order of their steps, rows of one step
    in the order in which they were logged. The rows are the caller's to change, so it is
    iterated once. `steps` is how many different steps there are, `last` the highest, -1
    without rows.
    """

    steps: int
    last: int

    def __iter__(self) -> Iterator[Row]: ...


@dataclass(frozen=True, slots=True)
class Scan:
    """Which rows of a run: steps from `min_step` up to before `max_step`.

    With `keys`, only these values, of rows that have all of them.
    """

    keys: Sequence[str] = ()
    min_step: int | None = None
    max_step: int | None = None
    page_size: int = 1000


class RunSource(Protocol):
    """One run, wherever it is kept.

    Each method looks anew and tells what is there at that instant, while the run is being
    written as well as after. A run that can't be read (any more) raises
    `wandb.errors.CommError` from every method. Where it can't be changed, the methods that
    change something raise `wandb.errors.UnsupportedError`.
    """

    @property
    def name(self) -> str:
        """The run's id."""

    @property
    def read_only(self) -> bool:
        """Whether the run can't be changed through this object."""

    @property
    def url(self) -> str | None:
        """The run's page, if it has one."""

    def facts(self) -> RunFacts:
        """Read everything but history, console and files."""

    def state(self) -> str:
        """Tell whether it runs, or how it ended."""

    def last_step(self) -> int:
        """Return the highest step logged so far; -1 without rows."""

    def history_keys(self) -> dict[str, Any] | None:
        """Tell which metrics were logged, as a server describes them."""

    def metadata(self) -> dict[str, Any] | None:
        """Return the content of `wandb-metadata.json`."""

    def sampled(self, samples: int, keys: Sequence[str]) -> list[Row]:
        """Return at most so many rows, one per step, evenly spread; with keys only those."""

    def sampled_events(self, samples: int) -> list[Row]:
        """Return the machine's metrics, thinned; names start with `system.`."""

    def scan(self, wanted: Scan) -> Iterable[Row]:
        """Return every row by itself, in order of steps, then as they were logged."""

    def console(self) -> list[ConsoleLogLine]:
        """Read the lines printed so far, in the order in which they began."""

    def files(
        self, names: Sequence[str], pattern: str | None, after: str | None, limit: int
    ) -> Page[StoredFile]:
        """List the run's files by name: all, those of some names, or by a SQL LIKE pattern."""

    def update(self, changes: RunChanges) -> None:
        """Write what can be changed."""

    def update_summary(self, summary: dict[str, Any]) -> None:
        """Write the whole summary."""

    def upload(self, path: Path, name: str) -> None:
        """Add a file to the run, or replace it."""

    def delete(self) -> None:
        """Remove the run."""
