"""Who is told what just happened: hints that a run went on, never the data itself."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ferrule.ports.runs import Run


@dataclass(frozen=True, slots=True)
class RunAdvanced:
    """A run has something new to show.

    `summary_changed` says that the last values, the config, the files or the description may
    have changed since the last event.
    """

    run_id: int
    entity: str
    project: str
    run: str
    last_step: int = -1
    state: str = "running"
    summary_changed: bool = False

    @classmethod
    def of(
        cls,
        run: Run,
        *,
        state: str | None = None,
        last_step: int | None = None,
        summary_changed: bool = True,
    ) -> "RunAdvanced":
        """Make the event of a run, with what is newer than the run at hand."""
        return cls(
            run_id=run.id,
            entity=run.entity,
            project=run.project,
            run=run.name,
            last_step=run.last_step if last_step is None else last_step,
            state=run.state if state is None else state,
            summary_changed=summary_changed,
        )


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
