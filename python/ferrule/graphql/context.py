"""What one GraphQL request carries to its resolvers."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ferrule.ports import Stores
from ferrule.ports.history import History
from ferrule.ports.links import Links
from ferrule.ports.people import Person
from ferrule.ports.runs import Run


def now_micros() -> int:
    """Return the time, in UTC microseconds."""
    return time.time_ns() // 1000


def _nobody_listens(run: Run) -> None:
    """Take note of a changed run, for nobody."""


@dataclass(slots=True)
class Context:
    """One request: who asks, over what.

    Attributes:
        viewer: Who asks; None for a request without a key.
        stores: The metadata.
        history: The rows.
        links: Makes signed addresses on the host the request came to.
        api_key: The key that was sent, so that `viewer.apiKeys` can show that one and no other.
        async_writer: The writer's name of a run in shared mode (`X-Wandb-Client-Id`, when
            `X-Wandb-Use-Async-Filestream` is true); None elsewhere.
        on_change: Called after a run was made or changed (config, name, state, stop, rewind, or
            deletion), so that caches and pages can follow.
        clock: UTC microseconds.
    """

    viewer: Person | None
    stores: Stores
    history: History
    links: Links
    api_key: str | None = None
    async_writer: str | None = None
    on_change: Callable[[Run], None] = _nobody_listens
    clock: Callable[[], int] = now_micros
    cache: dict[object, object] = field(default_factory=dict)
