"""API keys: made here, shown once, stored as a hash."""

import hashlib
import hmac
import re
import secrets

from ferrule.errors import BadInput

LOCAL_PREFIX = "local-"
# The released clients take 40 characters after an optional prefix that ends in a dash.
_SHAPE = re.compile(r"(?:[a-z0-9_]{1,32}-)?[0-9A-Za-z_]{40,128}")


def new_key(*, local: bool = False) -> str:
    """Make a key: 40 hex digits, after `local-` for a server that was started by itself."""
    return (LOCAL_PREFIX if local else "") + secrets.token_hex(20)


def checked(key: str) -> str:
    """Return a key that someone chose, if every client can send it.

    Raises:
        BadInput: It is too short, too long, or has other characters.
    """
    if not _SHAPE.fullmatch(key):
        raise BadInput("An API key is 40 letters and digits, or more, after an optional prefix-.")
    return key


def hashed(key: str) -> str:
    """Return what is stored of a key: its SHA-256, in hex.

    Keys have 160 random bits, so that a slow hash would add nothing.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """Return the letters a person can tell their keys apart by."""
    return key[-4:]


def same(one: str, other: str) -> bool:
    """Compare two hashes in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
