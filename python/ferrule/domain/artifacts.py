"""What artifacts, their types, aliases and tags may be called, and how a client names a version."""

import re
from typing import Any

from ferrule.domain import names
from ferrule.domain.runs import json_object
from ferrule.errors import BadInput
from ferrule.ports.artifacts import LATEST, version_of

MAX_ALIASES = 256
MAX_TAGS = 256
MAX_METADATA = 4 << 20
MAX_CLIENT_ID = 256
TTL_INHERITED = -1
TTL_DISABLED = -2

_DIGEST = re.compile(r"[0-9a-f]{32}")


def artifact_name(name: str) -> str:
    """Return an artifact's name, if it can be one."""
    return names.plain_name(name, "An artifact's name")


def type_name(name: str) -> str:
    """Return the name of a type, if it can be one."""
    if not name:
        raise BadInput("An artifact's type can't be empty.")
    return names.line(name, "An artifact type's name", names.MAX_NAME)


def alias(name: str) -> str:
    """Return an alias, if it can be one.

    Raises:
        BadInput: It can't be written behind a name, or is the number of a version.
    """
    if version_of(name) is not None:
        raise BadInput(f"`{name}` is a version's number; an alias needs another name.")
    if not name or "/" in name or ":" in name:
        raise BadInput(f"`{name[:200]}` is no alias: it can't be empty, or have / or : in it.")
    return names.line(name, "An alias", names.MAX_NAME)


def aliases(said: Any, collection: str) -> tuple[str, ...]:
    """Return the aliases for a collection, without repetitions.

    Args:
        said: What a client sends: objects with the collection's name, or plain texts.
        collection: Its name.

    Raises:
        BadInput: One is for another collection, or can't be an alias.
    """
    if len(said or ()) > MAX_ALIASES:
        raise BadInput(f"At most {MAX_ALIASES} aliases go in one request.")
    return tuple(dict.fromkeys(_alias_for(one, collection) for one in said or ()))


def _alias_for(said: Any, collection: str) -> str:
    if isinstance(said, str):
        return alias(said)
    name = said.get("alias") if isinstance(said, dict) else None
    if not isinstance(name, str):
        raise BadInput(
            "An alias is a text, or an object with `artifactCollectionName` and `alias`."
        )
    if said.get("artifactCollectionName", collection) != collection:
        raise BadInput(f"The alias `{name}` is for another collection than `{collection}`.")
    return alias(name)


def parted(name: str) -> tuple[str, str]:
    """Return the collection and the version in `collection:version`; `latest` where none is."""
    collection, _, version = name.partition(":")
    return collection, version or LATEST


def tags(said: Any) -> tuple[str, ...]:
    """Return the tags that a client sends as objects, without repetitions."""
    return names.tags([one["tagName"] for one in said or ()])


def metadata(said: str | None) -> str | None:
    """Return an artifact's metadata, if it is the JSON text of an object.

    Raises:
        BadInput: It is not, or it is too long.
    """
    if said is None or said in ("", "null"):
        return None
    if len(said) > MAX_METADATA:
        raise BadInput(f"An artifact's metadata has at most {MAX_METADATA} characters.")
    json_object(said, "metadata")
    return said.encode("utf-8", "replace").decode()


def digest(said: str) -> str:
    """Return an artifact's digest: 32 hex digits.

    Raises:
        BadInput: It is none.
    """
    if not _DIGEST.fullmatch(said):
        raise BadInput("An artifact's digest is the 32 hex digits of an MD5.")
    return said


def client_id(said: str | None) -> str | None:
    """Return a client's own id of an artifact, None for none."""
    if said is not None and not 0 < len(said) <= MAX_CLIENT_ID:
        raise BadInput(f"A client's id has 1 to {MAX_CLIENT_ID} characters.")
    return said


def ttl(said: int | None) -> int | None:
    """Return a time to live as it is kept: None to inherit, below zero for ever.

    Raises:
        BadInput: It is no number of seconds.
    """
    if said is None or said == TTL_INHERITED:
        return None
    if said == TTL_DISABLED or said > 0:
        return said
    raise BadInput("A time to live is a number of seconds, -1 to inherit it, or -2 for none.")
