"""This process's way to the service: found, started, and started again after a death."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from wandb._base.retry import Backoff
from wandb._run.mailbox import Mailbox, ServiceGone
from wandb._run.service_address import (
    LOG_FILE,
    claim_address,
    connect,
    known_address,
    service_is_starting,
    withdraw_claim,
)
from wandb._service.spawn import Detached, spawn_detached
from wandb._wire.frames import Message

__all__ = ("Link", "ServiceGone")

_LOGGER = logging.getLogger(__name__)
_CONNECT_AGAIN_SECS = 0.02
# Between tries to have a service again; one that dies at once must not be all that a machine does.
_AGAIN = Backoff(0.5, 60.0, 0)
# A service that stayed as long was no failure.
_STEADY_SECS = 60.0


class Link:
    """One connection for all runs of this process.

    Every wait ends at a moment of the monotonic clock that the caller names, `until`, whatever
    has to be done on the way: start a service, connect, tell it of every run.

    Args:
        wait_secs: How long to wait at most for a service that is being started.
        linger_secs: How long it stays after its last run.
        stopped: Called with a run's folder when somebody asked on the server that it stop.
    """

    def __init__(
        self, *, wait_secs: float, linger_secs: float, stopped: Callable[[str], None]
    ) -> None:
        self._wait_secs, self._linger_secs = wait_secs, linger_secs
        self._stopped = stopped
        self._opening = threading.Lock()
        self._closed = threading.Event()
        self._mailbox: Mailbox | None = None
        self._service: Detached | None = None
        self._attached: dict[str, Message] = {}
        # The runs that the service at the other end has been told of.
        self._told: set[str] = set()
        self._failures = 0
        self._connected_at: float | None = None

    @property
    def needed(self) -> bool:
        """Whether there are runs for the service to deliver."""
        return bool(self._attached)

    def need(self, folder: str, message: Message) -> None:
        """Have a run that the service is to deliver, now and after any death of it."""
        self._attached[folder] = {
            "do": "attach",
            "folder": folder,
            "linger_secs": self._linger_secs,
            **message,
        }

    def attach(self, *, until: float) -> None:
        """Tell the service of all runs that need it.

        It is told of them even after an error here, as soon as it can be asked.

        Raises:
            ServiceGone: There is no service, and none could be started.
            TimeoutError: It came up too late, or did not reply in time.
        """
        try:
            self._connected(until)
        except (ServiceGone, TimeoutError):
            threading.Thread(target=self._reconnect, name="wandb-link", daemon=True).start()
            raise

    def detach(self, folder: str) -> None:
        """Need the service no more for a run."""
        self._attached.pop(folder, None)
        self._told.discard(folder)

    def ask(self, message: Message, *, until: float) -> Message:
        """Ask the service, starting another one if it is gone.

        Raises:
            ServiceGone: There is none, and none could be started; or the link is closed.
            TimeoutError: No reply came in time.
        """
        mailbox = self._connected(until)
        try:
            return mailbox.ask(message, timeout_secs=_left(until))
        except ServiceGone:
            return self._connected(until).ask(message, timeout_secs=_left(until))

    def ask_if_there(self, message: Message, *, until: float) -> Message:
        """Ask the service that there is; start none.

        Raises:
            ServiceGone: There is none.
            TimeoutError: No reply came in time.
        """
        mailbox = self._mailbox
        if mailbox is None or not mailbox.alive:
            raise ServiceGone("there is no service at the moment")
        return mailbox.ask(message, timeout_secs=_left(until))

    def close(self) -> None:
        """Say goodbye to the service, for good."""
        self._closed.set()
        if self._mailbox is not None:
            self._mailbox.close()

    def forget(self) -> None:
        """Let go of the parent's connection, in the child of a fork."""
        self._attached.clear()
        if self._mailbox is not None:
            self._mailbox.forget()
            self._mailbox = None

    # --- the connection -----------------------------------------------------------------------

    def _connected(self, until: float) -> Mailbox:
        with self._alone(until):
            if self._mailbox is None or not self._mailbox.alive:
                self._told.clear()
                self._mailbox = self._opened(min(until, time.monotonic() + self._wait_secs))
                self._connected_at = time.monotonic()
                if self._closed.is_set():
                    # Whoever closed the link meanwhile did not see this mailbox.
                    self._mailbox.close()
                    self._refuse_if_closed()
            for folder, request in list(self._attached.items()):
                if folder not in self._told:
                    self._tell(self._mailbox, folder, request, until)
            return self._mailbox

    @contextmanager
    def _alone(self, until: float) -> Iterator[None]:
        if not self._opening.acquire(timeout=_left(until)):
            raise TimeoutError("the service did not come up in time")
        try:
            self._refuse_if_closed()
            yield
        finally:
            self._opening.release()

    def _refuse_if_closed(self) -> None:
        if self._closed.is_set():
            raise ServiceGone("this process has said goodbye to the service")

    def _tell(self, mailbox: Mailbox, folder: str, request: Message, until: float) -> None:
        reply = mailbox.ask(request, timeout_secs=_left(until))
        self._told.add(folder)
        if "error" in reply:
            _LOGGER.warning("the service does not take the run: %s", reply["error"])

    def _opened(self, until: float) -> Mailbox:
        started = False
        while (connection := self._answering(address := known_address())) is None:
            self._refuse_if_closed()
            if self._is_missing():
                if started:
                    raise ServiceGone("the service ended as soon as it was started")
                started = True
                self._spawn(until)
            if time.monotonic() > until:
                raise ServiceGone("the service did not come up in time")
            time.sleep(_CONNECT_AGAIN_SECS)
        if self._service is not None and address is not None:
            withdraw_claim(address)
        return Mailbox(connection, noticed=self._noticed, lost=self._reconnect)

    def _answering(self, address: str | None) -> Any:
        """Return a connection to the service; None where there is none that lives."""
        connection = connect(address)
        if connection is not None and self._service is not None and self._service.ended:
            # The threads of one that was killed hold its socket a moment longer than it lives.
            connection.close()
            return None
        return connection

    def _is_missing(self) -> bool:
        if self._service is not None:
            if not self._service.ended:
                return False
            self._service = None
            if (address := known_address()) is not None:
                # Where it never answered, its folder is the next one's.
                withdraw_claim(address)
        return not service_is_starting()

    def _spawn(self, until: float) -> None:
        try:
            address = claim_address()
            folder = os.path.dirname(address)
            try:
                self._service = spawn_detached(
                    "wandb._service",
                    [address, "--linger", str(self._linger_secs)],
                    log=os.path.join(folder, LOG_FILE),
                    cwd=folder,
                    within_secs=_left(until),
                )
            except OSError:
                withdraw_claim(address)
                raise
        except OSError as err:
            raise ServiceGone(f"the service can't be started ({err})") from err

    def _noticed(self, notice: Message) -> None:
        folder = notice.get("stop")
        if isinstance(folder, str):
            self._stopped(folder)

    def _reconnect(self) -> None:
        """Have a service again for runs that go on; rows wait in their journals meanwhile."""
        since, self._connected_at = self._connected_at, None
        if since is not None and time.monotonic() - since >= _STEADY_SECS:
            self._failures = 0
        while self._attached:
            self._failures += 1
            if self._closed.wait(_AGAIN.wait_secs(self._failures)) or not self._attached:
                return
            try:
                self._connected(time.monotonic() + self._wait_secs)
            except (ServiceGone, TimeoutError) as err:
                _LOGGER.warning("there is no service at the moment: %s", err)
            else:
                return


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.0)
