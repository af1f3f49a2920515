"""Values inside an artifact: where their files go, and where they come from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wandb._artifact.staging import stage, stage_made

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact
    from wandb._artifact.entry import ArtifactManifestEntry
    from wandb.data_types.base import Content

__all__ = ("ArtifactSink", "ArtifactSource")

_SHOWN_DIGITS = 20


class ArtifactSink:
    """Puts the files of values into a draft; a `MediaSink`.

    What was made is named by its MD5; the user's own files keep their names, below a folder
    named by their SHA-256. The same content is there once.
    """

    in_artifact = True

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact

    def keep(self, content: Content, *, kind: str, name: str) -> dict[str, Any]:
        """Add a file to the artifact, and tell how it is found there; see `MediaSink`."""
        path = _path(content, kind)
        if self.artifact.manifest.get_entry_by_path(path) is None:
            if content.path is None:
                staged = stage_made(content.write_to)
            else:
                staged = stage([content.path])[0]
            self.artifact._add_staged(path, staged, source=content.path)
        return {"sha256": content.sha256, "path": path}

    def add(self, obj: Any, name: str) -> ArtifactManifestEntry:
        """Add a value that another one is made of, as `Artifact.add`."""
        return self.artifact.add(obj, name)

    def add_reference(self, uri: str, name: str | None = None) -> Sequence[ArtifactManifestEntry]:
        """Add a reference to what a value is made of, as `Artifact.add_reference`."""
        return self.artifact.add_reference(uri, name)

    def paths(self) -> list[str]:
        """Return the paths of what the artifact has so far."""
        return list(self.artifact.manifest.entries)


def _path(content: Content, kind: str) -> str:
    if content.path is None:
        return f"media/{kind}/{content.md5[:_SHOWN_DIGITS]}{content.extension}"
    return f"media/{kind}/{content.sha256[:_SHOWN_DIGITS]}/{os.path.basename(content.path)}"


class ArtifactSource:
    """Fetches the files of values of a version; a `MediaSource`."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact

    def fetch(self, path: str) -> str:
        """Return where a file of the artifact lies on this machine; see `MediaSource`."""
        return self.artifact.get_entry(path).download()

    @property
    def aliases(self) -> list[str]:
        """The artifact's other names."""
        return self.artifact.aliases

    def get(self, path: str) -> Any:
        """Return the value at a path; None if there is none."""
        return self.artifact.get(path)

    def paths(self) -> list[str]:
        """Return the paths of all files."""
        return list(self.artifact.manifest.entries)
