"""This process's way to the service: found, started, and started again after a death."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from wandb._run.mailbox import Mailbox, ServiceGone
from wandb._service.spawn import Detached, spawn_detached
from wandb._wire.frames import Message

__all__ = ("SERVICE_VARIABLE", "Link", "ServiceGone")

_LOGGER = logging.getLogger(__name__)

# Where the service of this process tree listens. Never the original's variable: a released client
# would try to connect to it.
SERVICE_VARIABLE = "FERRULE_SERVICE"
_PROTOCOL = "1"
_CONNECT_AGAIN_SECS = 0.02
_RESTART_SECS = 0.5
# A service that dies as often as this is not started again by itself.
_MOST_RESTARTS = 8
# The longest address of a Unix socket, with its closing zero.
_LONGEST_ADDRESS = 107


class Link:
    """One connection for all runs of this process.

    Args:
        wait_secs: How long to wait for a service that is being started.
        linger_secs: How long it stays after its last run.
        stopped: Called with a run's folder when somebody asked on the server that it stop.
    """

    def __init__(
        self, *, wait_secs: float, linger_secs: float, stopped: Callable[[str], None]
    ) -> None:
        self._wait_secs, self._linger_secs = wait_secs, linger_secs
        self._stopped = stopped
        self._opening = threading.RLock()
        self._mailbox: Mailbox | None = None
        self._service: Detached | None = None
        self._attached: dict[str, Message] = {}
        self._restarts = 0

    def start(self) -> None:
        """Start the service if there is none, without waiting for it."""
        with self._opening:
            if self._mailbox is None and not _known_address():
                self._spawn()

    def attach(self, folder: str, message: Message) -> None:
        """Let the service deliver a run, now and after any death of it.

        Raises:
            ServiceGone: There is no service, and none could be started.
        """
        request = {
            "do": "attach",
            "folder": folder,
            "linger_secs": self._linger_secs,
            **message,
        }
        self._attached[folder] = request
        reply = self._connected().ask(request, timeout_secs=self._wait_secs)
        if "error" in reply:
            _LOGGER.warning("the service does not take the run: %s", reply["error"])

    def detach(self, folder: str) -> None:
        """Need the service no more for a run."""
        self._attached.pop(folder, None)

    def ask(self, message: Message, *, timeout_secs: float) -> Message:
        """Ask the service, starting another one if it is gone.

        Raises:
            ServiceGone: There is none, and none could be started.
            TimeoutError: No reply came in time.
        """
        try:
            return self._connected().ask(message, timeout_secs=timeout_secs)
        except ServiceGone:
            return self._connected().ask(message, timeout_secs=timeout_secs)

    def close(self) -> None:
        """Say goodbye to the service."""
        if self._mailbox is not None:
            self._mailbox.close()
            self._mailbox = None

    def forget(self) -> None:
        """Let go of the parent's connection, in the child of a fork."""
        self._attached.clear()
        if self._mailbox is not None:
            self._mailbox.forget()
            self._mailbox = None

    # --- the connection -----------------------------------------------------------------------

    def _connected(self) -> Mailbox:
        with self._opening:
            if self._mailbox is None or not self._mailbox.alive:
                self._mailbox = self._opened()
                for request in list(self._attached.values()):
                    self._mailbox.ask(request, timeout_secs=self._wait_secs)
            return self._mailbox

    def _opened(self) -> Mailbox:
        connection = _connect(_known_address())
        until = time.monotonic() + self._wait_secs
        started = False
        while connection is None:
            if self._service is None or self._service.ended:
                if started:
                    raise ServiceGone("the service ended as soon as it was started")
                started = True
                self._spawn()
            if time.monotonic() > until:
                raise ServiceGone("the service did not come up in time")
            time.sleep(_CONNECT_AGAIN_SECS)
            connection = _connect(_known_address())
        return Mailbox(connection, noticed=self._noticed, lost=self._lost)

    def _spawn(self) -> None:
        folder = _runtime_folder()
        address = os.path.join(folder, "s")
        try:
            self._service = spawn_detached(
                "wandb._service",
                [address, "--linger", str(self._linger_secs)],
                log=os.path.join(folder, "service.log"),
                cwd=folder,
            )
        except OSError as err:
            raise ServiceGone(f"the service can't be started ({err})") from err
        os.environ[SERVICE_VARIABLE] = f"{_PROTOCOL}:{address}"

    def _noticed(self, notice: Message) -> None:
        folder = notice.get("stop")
        if isinstance(folder, str):
            self._stopped(folder)

    def _lost(self) -> None:
        """Start another service for runs that go on; rows wait in their journals meanwhile."""
        if not self._attached or self._restarts >= _MOST_RESTARTS:
            return
        self._restarts += 1
        time.sleep(_RESTART_SECS * self._restarts)
        if not self._attached:
            return
        try:
            self._connected()
        except (ServiceGone, TimeoutError) as err:
            _LOGGER.warning("the service is gone and none could be started: %s", err)


def _known_address() -> str | None:
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


def _connect(address: str | None) -> Any:
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


def _runtime_folder() -> str:
    """Make a folder that only this user can look into."""
    try:
        folder = tempfile.mkdtemp(prefix="ferrule-")
        if len(folder) + 3 < _LONGEST_ADDRESS:
            return folder
        os.rmdir(folder)
        return tempfile.mkdtemp(prefix="ferrule-", dir="/tmp")
    except OSError as err:
        raise ServiceGone(f"no folder for the service's socket can be made ({err})") from err
