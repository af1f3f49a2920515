"""`server.json`: who serves a data folder, where clients find them, and that there is only one.

The file is locked (`flock`) as long as its server lives. Homes are shared between hosts, and not
every shared file system carries locks from host to host: so the server also touches the file
every minute, and a file of another host that was touched lately counts as locked.
"""

import errno
import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

TOUCH_SECS = 60
LATELY_SECS = 3 * TOUCH_SECS


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the file says."""

    port: int
    pid: int
    boot_id: str
    version: str
    host: str
    server_id: str


class Occupied(Exception):
    """Another process serves the folder.

    Attributes:
        facts: What it says of itself; None if it has just begun.
        host: Where it runs, None if that can't be told.
        elsewhere: It runs on another host.
    """

    def __init__(self, facts: ServerFacts | None, host: str | None) -> None:
        self.facts = facts
        self.host = host
        self.elsewhere = host not in (None, socket.gethostname())
        super().__init__("another server has the data folder")


class ServerFile:
    """The file of this process, locked until `release`.

    Attributes:
        kept_port: Where the server before listened, 0 if there was none.
    """

    def __init__(self, folder: Path) -> None:
        """Lock the file.

        Raises:
            Occupied: Another process has it.
            OSError: The file can't be made or locked.
        """
        self._place = folder / "server.json"
        self._handle = os.open(self._place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock()
        except BaseException:
            os.close(self._handle)
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            if err.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise Occupied(read_server_file(self._place), self._said("host", str)) from err
            raise
        occupied = Occupied(read_server_file(self._place), self._said("host", str))
        if occupied.elsewhere and time.time() - os.fstat(self._handle).st_mtime < LATELY_SECS:
            raise occupied
        self.kept_port = self._said("port", int) or 0
        # Whoever looks now must not take the server before for this one, or send it a key.
        self._put({"port": self.kept_port, "host": socket.gethostname()})

    def _said(self, name: str, kind: type[T]) -> T | None:
        """Return one thing that the file says, even of a server that has just begun."""
        try:
            value = json.loads(self._place.read_bytes())[name]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return value if isinstance(value, kind) else None

    def write(self, facts: ServerFacts) -> None:
        """Say who serves, and where."""
        self._put(asdict(facts))

    def _put(self, facts: dict[str, Any]) -> None:
        content = json.dumps(facts).encode()
        os.pwrite(self._handle, content, 0)
        os.ftruncate(self._handle, len(content))

    def touch(self) -> None:
        """Show that the server lives."""
        os.utime(self._handle)

    def release(self) -> None:
        """Unlock the file. It stays, so that the next server takes the same port."""
        with suppress(OSError):
            # An old time lets a server on another host begin at once.
            os.utime(self._handle, (0, 0))
        os.close(self._handle)


def read_server_file(place: Path) -> ServerFacts | None:
    """Return what a server file says, None if it says nothing that can be used."""
    try:
        said = json.loads(place.read_bytes())
        return ServerFacts(**{field.name: said[field.name] for field in fields(ServerFacts)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def boot_id() -> str:
    """Return what changes with each start of the machine, "" where that can't be told."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
