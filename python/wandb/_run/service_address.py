"""Where the service of this process tree listens: known, reserved, and started only once.

The address is a socket in a folder that only this user can look into; an environment variable
hands it on. Whoever starts the service leaves a claim in the folder until it answers, so that
the processes of one tree do not start one each.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from contextlib import suppress
from typing import Any

__all__ = (
    "LOG_FILE",
    "SERVICE_VARIABLE",
    "claim_address",
    "connect",
    "known_address",
    "reserve_address",
    "service_is_starting",
    "withdraw_claim",
)

# Never the original's variable: a released client would try to connect to it.
SERVICE_VARIABLE = "FERRULE_SERVICE"
# In the folder of the address: what the service says.
LOG_FILE = "service.log"
_PROTOCOL = "1"
# The longest address of a Unix socket, with its closing zero.
_LONGEST_ADDRESS = 107
# Whoever claimed an address and has started nothing after this many seconds is dead.
_CLAIM_SECS = 10.0


def known_address() -> str | None:
    """Return where the service of this process tree listens, if the word can be trusted."""
    protocol, _, address = os.environ.get(SERVICE_VARIABLE, "").partition(":")
    if protocol != _PROTOCOL or not address:
        return None
    try:
        facts = os.stat(os.path.dirname(address))
    except OSError:
        return None
    private = facts.st_uid == os.getuid() and stat.S_IMODE(facts.st_mode) == 0o700
    return address if private else None


def reserve_address() -> str:
    """Choose where a service will listen, for this process and its children.

    Raises:
        OSError: No folder for it can be made.
    """
    import atexit

    folder = tempfile.mkdtemp(prefix="ferrule-")
    if len(folder) + 3 >= _LONGEST_ADDRESS:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="ferrule-", dir="/tmp")
    atexit.register(_give_back, folder, os.getpid())
    address = os.path.join(folder, "s")
    os.environ[SERVICE_VARIABLE] = f"{_PROTOCOL}:{address}"
    return address


def _give_back(folder: str, owner: int) -> None:
    """Remove a folder that no service came to use; one that did removes it itself."""
    if os.getpid() != owner:
        return
    with suppress(OSError):
        if os.listdir(folder) == [LOG_FILE]:  # of one that ended as soon as it was started
            os.unlink(os.path.join(folder, LOG_FILE))
        os.rmdir(folder)


def claim_address() -> str:
    """Return an address at which this process, and no other, starts the service.

    It is the known one if that is reserved only; that of a dead service is not taken again.

    Raises:
        OSError: There is no folder for it.
    """
    known = known_address()
    if known is not None and not os.path.exists(known) and _claimed(known):
        return known
    address = reserve_address()
    _claimed(address)
    return address


def _claimed(address: str) -> bool:
    try:
        os.close(os.open(_claim(address), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


def withdraw_claim(address: str) -> None:
    """Say that the service at an address answers, or was not started."""
    with suppress(OSError):
        os.unlink(_claim(address))


def service_is_starting() -> bool:
    """Whether somebody starts the service at the known address at the moment."""
    address = known_address()
    if address is None:
        return False
    try:
        return abs(time.time() - os.stat(_claim(address)).st_mtime) < _CLAIM_SECS
    except OSError:
        return False


def _claim(address: str) -> str:
    return os.path.join(os.path.dirname(address), "claim")


def connect(address: str | None) -> Any:
    """Return a connected socket; None where nobody listens."""
    import socket

    if address is None:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        return None
    return connection
