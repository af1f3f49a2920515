"""Who is told what just happened: hints that a run went on, never the data itself."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RunAdvanced:
    """A run has something new to show.

    `rows` and `console_lines` are totals; `summary_changed` says that the last values, the
    config or the description may have changed since the last event.
    """

    run_id: int
    entity: str
    project: str
    run: str
    last_step: int = -1
    rows: int = 0
    console_lines: int = 0
    state: str = "running"
    summary_changed: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """What somebody listens to: a run, or all runs of a project if `run` is None."""

    entity: str
    project: str
    run: str | None = None


class Subscription(Protocol):
    """One listener's events, at most one waiting per run: a newer one replaces it."""

    async def wait(self) -> list[RunAdvanced]:
        """Return what is waiting as soon as there is something, the oldest run first."""


class Feed(Protocol):
    """Events to whoever listens at the moment.

    Events are hints: a listener that is slow misses the ones between, never the last one of a
    run, unless more runs wait than a subscription holds; then the longest waiting are let go
    of. Nothing is kept for those who come later. `publish` never waits for a listener.
    """

    def publish(self, event: RunAdvanced) -> None:
        """Tell all listeners of the run and of its project."""

    def subscribe(self, topics: frozenset[Topic]) -> AbstractContextManager[Subscription]:
        """Listen, inside the `with`, to topics."""
