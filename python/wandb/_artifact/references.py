"""References to entries of other artifacts: made, and followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wandb._artifact.catalog import Catalog, default_catalog
from wandb._artifact.entry import ArtifactManifestEntry
from wandb._artifact.known import known
from wandb._base.digests import b64_to_hex_id, hex_to_b64_id
from wandb._wire.artifacts import CLIENT_SCHEME, SERVER_SCHEME, reference_parts
from wandb.errors import UnsupportedError

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact

__all__ = ("artifact_with_id", "reference_entries", "target_of")

# Who refers to a reference refers to what that means; a circle would have no end.
_MOST_STEPS = 16


def reference_entries(
    uri: str, name: str | None, catalog: Catalog | None
) -> list[ArtifactManifestEntry]:
    """Make the entries that stand for what a URI means.

    Raises:
        ValueError: It is no URI, or leads nowhere.
        UnsupportedError: Its scheme is not in this version.
    """
    scheme, authority, path = reference_parts(uri)
    if not scheme:
        raise ValueError(
            f"A reference is a URI, such as file:///data/set.csv for a local file: {uri!r}"
        )
    if scheme == CLIENT_SCHEME:
        target = _local_target(uri, authority, path)
        ref = uri
    elif scheme == SERVER_SCHEME:
        target = target_of(uri, catalog)
        ref = f"{SERVER_SCHEME}://{b64_to_hex_id(target.parent_artifact().id or '')}/{target.path}"
    else:
        raise UnsupportedError(
            f"References to {scheme}:// are not in this version of Ferrule, so nothing was "
            f"added. Files can be added by `add_file` and `add_dir`: {uri}"
        )
    # The size is that of the entry itself, which has no bytes of its own.
    return [
        ArtifactManifestEntry(name or os.path.basename(path), ref=ref, size=0, digest=target.digest)
    ]


def _local_target(uri: str, client_id: str, path: str) -> ArtifactManifestEntry:
    artifact = known(client_id)
    entry = None if artifact is None else artifact.manifest.get_entry_by_path(path)
    if entry is None:
        raise ValueError(f"the reference leads to no entry of an artifact of this process: {uri}")
    return entry


def target_of(ref: str, catalog: Catalog | None) -> ArtifactManifestEntry:
    """Follow a reference to an entry of an artifact until that is a file, or leads elsewhere.

    Raises:
        ValueError: There is no such artifact, or it has no such entry, or the way has no end.
        CommError: The server can't be asked.
    """
    at = ref
    for _ in range(_MOST_STEPS):
        _, authority, path = reference_parts(at)
        artifact = artifact_with_id(_id_of(authority, ref), catalog)
        entry = artifact.manifest.get_entry_by_path(path)
        if entry is None:
            raise ValueError(f"the artifact {artifact.name} has no entry {path!r}: {ref}")
        entry._parent_artifact = artifact
        if entry.ref is None or not entry._is_artifact_reference():
            return entry
        at = entry.ref
    raise ValueError(f"the reference leads from one artifact to the next without an end: {ref}")


def _id_of(authority: str, ref: str) -> str:
    try:
        return hex_to_b64_id(authority)
    except ValueError as err:
        raise ValueError(f"the reference names no artifact: {ref}") from err


def artifact_with_id(artifact_id: str, catalog: Catalog | None) -> Artifact:
    """Return an artifact by its id on the server.

    Raises:
        ValueError: There is none.
        CommError: The server can't be asked.
    """
    from wandb._artifact.artifact import Artifact

    if (here := known(artifact_id)) is not None:
        return here
    catalog = catalog or default_catalog()
    facts = catalog.by_id(artifact_id)
    if facts is None:
        raise ValueError(f"the server has no artifact {artifact_id!r}, or your key may not see it")
    return Artifact._from_facts(facts, catalog)
