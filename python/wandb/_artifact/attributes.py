"""What an artifact says of itself, before and after it is on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wandb._artifact.checks import checked_metadata
from wandb._artifact.exceptions import ArtifactNotLoggedError
from wandb._artifact.manifest import ArtifactManifest
from wandb._base.terminal import termwarn

if TYPE_CHECKING:
    from wandb._artifact.catalog import Catalog
    from wandb._artifact.facts import ArtifactFacts

__all__ = ("ArtifactAttributes",)

_PENDING = "PENDING"


class ArtifactAttributes:
    """The properties of an artifact. What only a server knows raises until it is there."""

    _catalog: Catalog | None = None
    _facts: ArtifactFacts | None = None
    _draft_name: str
    _type: str
    _description: str | None
    _metadata: dict[str, Any]
    _manifest: ArtifactManifest | None
    _incremental: bool
    _distributed_id: str | None = None

    def is_draft(self) -> bool:
        """Whether the version is not on a server, as far as this object knows."""
        return self._facts is None

    def _stored(self, name: str = "download") -> tuple[ArtifactFacts, Catalog]:
        """Return what the server says of it, and the way to ask more.

        Raises:
            ArtifactNotLoggedError: It is on none.
        """
        if self._facts is None or self._catalog is None:
            raise ArtifactNotLoggedError(f"Artifact.{name}", self)
        return self._facts, self._catalog

    @property
    def id(self) -> str | None:
        """The server's id; None for a draft."""
        return self._facts.id if self._facts else None

    @property
    def entity(self) -> str:
        """Whose project it was reached in."""
        return self._stored("entity")[0].entity

    @property
    def project(self) -> str:
        """The project that it was reached in."""
        return self._stored("project")[0].project

    @property
    def name(self) -> str:
        """The name: of a draft alone, then with the version, or the alias it was got by."""
        return self._facts.name if self._facts else self._draft_name

    @property
    def qualified_name(self) -> str:
        """Entity, project and name, joined by slashes."""
        return f"{self.entity}/{self.project}/{self.name}"

    @property
    def version(self) -> str:
        """The version in the collection that it was reached through, as `v3`."""
        return self._stored("version")[0].version

    @property
    def source_entity(self) -> str:
        """Whose project it was made in."""
        return self._stored("source_entity")[0].source_entity

    @property
    def source_project(self) -> str:
        """The project that it was made in."""
        return self._stored("source_project")[0].source_project

    @property
    def source_name(self) -> str:
        """The name where it was made: of a draft alone, then with the version."""
        return self._facts.source_name if self._facts else self._draft_name

    @property
    def source_qualified_name(self) -> str:
        """Entity, project and name where it was made, joined by slashes."""
        return f"{self.source_entity}/{self.source_project}/{self.source_name}"

    @property
    def source_version(self) -> str:
        """The version where it was made, as `v3`."""
        return self._stored("source_version")[0].source_version

    @property
    def is_link(self) -> bool:
        """Whether it was reached through a collection that it is only linked to."""
        return self._facts is not None and self._facts.is_link

    @property
    def type(self) -> str:
        """The type, such as `dataset` or `model`."""
        return self._type

    @property
    def url(self) -> str:
        """The address of its page."""
        facts, catalog = self._stored("url")
        return catalog.url(facts)

    @property
    def description(self) -> str | None:
        """What it is, in Markdown. Can be set before it is logged."""
        return self._description

    @description.setter
    def description(self, description: str | None) -> None:
        self._description = description

    @property
    def metadata(self) -> dict[str, Any]:
        """Facts of your own, 100 at most. Can be set, and changed in place, before it is logged."""
        return self._metadata

    @metadata.setter
    def metadata(self, metadata: dict[str, Any]) -> None:
        self._metadata = checked_metadata(metadata)

    @property
    def aliases(self) -> list[str]:
        """Its other names in the collection, such as `latest`."""
        return list(self._stored("aliases")[0].aliases)

    @property
    def tags(self) -> list[str]:
        """Words to find it by."""
        return list(self._stored("tags")[0].tags)

    @property
    def incremental(self) -> bool:
        """Whether it adds to the version before it."""
        return self._incremental

    @property
    def distributed_id(self) -> str | None:
        """What several processes that make one version together call it; None for others."""
        return self._distributed_id

    @property
    def use_as(self) -> str | None:
        """None. Deprecated."""
        termwarn("Artifact.use_as is deprecated and says nothing.", repeat=False)
        return None

    @property
    def state(self) -> str:
        """`PENDING` until it is whole on a server, then `COMMITTED`; `DELETED` when removed."""
        return self._facts.state if self._facts else _PENDING

    @property
    def manifest(self) -> ArtifactManifest:
        """Its entries; fetched from the server when first asked for."""
        if self._manifest is None:
            facts, catalog = self._stored("manifest")
            self._manifest = ArtifactManifest.from_manifest_json(catalog.manifest(facts))
        return self._manifest

    @property
    def digest(self) -> str:
        """The MD5 that names its content: the same for the same files under the same paths."""
        return self.manifest.digest()

    @property
    def size(self) -> int:
        """Bytes of all its files, references left out."""
        return self.manifest.size()

    @property
    def file_count(self) -> int:
        """How many entries it has."""
        return self._stored("file_count")[0].file_count

    @property
    def commit_hash(self) -> str:
        """What the server calls the version as it was committed."""
        return self._stored("commit_hash")[0].commit_hash or ""

    @property
    def created_at(self) -> str:
        """When it was made: ISO 8601, UTC."""
        return self._stored("created_at")[0].created_at

    @property
    def updated_at(self) -> str:
        """When it last changed: ISO 8601, UTC."""
        facts = self._stored("updated_at")[0]
        return facts.updated_at or facts.created_at

    @property
    def history_step(self) -> int | None:
        """The last step of the run's history before it was logged; None where nobody knows."""
        step = self._stored("history_step")[0].history_step
        return None if step is None else max(0, step - 1)
