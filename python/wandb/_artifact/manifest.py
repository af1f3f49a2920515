"""`ArtifactManifest`: which files an artifact has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wandb._artifact.entry import ArtifactManifestEntry
from wandb._wire.manifest import LAYOUT, VERSION, contents_of, manifest_digest, manifest_json

__all__ = ("ArtifactManifest",)


class ArtifactManifest:
    """The entries of one version, by path.

    Attributes:
        entries: They can be read freely; they are changed by the methods.
        storage_layout: How the server names what it keeps.
        storage_region: Where it keeps it.
    """

    __module__ = "wandb.sdk.artifacts.artifact_manifest"

    def __init__(
        self,
        entries: Mapping[str, ArtifactManifestEntry] | None = None,
        *,
        storage_layout: str = LAYOUT,
        storage_region: str = "default",
    ) -> None:
        self.entries = dict(entries or {})
        self.storage_layout, self.storage_region = storage_layout, storage_region

    @classmethod
    def from_manifest_json(cls, manifest_json: dict[str, Any], api: Any = None) -> ArtifactManifest:
        """Read a manifest.

        Args:
            manifest_json: The content of the file.
            api: Not used.

        Raises:
            ValueError: It is no manifest, or one of another version.
        """
        contents = contents_of(manifest_json)
        config = manifest_json.get("storagePolicyConfig")
        config = config if isinstance(config, dict) else {}
        return cls(
            {path: ArtifactManifestEntry._from_wire(path, one) for path, one in contents.items()},
            storage_layout=str(config.get("storageLayout") or "V1"),
            storage_region=str(config.get("storageRegion") or "default"),
        )

    @classmethod
    def version(cls) -> int:
        """Return the version of the file's form."""
        return VERSION

    def to_manifest_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        return manifest_json(self._wire(), layout=self.storage_layout)

    def _wire(self) -> dict[str, dict[str, Any]]:
        return {path: entry._to_wire() for path, entry in self.entries.items()}

    def digest(self) -> str:
        """Return the MD5 that names the version, in hexadecimal."""
        return manifest_digest({path: one.digest for path, one in self.entries.items()})

    def size(self) -> int:
        """Return the bytes of all entries."""
        return sum(entry.size or 0 for entry in self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def add_entry(self, entry: ArtifactManifestEntry, overwrite: bool = False) -> None:
        """Add an entry.

        Raises:
            ValueError: There is one of other content under this path, and `overwrite` is off.
        """
        old = self.entries.get(entry.path)
        if old is not None and not overwrite and old.digest != entry.digest:
            raise ValueError(
                f"The artifact has other content under this path; nothing was added: {entry.path!r}"
            )
        self.entries[entry.path] = entry

    def remove_entry(self, entry: ArtifactManifestEntry) -> None:
        """Remove an entry.

        Raises:
            FileNotFoundError: There is none under its path.
        """
        if entry.path not in self.entries:
            raise FileNotFoundError(f"The artifact has no such file: {entry.path!r}")
        del self.entries[entry.path]

    def get_entry_by_path(self, path: str) -> ArtifactManifestEntry | None:
        """Return the entry under a path, if there is one."""
        return self.entries.get(path)

    def get_entries_in_directory(self, directory: str) -> list[ArtifactManifestEntry]:
        """Return all entries below a folder."""
        return [one for path, one in self.entries.items() if path.startswith(f"{directory}/")]
