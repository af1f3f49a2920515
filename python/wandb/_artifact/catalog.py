"""The Catalog: what an artifact asks of whoever found it. A floor above implements it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from wandb._artifact.entry import ArtifactManifestEntry
from wandb._artifact.facts import ArtifactFacts

__all__ = ("Catalog", "Saving", "default_catalog", "set_default_catalog")


class Catalog(Protocol):
    """A server's artifacts."""

    def by_id(self, artifact_id: str) -> ArtifactFacts | None:
        """Return a version by its id; None if there is none.

        Raises:
            CommError: The server can't be asked.
        """

    def manifest(self, facts: ArtifactFacts) -> dict[str, Any]:
        """Return the content of a version's manifest.

        Raises:
            CommError: The server does not give it.
        """

    def urls(self, facts: ArtifactFacts) -> Iterator[tuple[str, str]]:
        """Yield the paths of a version's files, and where each can be had without a key."""

    def fetch(
        self,
        facts: ArtifactFacts,
        entry: ArtifactManifestEntry,
        url: str | None,
        target: Path,
        *,
        layout: str,
        region: str,
    ) -> None:
        """Download the content of a file of a version.

        Args:
            url: Where it can be had; if that fails, or is None, the server itself is asked.
            layout: How the server names what it keeps, as the manifest says.
            region: Where it keeps it.

        Raises:
            CommError: The server does not give it.
        """

    def files(self, facts: ArtifactFacts, names: Sequence[str] | None, per_page: int) -> Any:
        """Return the files as the public API shows them, lazily."""

    def logged_by(self, facts: ArtifactFacts) -> Any:
        """Return the run that made a version; None if none did."""

    def used_by(self, facts: ArtifactFacts) -> list[Any]:
        """Return the runs that used a version."""

    def url(self, facts: ArtifactFacts) -> str:
        """Return the address of a version's page."""


class Saving(Protocol):
    """A version on its way to a server."""

    def wait(self, timeout_secs: float | None) -> tuple[ArtifactFacts, Catalog]:
        """Wait until it is there.

        Raises:
            TimeoutError: It was not in time.
            ValueError: It can't be saved.
        """


class _Default:
    """How artifacts are found that nobody handed out."""

    make: Callable[[], Catalog] | None = None


def set_default_catalog(make: Callable[[], Catalog]) -> None:
    """Say how artifacts are found that nobody handed out: by a reference, for one."""
    _Default.make = staticmethod(make)


def default_catalog() -> Catalog:
    """Return the catalog of the server that the settings mean.

    Raises:
        ValueError: Nobody has said how to make one.
    """
    if _Default.make is None:
        raise ValueError("no server is known to look for the artifact on")
    return _Default.make()
