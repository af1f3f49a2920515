"""Projects, as programs read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote

from wandb.apis.public.paginator import Page, Paginator
from wandb.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What a server tells about a project."""

    id: str
    name: str
    entity: str
    created_at: str
    is_benchmark: bool = False


class Project:
    """A project: a name under which an entity's runs are kept together.

    Nothing is asked before an attribute beyond the names is read.
    """

    def __init__(
        self,
        entity: str,
        name: str,
        *,
        app_url: str,
        read: Callable[[], ProjectFacts],
        facts: ProjectFacts | None = None,
    ) -> None:
        self.entity = entity
        self.name = name
        self._app_url = app_url
        self._read = read
        self._facts = facts

    def _known(self) -> ProjectFacts:
        if self._facts is None:
            self._facts = self._read()
        return self._facts

    @property
    def path(self) -> list[str]:
        """Entity and name."""
        return [self.entity, self.name]

    @property
    def url(self) -> str:
        """The project's page."""
        return f"{self._app_url}/{quote(self.entity)}/{quote(self.name, safe='')}/workspace"

    @property
    def id(self) -> str:
        """The server's own id."""
        return self._known().id

    @property
    def created_at(self) -> str:
        """When its first run came: ISO 8601, UTC."""
        return self._known().created_at

    createdAt = created_at  # noqa: N815
    entity_name = entityName = property(lambda self: self.entity)  # noqa: N815

    @property
    def is_benchmark(self) -> bool:
        """Whether the hosted service lists it among its benchmarks."""
        return self._known().is_benchmark

    def sweeps(self, per_page: int = 50) -> NoReturn:
        """Refuse: sweeps are not in this version."""
        self._not_here("sweeps")

    def artifacts_types(self, per_page: int = 50) -> NoReturn:
        """Refuse: artifacts are not in this version."""
        self._not_here("artifacts")

    def _not_here(self, what: str) -> NoReturn:
        raise UnsupportedError(f"Reading a project's {what} is not in this version of Ferrule.")

    def __repr__(self) -> str:
        return f"<Project {'/'.join(self.path)}>"


class Projects(Paginator[Project]):
    """The projects of an entity; fetched as far as needed."""

    def __init__(
        self, fetch: Callable[[str | None, int], Page[Project]], entity: str, per_page: int
    ) -> None:
        super().__init__(fetch, per_page=per_page)
        self.entity = entity

    def __repr__(self) -> str:
        return f"<Projects {self.entity}>"


def project_facts(node: dict[str, Any]) -> ProjectFacts:
    """Read a project out of a server's answer."""
    return ProjectFacts(
        id=node["id"],
        name=node["name"],
        entity=node["entityName"],
        created_at=node.get("createdAt") or "",
        is_benchmark=bool(node.get("isBenchmark")),
    )
