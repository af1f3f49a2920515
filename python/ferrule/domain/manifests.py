"""Manifests: what a client may bring, how parts join, and the bytes that are handed out.

Nothing in a manifest is believed: paths stay below the artifact, sizes and counts have limits,
and only what is known goes on. What clients write for themselves (`local_path`, `skip_cache`) stays
behind.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ferrule.errors import BadInput, TooLarge
from ferrule.ports.manifests import FULL, INCREMENTAL, PATCH, Entry, Manifest

POLICY = "wandb-storage-policy-v1"
LAYOUT = "V2"
DIGEST_HEAD = b"wandb-artifact-manifest-v1\n"

MAX_PATH = 1024
MAX_DIGEST = 16 << 10
MAX_EXTRA = 16 << 10

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_KINDS = (FULL, INCREMENTAL, PATCH)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a manifest may be."""

    bytes: int = 128 << 20
    entries: int = 1_000_000


def kind(said: str) -> str:
    """Return a manifest's kind, if it is one."""
    if said not in _KINDS:
        raise BadInput(f"A manifest is one of {', '.join(_KINDS)}.")
    return said


def md5_digest(said: str) -> str:
    """Return an MD5 in base64 as everyone writes it.

    Raises:
        BadInput: It is none.
    """
    try:
        raw = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 16:
        raise BadInput("A file's digest is the base64 of its MD5.")
    return base64.b64encode(raw).decode()


def path(said: str) -> str:
    """Return an entry's path, if it stays below the artifact on every system.

    Raises:
        BadInput: It is empty, absolute, leads out, or can't be a path.
    """
    if not said or len(said.encode("utf-8", "replace")) > MAX_PATH:
        raise BadInput(f"A path in an artifact has 1 to {MAX_PATH} bytes.")
    parts = said.replace("\\", "/").split("/")
    if _UNSEEN.search(said) or _DRIVE.match(said) or any(one in ("", ".", "..") for one in parts):
        raise BadInput(f"`{said[:200]!a}` is no path inside an artifact.")
    return said


def to_read(manifests: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """Return those of an artifact's manifests that make it up, the later over the earlier.

    The last whole one, or the last that adds to a base, or every patch.

    Raises:
        BadInput: None was brought.
    """
    brought = [one for one in manifests if one.blob]
    for wanted in (FULL, INCREMENTAL):
        found = [one for one in brought if one.kind == wanted]
        if found:
            return (found[-1],)
    if not brought:
        raise BadInput("The artifact has no manifest yet; upload one before you commit it.")
    return tuple(brought)


def read(raw: bytes, limits: Limits, birth_of: Callable[[str], int | None]) -> list[Entry]:
    """Return the entries of a manifest that a client brought.

    Args:
        raw: Its bytes.
        limits: How many there may be.
        birth_of: Reads the id of the artifact that brought a file; None for what is no id.

    Raises:
        BadInput: It is no manifest, or an entry can't be taken.
        TooLarge: There are too many entries.
    """
    try:
        said = orjson.loads(raw)
    except orjson.JSONDecodeError as err:
        raise BadInput("The manifest is not JSON.") from err
    contents = said.get("contents") if isinstance(said, dict) else None
    if not isinstance(contents, dict) or said.get("version") != 1:
        raise BadInput("The manifest is none of version 1.")
    if len(contents) > limits.entries:
        raise TooLarge(f"An artifact has at most {limits.entries} files.")
    return [_entry(name, one, birth_of) for name, one in contents.items()]


def _entry(name: str, said: Any, birth_of: Callable[[str], int | None]) -> Entry:
    if not isinstance(said, dict) or not isinstance(said.get("digest"), str):
        raise BadInput(f"The manifest's entry `{name[:200]}` has no digest.")
    size = said.get("size")
    if type(size) is not int or not 0 <= size < 2**63:
        size = 0
    if said.get("ref") is not None:
        return _reference(path(name), said, size)
    birth = said.get("birthArtifactID")
    birth_id = birth_of(birth) if isinstance(birth, str) else None
    return Entry(path(name), md5_digest(said["digest"]), size, birth_id=birth_id)


def _reference(name: str, said: dict[str, Any], size: int) -> Entry:
    ref, digest, extra = said["ref"], said["digest"], said.get("extra")
    if not isinstance(ref, str) or max(len(ref), len(digest)) > MAX_DIGEST:
        raise BadInput(f"The reference of `{name}` is no text of at most {MAX_DIGEST} characters.")
    text = json.dumps(extra, sort_keys=True) if isinstance(extra, dict) and extra else ""
    if len(text) > MAX_EXTRA:
        raise BadInput(f"The `extra` of `{name}` has more than {MAX_EXTRA} characters.")
    return Entry(name, _whole(digest), size, ref=_whole(ref), extra=text)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def joined(layers: Iterable[Iterable[Entry]], limits: Limits) -> tuple[Entry, ...]:
    """Put layers of entries over each other, by path; later ones win.

    Raises:
        TooLarge: Together there are too many.
    """
    kept = {entry.path: entry for layer in layers for entry in layer}
    if len(kept) > limits.entries:
        raise TooLarge(f"An artifact has at most {limits.entries} files.")
    return tuple(kept[name] for name in sorted(kept))


def digest_of(entries: Sequence[Entry]) -> str:
    """Return the digest of an artifact with these entries, which come by path."""
    md5 = hashlib.md5(DIGEST_HEAD, usedforsecurity=False)
    for entry in entries:
        md5.update(f"{entry.path}:{entry.digest}\n".encode())
    return md5.hexdigest()


def written(entries: Sequence[Entry], id_of: Callable[[int], str]) -> bytes:
    """Return the manifest that clients get, as bytes."""
    return orjson.dumps(
        {
            "version": 1,
            "storagePolicy": POLICY,
            "storagePolicyConfig": {"storageLayout": LAYOUT},
            "contents": {entry.path: _shown(entry, id_of) for entry in entries},
        }
    )


def _shown(entry: Entry, id_of: Callable[[int], str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"digest": entry.digest, "size": entry.size}
    if entry.ref is not None:
        shown["ref"] = entry.ref
        if entry.extra:
            shown["extra"] = json.loads(entry.extra)
    elif entry.birth_id is not None:
        shown["birthArtifactID"] = id_of(entry.birth_id)
    return shown
