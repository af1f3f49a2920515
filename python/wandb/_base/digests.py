"""MD5, as the wire names the content of files by it; it guards against nothing."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable

from wandb._base.paths import StrPath

__all__ = (
    "b64_to_hex_id",
    "hex_to_b64_id",
    "md5_b64",
    "md5_file_b64",
    "md5_file_hex",
    "md5_string",
)

_CHUNK_BYTES = 1 << 20


def _md5_of(chunks: Iterable[bytes]) -> bytes:
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


def _chunks(paths: Iterable[StrPath]) -> Iterable[bytes]:
    # In an order of their own, so that the digest of several files doesn't depend on the caller's.
    for path in sorted(os.fspath(path) for path in paths):
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def md5_b64(content: bytes) -> str:
    """Return the MD5 of bytes, as base64."""
    return base64.b64encode(_md5_of([content])).decode("ascii")


def md5_string(string: str) -> str:
    """Return the MD5 of a text in UTF-8, as base64."""
    return md5_b64(string.encode())


def md5_file_b64(*paths: StrPath) -> str:
    """Return the MD5 of files, one after another by name, as base64."""
    return base64.b64encode(_md5_of(_chunks(paths))).decode("ascii")


def md5_file_hex(*paths: StrPath) -> str:
    """Return the MD5 of files, one after another by name, in hexadecimal."""
    return _md5_of(_chunks(paths)).hex()


def b64_to_hex_id(string: str | bytes) -> str:
    """Turn base64 into hexadecimal."""
    return base64.standard_b64decode(string).hex()


def hex_to_b64_id(encoded_string: str | bytes) -> str:
    """Turn hexadecimal into base64."""
    text = encoded_string.decode("ascii") if isinstance(encoded_string, bytes) else encoded_string
    return base64.standard_b64encode(bytes.fromhex(text)).decode("ascii")
