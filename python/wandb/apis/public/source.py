"""What a public `Run` asks of wherever the run is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from wandb.apis.public.console import ConsoleLogLine


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
    config: dict[str, Any] = field(default_factory=dict)
    config_internal: dict[str, Any] = field(default_factory=dict)
    summary_metrics: dict[str, Any] = field(default_factory=dict)
    system_metrics: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    notes: str | None = None
    sweep_name: str | None = None
    host: str | None = None
    user: str | None = None
    commit: str | None = None
    exit_code: int | None = None
    history_line_count: int = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a run: where its bytes are, or the bytes themselves."""

    name: str
    size_bytes: int
    modified_at: float
    path: Path | None = None
    content: bytes | None = None

    def read(self) -> bytes:
        """Return the whole content.

        Raises:
            OSError: The file has gone or can't be read.
        """
        if self.content is not None:
            return self.content
        return self.path.read_bytes() if self.path else b""


class Rows(Protocol):
    """A run's history as it stood at one instant.

    Every row has `_step`. Iterating gives rows in the order of their steps, rows of one step
    in the order in which they were logged. The rows are the caller's to change, so it is
    iterated once. `steps` is how many different steps there are, `last` the highest, -1
    without rows.
    """

    steps: int
    last: int

    def __iter__(self) -> Iterator[dict[str, Any]]: ...


class RunSource(Protocol):
    """One run, wherever it is kept.

    Each method looks anew and tells what is there at that instant, while the run is being
    written as well as after. A run that can't be read (any more) raises
    `wandb.errors.CommError` from every method.
    """

    @property
    def name(self) -> str:
        """The run's id."""

    def facts(self) -> RunFacts:
        """Read everything but history, console and files."""

    def rows(self) -> Rows:
        """Read the history."""

    def system_rows(self) -> list[dict[str, Any]]:
        """Read the machine's metrics, oldest first; names start with `system.`."""

    def console(self) -> list[ConsoleLogLine]:
        """Read the lines printed so far, in the order in which they began."""

    def files(self) -> list[StoredFile]:
        """List the run's files by name."""
