"""Which addresses are this machine itself, and whose they are: every user may listen there."""

import os
from collections.abc import Iterable
from contextlib import suppress

__all__ = ("is_loopback", "is_of_a_stranger", "listening_users")

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
# 127.0.0.1, ::1, every address of each kind, and 127.0.0.1 as IPv6 spells it; in words of the
# machine's byte order, which is little-endian wherever we run.
_REACHED = frozenset(
    (
        "0100007F",
        "00000000",
        "00000000000000000000000001000000",
        "00000000000000000000000000000000",
        "0000000000000000FFFF00000100007F",
    )
)
_LISTENING = "0A"


def is_loopback(host: str | None) -> bool:
    """Whether a URL's host means this machine, by name or by address."""
    if not host:
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_of_a_stranger(port: int) -> bool:
    """Whether a user other than this one, or root, listens on a port of the loopback.

    False where the system has no list of that.
    """
    return not _listeners(port) <= {os.getuid(), 0}


def _listeners(port: int) -> set[int]:
    users: set[int] = set()
    for table in _TABLES:
        with suppress(OSError, ValueError), open(table, encoding="ascii") as lines:
            users |= listening_users(lines, port)
    return users


def listening_users(table: Iterable[str], port: int) -> set[int]:
    """Return who listens on a port of the loopback, from the lines of `/proc/net/tcp`."""
    users: set[int] = set()
    for line in table:
        fields = line.split()
        if len(fields) < 8 or fields[3] != _LISTENING:
            continue
        address, _, number = fields[1].partition(":")
        if address in _REACHED and int(number, 16) == port:
            users.add(int(fields[7]))
    return users
