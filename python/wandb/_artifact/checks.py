"""What names, types, aliases, tags, metadata and paths of an artifact may be."""

from __future__ import annotations

import json
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Collection
from pathlib import PurePath, PurePosixPath
from typing import Any
from zlib import crc32

from wandb._base.jsonable import config_value

__all__ = (
    "MOST_METADATA_KEYS",
    "checked_aliases",
    "checked_metadata",
    "checked_name",
    "checked_tags",
    "checked_type",
    "logical_path",
    "names_inside",
    "sanitized_name",
    "with_latest",
)

MOST_METADATA_KEYS = 100
_LONGEST_NAME = 128
_NAME = re.compile(r"[a-zA-Z0-9_\-.]+")
_NOT_IN_NAME = re.compile(r"[^a-zA-Z0-9_\-.]+")
_TAG = re.compile(r"[-\w]+( +[-\w]+)*")
_NOT_IN_ALIAS = ("/", ":")
_RESERVED_PREFIX = "wandb-"
# Types that are ours, and what the names begin with for which they are; None for all.
_RESERVED: dict[str, str | None] = {"job": None, "run_table": "run-", "code": "source-"}


def checked_name(name: str) -> str:
    """Return an artifact's name.

    Raises:
        ValueError: It has other characters than letters, digits, `_`, `-` and `.`, or too many.
    """
    # As the original matches: a line break at the end is one too many all the same.
    if not _NAME.fullmatch(name):
        raise ValueError(
            "The name of an artifact may have letters, digits, dashes, underscores and dots "
            f"only: {name!r}"
        )
    if len(name) > _LONGEST_NAME:
        raise ValueError(
            f"The name of an artifact may have {_LONGEST_NAME} characters, this one has "
            f"{len(name)}: {name[:_LONGEST_NAME]!r}"
        )
    return name


def sanitized_name(name: str) -> str:
    """Return the name of an artifact that the client makes itself, of any text.

    What may not stand in a name is left out; a checksum then keeps names apart that differ only
    in that.
    """
    kept = _NOT_IN_NAME.sub("", name)
    if kept == name:
        return name
    checksum = urlsafe_b64encode(crc32(name.encode()).to_bytes(4, "big"))
    return f"{kept}-{checksum.rstrip(b'=').decode('ascii')}"


def checked_type(kind: str, name: str) -> str:
    """Return an artifact's type.

    Raises:
        ValueError: It is one that the client keeps for itself.
    """
    prefix = _RESERVED.get(kind, "")
    ours = kind.startswith(_RESERVED_PREFIX) if prefix == "" else not prefix
    if ours or (prefix and name.startswith(prefix)):
        raise ValueError(f"The type {kind!r} is kept for artifacts that W&B makes; use another.")
    return kind


def checked_metadata(metadata: Any) -> dict[str, Any]:
    """Return a copy of metadata in values of JSON; a text is read as JSON.

    Raises:
        TypeError: It is no dict, or holds what has no form in JSON.
    """
    if metadata is None or metadata == "":
        return {}
    if isinstance(metadata, str):
        read: dict[str, Any] = json.loads(metadata)
        return read
    if isinstance(metadata, dict):
        copied: dict[str, Any] = json.loads(json.dumps(config_value(metadata)))
        return copied
    raise TypeError(f"metadata must be a dict, not {type(metadata)}")


def checked_aliases(aliases: Collection[str] | str) -> list[str]:
    """Return aliases as a list.

    Raises:
        ValueError: One has a slash or a colon.
    """
    listed = [aliases] if isinstance(aliases, str) else list(aliases)
    if any(character in alias for alias in listed for character in _NOT_IN_ALIAS):
        raise ValueError(f"An alias may have neither a slash nor a colon: {listed}")
    return listed


def checked_tags(tags: Collection[str] | str) -> list[str]:
    """Return tags, each once.

    Raises:
        ValueError: One has other characters than letters, digits, `-`, `_` and single words'
            spaces.
    """
    listed = [tags] if isinstance(tags, str) else list(tags)
    if not all(_TAG.fullmatch(tag) for tag in listed):
        raise ValueError(
            f"A tag may have letters, digits, hyphens, underscores, and spaces between: {listed}"
        )
    return list(dict.fromkeys(listed))


def with_latest(aliases: Collection[str] | None) -> list[str]:
    """Return the aliases of a new version: the newest is always `latest`."""
    return list(dict.fromkeys(("latest", *(aliases or ()))))


# --- paths ------------------------------------------------------------------------------------


def logical_path(path: str | bytes | os.PathLike[Any]) -> str:
    """Return a path inside an artifact, as the manifest has it: with forward slashes."""
    text = os.fsdecode(os.fspath(path))
    return str(PurePosixPath(PurePath(text).as_posix()))


def names_inside(path: str) -> bool:
    """Whether a path of a manifest stays in the folder that it is joined to."""
    parts = PurePosixPath(path).parts
    return bool(parts) and "\0" not in path and parts[0] != "/" and ".." not in parts
