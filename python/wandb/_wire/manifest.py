"""Manifests of artifacts: what stands in the file, and the digest that names a version.

An entry is a dict as the file has it: `digest` always; `size`, `ref`, `extra` and
`birthArtifactID` where they are known. `local_path` and `skip_cache` are for the way from the
script to the service and stand in no manifest that we send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

__all__ = (
    "FULL",
    "INCREMENTAL",
    "LAYOUT",
    "PATCH",
    "POLICY",
    "VERSION",
    "contents_of",
    "manifest_digest",
    "manifest_json",
)

VERSION = 1
POLICY = "wandb-storage-policy-v1"
LAYOUT = "V2"
_HEAD = b"wandb-artifact-manifest-v1\n"

# Kinds of manifests, and the names of their files.
FULL = ("FULL", "wandb_manifest.json")
INCREMENTAL = ("INCREMENTAL", "wandb_manifest.incremental.json")
PATCH = ("PATCH", "wandb_manifest.patch.json")

_KEPT = ("digest", "birthArtifactID", "ref", "extra", "size")

Entry = Mapping[str, Any]


def manifest_digest(digests: Mapping[str, str]) -> str:
    """Return the digest of an artifact's version: it depends on its content alone.

    Args:
        digests: Digests of the entries, as the manifest has them, by path.

    Returns:
        An MD5 in hexadecimal.
    """
    whole = hashlib.md5(_HEAD, usedforsecurity=False)
    for path, digest in sorted(digests.items()):
        whole.update(f"{path}:{digest}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def manifest_json(contents: Mapping[str, Entry], *, layout: str = LAYOUT) -> dict[str, Any]:
    """Return a manifest as servers keep it, its entries sorted by path."""
    return {
        "version": VERSION,
        "storagePolicy": POLICY,
        "storagePolicyConfig": {"storageLayout": layout},
        "contents": {path: _kept(entry) for path, entry in sorted(contents.items())},
    }


def _kept(entry: Entry) -> dict[str, Any]:
    # A size of 0 says something, an empty `extra` or `ref` nothing.
    known = ((name, entry.get(name)) for name in _KEPT)
    return {name: value for name, value in known if value or (name == "size" and value == 0)}


def contents_of(manifest: Any) -> dict[str, dict[str, Any]]:
    """Return the entries of a manifest that came from elsewhere, by path.

    Raises:
        ValueError: It is no manifest of a version that is known here.
    """
    if not isinstance(manifest, dict) or "version" not in manifest:
        raise ValueError("this is no manifest: it has no version")
    if manifest["version"] != VERSION:
        raise ValueError(f"only manifests of version 1 are known: {manifest['version']!r}")
    contents = manifest.get("contents")
    if not isinstance(contents, dict) or not all(map(_is_entry, contents.values())):
        raise ValueError("the manifest's contents can't be read")
    return contents


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("digest"), str)
        and isinstance(entry.get("size") or 0, int)
        and isinstance(entry.get("ref") or "", str)
        and isinstance(entry.get("extra") or {}, dict)
        and isinstance(entry.get("birthArtifactID") or "", str)
    )
