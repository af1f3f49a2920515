"""Lists of what artifacts have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wandb.apis.public.files import File
from wandb.apis.public.paginator import Page, Paginator
from wandb.apis.public.remote_files import RemoteFile

if TYPE_CHECKING:
    from wandb._artifact.facts import ArtifactFacts
    from wandb.apis.public.server import Server

__all__ = ("ArtifactFiles",)


class ArtifactFiles(Paginator[File]):
    """The files of a version of an artifact; fetched as far as needed."""

    def __init__(
        self,
        server: Server,
        facts: ArtifactFacts,
        fetch: Callable[[str | None, int], Page[dict[str, Any]]],
        *,
        per_page: int = 50,
    ) -> None:
        def fetch_files(after: str | None, limit: int) -> Page[File]:
            page = fetch(after, limit)
            files = [File(RemoteFile(server, None, node)) for node in page.items]
            return Page(files, page.after, page.total)

        super().__init__(fetch_files, per_page=per_page)
        self._facts = facts

    @property
    def path(self) -> list[str]:
        """Entity, project and name of the artifact."""
        return [self._facts.entity, self._facts.project, self._facts.name]

    def __repr__(self) -> str:
        return f"<ArtifactFiles {'/'.join(self.path)} ({len(self)})>"
