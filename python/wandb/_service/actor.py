"""Inboxes: the only queues of the service, bounded in items and in bytes."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

import anyio

__all__ = ("Inbox",)

_T = TypeVar("_T")


class Inbox(Generic[_T]):
    """Messages for one actor, in order. Whoever puts waits while it is full.

    Args:
        items: The most messages.
        size_bytes: The most bytes, as far as those who put say how large their messages are. One
            message larger than that is taken when nothing else is there.
    """

    def __init__(self, *, items: int = 4096, size_bytes: int = 64 << 20) -> None:
        self._most_items, self._most_bytes = items, size_bytes
        self._waiting: deque[tuple[_T, int]] = deque()
        self._bytes = 0
        self._closed = self._urgent = False
        self._changed = anyio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether no more messages come."""
        return self._closed

    async def put(self, message: _T, *, size_bytes: int = 0, urgent: bool = False) -> None:
        """Leave a message, waiting for room. After `close` it is dropped.

        An urgent one is not kept waiting for the inbox to fill.
        """
        while not self._closed and self._is_full(size_bytes):
            await self._changed.wait()
        if not self._closed:
            self._waiting.append((message, size_bytes))
            self._bytes += size_bytes
            self._urgent |= urgent
            self._wake()

    def offer(self, message: _T, size_bytes: int = 0) -> bool:
        """Leave a message if there is room at once; return whether there was."""
        if self._closed or self._is_full(size_bytes):
            return False
        self._waiting.append((message, size_bytes))
        self._bytes += size_bytes
        self._wake()
        return True

    def _is_full(self, more_bytes: int) -> bool:
        if not self._waiting:
            return False
        full = len(self._waiting) >= self._most_items
        return full or self._bytes + more_bytes > self._most_bytes

    def close(self) -> None:
        """Let no more messages in; those that wait can still be taken."""
        self._closed = True
        self._wake()

    async def wait(self) -> bool:
        """Wait for a message; False if the inbox is closed and empty."""
        while not self._waiting and not self._closed:
            await self._changed.wait()
        return bool(self._waiting)

    async def wait_closed_or_filled(self, size_bytes: int) -> None:
        """Wait until this many bytes are there, or something urgent, or no more come."""
        while not (self._closed or self._urgent) and self._bytes < size_bytes:
            await self._changed.wait()

    def take_waiting(self, *, most_bytes: int | None = None) -> list[_T]:
        """Take what is there: a message, if there is one, and more up to so many bytes."""
        taken: list[_T] = []
        taken_bytes = 0
        while self._waiting:
            message, size = self._waiting[0]
            if taken and most_bytes is not None and taken_bytes + size > most_bytes:
                break
            self._waiting.popleft()
            taken.append(message)
            taken_bytes += size
        self._bytes -= taken_bytes
        # What was urgent may be among what is left; it follows with the next batch.
        self._urgent &= bool(self._waiting)
        if taken:
            self._wake()
        return taken

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
