"""Random identifiers."""

from __future__ import annotations

import os

__all__ = ("generate_id",)

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
# The largest multiple of 36 below 256: bytes from there on would favour the first letters.
_FAIR_BYTES = 252


def generate_id(length: int = 8) -> str:
    """Make a random identifier of lower-case letters and digits.

    The operating system's generator is read each time, so neither `random.seed` nor a fork can
    make two processes draw the same one.

    Args:
        length: How many characters.

    Returns:
        A string of `length` characters from `[a-z0-9]`.
    """
    letters: list[str] = []
    while len(letters) < length:
        drawn = os.urandom(length - len(letters))
        letters += [_ALPHABET[byte % 36] for byte in drawn if byte < _FAIR_BYTES]
    return "".join(letters)
