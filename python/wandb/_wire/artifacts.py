"""How artifacts stand in a journal, and how those records are read.

A record holds the whole manifest, unless that is very large: then it names a file of it, one
entry in JSON a line, gzipped. Files of the artifact lie where the entries say until they are sent.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from wandb._wire.journal import Record, without_empty
from wandb._wire.manifest import LAYOUT, POLICY, VERSION

__all__ = (
    "CLIENT_SCHEME",
    "SERVER_SCHEME",
    "artifact_record",
    "client_id_of",
    "client_ids_of",
    "entries_of",
    "reference_parts",
    "save_key",
    "use_artifact_record",
)

SERVER_SCHEME = "wandb-artifact"
CLIENT_SCHEME = "wandb-client-artifact"
# Whoever reads a journal may have got it from somebody else.
_MOST_ENTRIES = 50_000_000
_LONGEST_LINE = 16 << 20

Json = dict[str, Any]


def artifact_record(
    *,
    run_id: str,
    entity: str | None,
    project: str | None,
    kind: str,
    name: str,
    digest: str,
    contents: Mapping[str, Mapping[str, Any]] | None,
    client_id: str,
    sequence_client_id: str,
    manifest_file: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    aliases: Iterable[str] = (),
    tags: Iterable[str] = (),
    base_id: str | None = None,
    distributed_id: str | None = None,
    finalize: bool = True,
    user_created: bool = False,
    use_after_commit: bool = False,
    incremental: bool = False,
) -> Record:
    """Keep a version of an artifact that a run has made, or has used without there being one.

    Args:
        contents: The entries, by path; None where `manifest_file` has them.
        manifest_file: A file of entries.
        kind: The artifact's type.
    """
    fields = {
        "run_id": run_id,
        "entity": entity,
        "project": project,
        "type": kind,
        "name": name,
        "digest": digest,
        "description": description,
        "metadata": json.dumps(metadata) if metadata else None,
        "user_created": user_created,
        "use_after_commit": use_after_commit,
        "aliases": list(aliases),
        "tags": list(tags),
        "distributed_id": distributed_id,
        "finalize": finalize,
        "client_id": client_id,
        "sequence_client_id": sequence_client_id,
        "base_id": base_id,
        "incremental_beta1": incremental,
    }
    return {
        "artifact": {**without_empty(fields), "manifest": _manifest(contents or {}, manifest_file)}
    }


def _manifest(contents: Mapping[str, Mapping[str, Any]], file: str | None) -> Json:
    manifest: Json = {"version": VERSION, "storage_policy": POLICY}
    if file is not None:
        return {**manifest, "manifest_file_path": file}
    return {
        **manifest,
        "storage_policy_config": [{"key": "storageLayout", "value_json": json.dumps(LAYOUT)}],
        "contents": [_recorded(path, entry) for path, entry in sorted(contents.items())],
    }


def _recorded(path: str, entry: Mapping[str, Any]) -> Json:
    extra = (entry.get("extra") or {}).items()
    fields = {
        "path": path,
        "digest": entry["digest"],
        "ref": entry.get("ref"),
        "size": entry.get("size"),
        "local_path": entry.get("local_path"),
        "birth_artifact_id": entry.get("birthArtifactID"),
        "skip_cache": entry.get("skip_cache"),
        "extra": [{"key": key, "value_json": json.dumps(value)} for key, value in extra],
    }
    return without_empty(fields)


def use_artifact_record(artifact_id: str, *, kind: str, name: str) -> Record:
    """Say that the run uses a version; the server has been told."""
    fields = {"id": artifact_id, "type": kind, "name": name}
    return {"use_artifact": without_empty(fields)}


# --- reading ----------------------------------------------------------------------------------


def save_key(client_id: str, aliases: Iterable[str], tags: Iterable[str], digest: str) -> str:
    """Name one save of an artifact: the same words said again change nothing."""
    said = json.dumps([client_id, sorted(aliases), sorted(tags), digest])
    return hashlib.sha256(said.encode()).hexdigest()


def entries_of(content: Mapping[str, Any]) -> dict[str, Json]:
    """Return the entries of a record, by path, with where their files lie.

    Raises:
        OSError: The file that holds them can't be read.
        ValueError: It holds something else.
    """
    manifest = content.get("manifest") or {}
    if path := manifest.get("manifest_file_path"):
        return _from_file(path)
    return {entry.get("path", ""): _entry(entry) for entry in manifest.get("contents") or ()}


def _entry(recorded: Mapping[str, Any]) -> Json:
    extra = {one.get("key", ""): _value(one) for one in recorded.get("extra") or ()}
    fields = {
        "digest": recorded.get("digest", ""),
        "ref": recorded.get("ref"),
        "local_path": recorded.get("local_path"),
        "birthArtifactID": recorded.get("birth_artifact_id"),
        "skip_cache": recorded.get("skip_cache"),
        "extra": extra,
    }
    return {**without_empty(fields), "size": recorded.get("size", 0)}


def _value(extra: Mapping[str, Any]) -> Any:
    try:
        return json.loads(extra.get("value_json") or "null")
    except ValueError:
        return None


def _from_file(path: str) -> dict[str, Json]:
    entries: dict[str, Json] = {}
    with gzip.open(path, "rb") as lines:
        while line := lines.readline(_LONGEST_LINE):
            entry = json.loads(line)
            if not isinstance(entry, dict) or len(entries) >= _MOST_ENTRIES:
                raise ValueError(f"the list of the artifact's files can't be read: {path}")
            entries[str(entry.pop("path", ""))] = entry
    return entries


def client_id_of(ref: str | None) -> str | None:
    """Return the client id that a reference to an artifact of this machine's names, else None."""
    scheme, authority, _ = reference_parts(ref or "")
    return authority if scheme == CLIENT_SCHEME else None


def client_ids_of(content: Mapping[str, Any]) -> set[str]:
    """Return the client ids of the artifacts of this machine that a record refers to."""
    entries = (content.get("manifest") or {}).get("contents") or ()
    found = (client_id_of(entry.get("ref")) for entry in entries)
    return {client_id for client_id in found if client_id is not None}


def reference_parts(ref: str) -> tuple[str, str, str]:
    """Split a reference into scheme, authority and path, as it is written."""
    scheme, found, rest = ref.partition("://")
    if not found:
        return "", "", ref
    authority, _, path = rest.partition("/")
    return scheme, authority, path
