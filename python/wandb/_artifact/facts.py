"""What a server says of a version of an artifact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wandb._base.safenames import alias_is_version_index

__all__ = ("ArtifactFacts", "artifact_facts")


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """One version, as it was reached: through its own collection, or one that it is linked to.

    Attributes:
        entity: Whose project it was reached in.
        project: That project.
        name: The collection there, and what it was asked for by: `name:v3`, `name:best`.
        source_entity: Whose project it was made in.
        source_project: That project.
        source_name: Collection and version where it was made.
        manifest_url: Where its manifest is to be had; None where the server has not said.
        history_step: The run's step when it was logged.
        ttl_secs: How long it is kept; None without an end.
    """

    id: str
    entity: str
    project: str
    name: str
    version: str
    source_entity: str
    source_project: str
    source_name: str
    source_version: str
    type: str
    state: str
    description: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    manifest_url: str | None = None
    commit_hash: str | None = None
    file_count: int = 0
    created_at: str = ""
    updated_at: str | None = None
    history_step: int | None = None
    ttl_secs: int | None = None
    ttl_is_inherited: bool = True

    @property
    def collection(self) -> str:
        """The collection that it was reached through."""
        return self.name.partition(":")[0]

    @property
    def is_link(self) -> bool:
        """Whether it was reached through another collection than its own."""
        reached = (self.entity, self.project, self.collection)
        return reached != (
            self.source_entity,
            self.source_project,
            self.source_name.partition(":")[0],
        )


def artifact_facts(
    node: Mapping[str, Any],
    *,
    entity: str | None = None,
    project: str | None = None,
    collection: str | None = None,
    alias: str | None = None,
) -> ArtifactFacts:
    """Read a server's answer.

    Args:
        node: The artifact.
        entity: Whose project it was reached in, if not its own.
        project: That project.
        collection: The collection there.
        alias: What it was asked for by; its name has that, and the version where nothing was.

    Raises:
        KeyError: Something is missing that every server says.
        ValueError: Its metadata is no JSON.
    """
    sequence = node["artifactSequence"]
    home = sequence.get("project") or {}
    source_entity, source_project = home.get("entityName") or "", home.get("name") or ""
    entity, project = entity or source_entity, project or source_project
    collection = collection or sequence["name"]
    source_version = f"v{node.get('versionIndex')}"
    named = _aliases(node.get("aliases") or (), entity, project, collection)
    version = next(filter(alias_is_version_index, named), source_version)
    ttl = node.get("ttlDurationSeconds")
    return ArtifactFacts(
        id=node["id"],
        entity=entity,
        project=project,
        name=f"{collection}:{alias or version}",
        version=version,
        source_entity=source_entity,
        source_project=source_project,
        source_name=f"{sequence['name']}:{source_version}",
        source_version=source_version,
        type=node["artifactType"]["name"],
        state=node["state"],
        description=node.get("description"),
        metadata=_metadata(node.get("metadata")),
        aliases=tuple(alias for alias in named if not alias_is_version_index(alias)),
        tags=tuple(tag["name"] for tag in node.get("tags") or ()),
        manifest_url=_manifest_url(node),
        commit_hash=node.get("commitHash"),
        file_count=int(node.get("fileCount") or 0),
        created_at=node.get("createdAt") or "",
        updated_at=node.get("updatedAt"),
        history_step=node.get("historyStep"),
        ttl_secs=ttl if ttl and ttl > 0 else None,
        ttl_is_inherited=node.get("ttlIsInherited") is not False,
    )


def _aliases(listed: Any, entity: str, project: str, collection: str) -> list[str]:
    """Return the aliases that count in a collection: an artifact may have others elsewhere."""
    return [
        one["alias"]
        for one in listed
        if (held := one.get("artifactCollection"))
        and (at := held.get("project"))
        and (at.get("entityName"), at.get("name"), held.get("name"))
        == (entity, project, collection)
    ]


def _metadata(text: Any) -> dict[str, Any]:
    found = json.loads(text) if isinstance(text, str) and text else text
    return found if isinstance(found, dict) else {}


def _manifest_url(node: Mapping[str, Any]) -> str | None:
    file = (node.get("currentManifest") or {}).get("file") or {}
    return file.get("directUrl") or None
