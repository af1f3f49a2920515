"""Projects: named places in an entity that runs live in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ferrule.ports.pages import Page


@dataclass(frozen=True, slots=True)
class Project:
    """A project. `updated_at` moves when a run of it begins, changes or advances."""

    id: int
    entity: str
    name: str
    description: str = ""
    created_at: int = 0
    updated_at: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """How many runs a project has, and how many of them are running."""

    runs: int = 0
    running: int = 0


class Projects(Protocol):
    """Projects of all entities.

    Unique: (entity, name). Ids grow, and stay below 2^31. Deleted runs count nowhere.
    """

    async def get(self, entity: str, name: str) -> Project | None:
        """Return the project, None if there is none."""

    async def get_by_id(self, project_id: int) -> Project | None:
        """Return the project, None if there is none."""

    async def ensure(self, entity: str, name: str) -> Project:
        """Return the project, made now if there is none. Concurrent calls make one.

        Raises:
            ferrule.errors.NotFound: There is no such entity.
        """

    async def describe(self, project_id: int, description: str) -> Project:
        """Replace the description.

        Raises:
            ferrule.errors.NotFound: There is no such project.
        """

    async def find(
        self, entities: Sequence[str], *, after: str | None = None, limit: int = 200
    ) -> Page[Project]:
        """List the projects of some entities, the one updated last first.

        A project that is updated while someone pages may appear twice or not at all.

        Raises:
            ferrule.errors.BadInput: `after` is no cursor of this list.
        """

    async def totals(self, project_ids: Sequence[int]) -> dict[int, Totals]:
        """Count the runs of each of the projects."""
