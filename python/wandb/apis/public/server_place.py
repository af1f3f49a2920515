"""The runs and projects of a server, as `Api` sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wandb.apis.public.catalog import RemoteCatalog
from wandb.apis.public.paginator import Page
from wandb.apis.public.paths import parts_of
from wandb.apis.public.projects import Project, ProjectFacts, Projects, project_facts
from wandb.apis.public.remote import NotFound, RemoteRun, next_page, run_facts
from wandb.apis.public.runs import Run, Runs
from wandb.apis.public.server import Server
from wandb.apis.public.users import User
from wandb.errors import AuthenticationError, UsageError

# What a server calls the project of a run that named none.
_DEFAULT_PROJECT = "uncategorized"


class ServerPlace:
    """A server and what names mean on it when they are not whole."""

    def __init__(self, server: Server, *, entity: str | None, project: str | None) -> None:
        self.server = server
        self.entity = entity
        self.project = project
        self._viewer: User | None = None
        self.catalog = RemoteCatalog(server)

    def viewer(self) -> User:
        """Return who the key belongs to; asked once."""
        if self._viewer is None:
            attributes = self.server.ask("ReadViewer")["viewer"]
            if attributes is None:
                raise AuthenticationError(
                    "The server does not know the API key. Log in again with `wandb login "
                    f"--relogin`, or correct WANDB_API_KEY. Server: {self.server.base_url}"
                )
            self._viewer = User(attributes)
        return self._viewer

    def default_entity(self) -> str:
        """Return the entity that is meant where none is named."""
        return self.entity or self.viewer().entity

    def run(self, path: str) -> Run:
        """Return one run."""
        parts = parts_of(path)
        if not 1 <= len(parts) <= 3:
            raise UsageError(f"A run is named `id`, `project/id` or `entity/project/id`: {path!r}")
        entity, project = self._project_of(parts[:-1])
        return Run(RemoteRun(self.server, entity, project, parts[-1]))

    def runs(
        self, path: str | None, filters: Mapping[str, Any] | None, order: str | None, per_page: int
    ) -> Runs:
        """Return the runs of a project that fit, page by page."""
        # The server reads them, and knows more of its runs than is known here.
        parts, asked = parts_of(path or ""), json.dumps(filters or {})

        def fetch(after: str | None, limit: int) -> Page[Run]:
            entity, project = self._project_of(parts)
            found = self.server.ask(
                "FindRuns",
                entity=entity,
                project=project,
                filters=asked,
                order=order,
                first=limit,
                after=after,
            )["project"]
            if found is None:
                raise self._no_project(entity, project)
            return self._page_of_runs(found, entity, project)

        return Runs(fetch, where="/".join(parts), per_page=per_page)

    def _page_of_runs(self, found: dict[str, Any], entity: str, project: str) -> Page[Run]:
        nodes = [edge["node"] for edge in found["runs"]["edges"]]
        runs = [
            Run(
                RemoteRun(self.server, entity, project, node["name"]),
                run_facts(node, entity=entity, project=project),
            )
            for node in nodes
        ]
        return Page(runs, next_page(found["runs"]), found.get("runCount"))

    def project_named(self, name: str, entity: str | None) -> Project:
        """Return a project; whether there is one is asked when it is first needed."""
        return self._project(entity or self.default_entity(), name)

    def projects(self, entity: str | None, per_page: int) -> Projects:
        """Return an entity's projects, page by page."""
        owner = entity or self.default_entity()

        def fetch(after: str | None, limit: int) -> Page[Project]:
            found = self.server.ask("FindProjects", entity=owner, first=limit, after=after)
            listed = found["models"] or {"edges": []}
            facts = [project_facts(edge["node"]) for edge in listed["edges"]]
            projects = [self._project(one.entity, one.name, one) for one in facts]
            return Page(projects, next_page(listed))

        return Projects(fetch, owner, per_page)

    def create_project(self, name: str, entity: str) -> Project:
        """Make a project, or return the one that is there."""
        self.server.ask("AddProject", entity=entity, project=name)
        return self._project(entity, name)

    def _project(self, entity: str, name: str, facts: ProjectFacts | None = None) -> Project:
        def read() -> ProjectFacts:
            node = self.server.ask("ReadProject", entity=entity, project=name)["project"]
            if node is None:
                raise self._no_project(entity, name)
            return project_facts(node)

        return Project(entity, name, app_url=self.server.app_url, read=read, facts=facts)

    def artifact_path(self, name: str) -> tuple[str, str, str]:
        """Return the entity, the project and the name that an artifact's name means.

        Raises:
            UsageError: It has more parts than an artifact's name has, or none.
        """
        parts = name.split("/") if name else []
        if not 1 <= len(parts) <= 3:
            raise UsageError(
                "An artifact is named `name:alias`, `project/name:alias` or "
                f"`entity/project/name:alias`: {name!r}"
            )
        return *self._project_of(parts[:-1]), parts[-1]

    def _project_of(self, parts: list[str]) -> tuple[str, str]:
        project = parts[-1] if parts else self.project or _DEFAULT_PROJECT
        return (parts[0] if len(parts) > 1 else self.default_entity()), project

    def _no_project(self, entity: str, project: str) -> NotFound:
        return NotFound(
            f"There is no project {entity}/{project}, or your key may not see it. "
            f"Server: {self.server.base_url}"
        )
