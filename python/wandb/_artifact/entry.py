"""`ArtifactManifestEntry`: one file of an artifact, or what stands for one elsewhere."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from wandb._artifact.checks import logical_path
from wandb._base.digests import b64_to_hex_id, hex_to_b64_id
from wandb._base.paths import LogicalPath
from wandb._base.terminal import termwarn
from wandb._wire.artifacts import SERVER_SCHEME, reference_parts

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact

__all__ = ("ArtifactManifestEntry",)

_COMPARED = (
    "path",
    "digest",
    "ref",
    "birth_artifact_id",
    "size",
    "extra",
    "local_path",
    "skip_cache",
)


class ArtifactManifestEntry:
    """One entry of an artifact's manifest.

    Attributes:
        path: Where it lies in the artifact.
        digest: The MD5 of the content in base64; for a reference, whatever tells versions of
            what it means apart.
        ref: What a reference leads to; None for a file.
        birth_artifact_id: The artifact with which the server first got the content.
        size: Bytes; None where nobody has said.
        extra: What else is known of a reference.
        local_path: Where the file lies until it is uploaded.
        skip_cache: Keep no copy of it on this machine.
    """

    # The name it has in the original, which programs print and compare.
    __module__ = "wandb.sdk.artifacts.artifact_manifest_entry"

    _parent_artifact: Artifact | None = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        digest: str,
        skip_cache: bool | None = False,
        ref: str | None = None,
        birth_artifact_id: str | None = None,
        size: int | None = None,
        extra: dict[str, Any] | None = None,
        local_path: str | os.PathLike[str] | None = None,
    ) -> None:
        self.path: str = LogicalPath(logical_path(path))
        self.digest = digest
        self.ref = ref
        self.birth_artifact_id = birth_artifact_id
        self.local_path = str(local_path) if local_path else None
        sized = size is None and self.local_path is not None
        self.size = os.path.getsize(self.local_path or "") if sized else size
        self.extra = extra or {}
        self.skip_cache = skip_cache or False

    @classmethod
    def _from_wire(cls, path: str, wire: dict[str, Any]) -> ArtifactManifestEntry:
        entry = cls(
            path,
            wire["digest"],
            skip_cache=wire.get("skip_cache"),
            ref=wire.get("ref"),
            birth_artifact_id=wire.get("birthArtifactID"),
            size=wire.get("size") or 0,
            extra=wire.get("extra"),
        )
        # Servers know it under exactly this name.
        entry.path = str.__new__(LogicalPath, path)
        return entry

    def _to_wire(self) -> dict[str, Any]:
        return {name: value for name, value in self.to_json().items() if name != "path"}

    @property
    def name(self) -> str:
        """The same as `path`. Deprecated."""
        termwarn("ArtifactManifestEntry.name is deprecated: read `path`.", repeat=False)
        return self.path

    def parent_artifact(self) -> Artifact:
        """Return the artifact that the entry belongs to.

        Raises:
            NotImplementedError: It belongs to none: it was not got from an artifact.
        """
        if self._parent_artifact is None:
            raise NotImplementedError("this entry was not got from an artifact")
        return self._parent_artifact

    def download(
        self,
        root: str | None = None,
        skip_cache: bool | None = None,
        executor: Any = None,
        multipart: bool | None = None,
    ) -> str:
        """Fetch the file.

        Args:
            root: The folder that the entry's path is relative to; the artifact's by default.
            skip_cache: Leave the cache of this machine alone.
            executor: Not used.
            multipart: Not used: a file is fetched in one piece.

        Returns:
            Where it lies.

        Raises:
            ValueError: What came is not what the manifest says, or the path leads out of the
                folder.
            FileNotFoundError: It is a reference that leads nowhere.
        """
        from wandb._artifact.download import fetch_entry

        artifact = self.parent_artifact()
        return fetch_entry(artifact, self, root, skip_cache=bool(skip_cache))

    def ref_target(self) -> str:
        """Return what a reference leads to in the end.

        Raises:
            ValueError: It is no reference.
        """
        if self.ref is None:
            raise ValueError(f"{self.path!r} is a file of the artifact, not a reference")
        if self._parent_artifact is None or not self._is_artifact_reference():
            return self.ref
        from wandb._artifact.references import target_of

        target = target_of(self.ref, self._parent_artifact._catalog)
        return target.ref or self.ref

    def ref_url(self) -> str:
        """Return an address of this entry, for `Artifact.add_reference` of another artifact.

        Raises:
            ValueError: The artifact is not on a server.
        """
        artifact_id = self.parent_artifact().id
        if artifact_id is None:
            raise ValueError(
                "the artifact is not on a server, so its entries have no address: log it, and "
                "call `Artifact.wait()` first"
            )
        return f"{SERVER_SCHEME}://{b64_to_hex_id(artifact_id)}/{self.path}"

    def to_json(self) -> dict[str, Any]:
        """Return the entry as a dict of what is known of it."""
        optional = {
            "ref": self.ref,
            "birthArtifactID": self.birth_artifact_id,
            "local_path": self.local_path,
            "skip_cache": self.skip_cache,
            "extra": self.extra,
        }
        sized = {} if self.size is None else {"size": self.size}
        known = {name: value for name, value in optional.items() if value}
        return {"path": self.path, "digest": self.digest, **sized, **known}

    def _is_artifact_reference(self) -> bool:
        return reference_parts(self.ref or "")[0] == SERVER_SCHEME

    def _referenced_artifact_id(self) -> str | None:
        if not self._is_artifact_reference():
            return None
        return hex_to_b64_id(reference_parts(self.ref or "")[1])

    def __eq__(self, other: object) -> bool:
        """Whether all that is public is the same; entries of one content may still differ."""
        if not isinstance(other, ArtifactManifestEntry):
            return False
        return all(getattr(self, name) == getattr(other, name) for name in _COMPARED)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        told = {"ref": self.ref, "birth_artifact_id": self.birth_artifact_id, "size": self.size}
        others = [f"{name}={value!r}" for name, value in told.items() if value is not None]
        if self.extra:
            others.append(f"extra={json.dumps(self.extra)}")
        if self.local_path:
            others.append(f"local_path={self.local_path!r}")
        others.append(f"skip_cache={self.skip_cache}")
        listed = ", ".join([f"path={self.path!r}", f"digest={self.digest!r}", *others])
        return f"{type(self).__name__}({listed})"
