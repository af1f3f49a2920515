"""Requests to the service and their replies, matched by number."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from wandb._wire.frames import Message, Unframer, framed

__all__ = ("Mailbox", "ServiceGone")

_PIECE_BYTES = 64 << 10


class ServiceGone(Exception):
    """The service can't be asked: it is dead, or never came up."""


class Mailbox:
    """A connection to the service: any thread asks, one thread reads.

    Args:
        connection: The connected socket; the mailbox closes it.
        noticed: Called, on the reading thread, with what the service says unasked.
        lost: Called, on the reading thread, when the connection is gone and nobody closed it.

    Raises:
        ServiceGone: The interpreter ends and starts no thread any more.
    """

    def __init__(
        self,
        connection: Any,
        *,
        noticed: Callable[[Message], None],
        lost: Callable[[], None],
    ) -> None:
        self._connection, self._noticed, self._lost = connection, noticed, lost
        self._changed = threading.Condition()
        self._replies: dict[int, Message | None] = {}
        self._number = 0
        self._gone = self._closed = False
        self._thread = threading.Thread(target=self._read, name="wandb-mailbox", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as err:
            connection.close()
            raise ServiceGone(f"nobody can wait for the service any more ({err})") from err

    @property
    def alive(self) -> bool:
        """Whether the service can be asked."""
        return not self._gone

    def ask(self, message: Message, *, timeout_secs: float) -> Message:
        """Send a request and wait for its reply.

        Raises:
            ServiceGone: The connection broke.
            TimeoutError: No reply came in time.
        """
        number = self._send(message)
        with self._changed:
            here = self._changed.wait_for(
                lambda: self._gone or self._replies[number] is not None, timeout_secs
            )
            reply = self._replies.pop(number)
        if reply is not None:
            return reply
        if here:
            raise ServiceGone("the service is gone")
        raise TimeoutError("the service did not reply in time")

    def _send(self, message: Message) -> int:
        with self._changed:
            self._number += 1
            number = self._number
            self._replies[number] = None
            try:
                self._connection.sendall(framed({**message, "id": number}))
            except OSError as err:
                self._gone = True
                del self._replies[number]
                raise ServiceGone("the service is gone") from err
        return number

    def close(self) -> None:
        """Say goodbye: the service hears that this process needs it no more."""
        import socket

        self._closed = True
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was gone before

    def forget(self) -> None:
        """Close a copy only: the child of a fork leaves the connection to its parent."""
        self._closed = self._gone = True
        self._connection.close()

    def _read(self) -> None:
        unframer = Unframer()
        try:
            while piece := self._connection.recv(_PIECE_BYTES):
                for message in unframer.feed(piece):
                    self._take(message)
        except (OSError, ValueError):
            pass  # as good as closed
        self._connection.close()
        with self._changed:
            self._gone = True
            self._changed.notify_all()
        if not self._closed:
            self._lost()

    def _take(self, message: Message) -> None:
        number = message.get("id")
        if number is None:
            self._noticed(message)
            return
        with self._changed:
            if number in self._replies:
                self._replies[number] = message
                self._changed.notify_all()
