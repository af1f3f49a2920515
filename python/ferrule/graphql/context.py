"""What one GraphQL request carries to its resolvers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ferrule.auth.permissions import Action, Entity, Viewer, allowed, require
from ferrule.errors import NotFound, Unauthenticated
from ferrule.ports import Stores
from ferrule.ports.artifacts import Artifact
from ferrule.ports.committer import Committer
from ferrule.ports.history import History
from ferrule.ports.links import Links
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run


def _nobody_listens(run: Run) -> None:
    """Take note of a changed run, for nobody."""


@dataclass(slots=True)
class Context:
    """One request: who asks, over what.

    Attributes:
        viewer: Who asks, with their entities; None for a request without a key that is known.
        stores: The metadata.
        history: The rows; opens runs by itself.
        links: Makes signed addresses on the host the request came to.
        committer: Makes artifacts of what clients brought.
        clock: UTC microseconds.
        api_key: The key that was sent, so that `viewer.apiKeys` can show that one and no other.
        async_writer: The writer's name of a run in shared mode (`X-Wandb-Client-Id`, when
            `X-Wandb-Use-Async-Filestream` is true); None elsewhere.
        on_change: Called after a run was made or changed (config, name, state, stop, rewind, or
            deletion), so that caches and pages can follow.
        exact_numbers: Whether NaN and infinities may be bare in the answer's JSON. They are texts
            elsewhere (`"NaN"`): null would say that nothing was logged.
        began_at: When the runs began that the request makes; None for now.
        in_place: The runs are shown from their folders: they have no names but those they were
            given, and what they were forked from may not be here.
        lines_told: For runs by number, the `historyLineCount` that this answer tells of them, set
            by mutations; reads tell what the history says.
    """

    viewer: Viewer | None
    stores: Stores
    history: History
    links: Links
    committer: Committer
    clock: Callable[[], int]
    api_key: str | None = None
    async_writer: str | None = None
    on_change: Callable[[Run], None] = _nobody_listens
    exact_numbers: bool = False
    began_at: int | None = None
    in_place: bool = False
    lines_told: dict[int, int | None] = field(default_factory=dict)

    def who(self) -> Viewer:
        """Return who asks.

        Raises:
            Unauthenticated: Nobody that is known.
        """
        if self.viewer is None:
            raise Unauthenticated(
                "The request carries no API key; log in first."
                if self.api_key is None
                else "This server does not know the API key that was sent; log in again."
            )
        return self.viewer

    async def entity_for(self, name: str | None) -> str:
        """Return the entity that a request is about: the one it names, or the caller's own.

        Raises:
            NotFound: It is not one the caller may work in.
        """
        viewer = self.who()
        if not name:
            return viewer.person.name
        require(viewer, Action.CREATE, Entity(name))
        return name

    async def project(self, name: str | None, entity: str | None) -> Project | None:
        """Return a project, None if there is none that the caller may see."""
        viewer = self.who()
        found = await self.stores.projects.get(entity or viewer.person.name, name or "")
        return found if found and allowed(viewer, Action.READ, found) else None

    async def run(self, name: str, project: str | None, entity: str | None) -> Run:
        """Return a run to change.

        Raises:
            NotFound: There is none that the caller may change.
        """
        viewer = self.who()
        owner = entity or viewer.person.name
        found = await self.stores.runs.get(owner, project or "", name)
        if found is None or not allowed(viewer, Action.WRITE, found):
            raise NotFound(f"No run `{owner}/{project}/{name}` was found.")
        return found

    async def run_by_id(self, run_id: int) -> Run:
        """Return a run to change, by its number.

        Raises:
            NotFound: There is none that the caller may change.
        """
        viewer = self.who()
        found = await self.stores.runs.by_id(run_id)
        if found is None or not allowed(viewer, Action.WRITE, found):
            raise NotFound("No run with this id was found; it may have been deleted.")
        return found

    async def artifact(self, artifact_id: int, action: Action) -> Artifact:
        """Return an artifact to do something to, by its number.

        Raises:
            NotFound: There is none that the caller may do it to.
        """
        viewer = self.who()
        found = await self.stores.artifacts.get(artifact_id)
        if found is None or not allowed(viewer, action, found):
            raise NotFound("No artifact with this id was found; it may have been deleted.")
        return found
