"""Call async code from sync code: one background loop per process."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Protocol, TypeVar


class Closable(Protocol):
    """Something that lives on an event loop and is closed there."""

    async def aclose(self) -> None:
        """Let go of everything."""


T = TypeVar("T")
Closing = TypeVar("Closing", bound=Closable)

_STOP_SECS = 5.0


class Portal:
    """An event loop in a thread of its own, for callers that can't await."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._held: dict[Hashable, tuple[Any, Callable[[], Awaitable[None]]]] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="wandb-portal", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    @property
    def usable(self) -> bool:
        """Whether it still runs: not stopped, and not left behind in a parent process."""
        return self._pid == os.getpid() and self._thread.is_alive()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and return its result.

        An interrupt of the waiting thread, Ctrl-C for one, cancels the work.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def held(self, key: Hashable, make: Callable[[], Closing]) -> Closing:
        """Return what is kept under a key, made when first asked for, closed when this stops."""
        with self._lock:
            if key not in self._held:
                made = make()
                self._held[key] = (made, made.aclose)
            kept: Closing = self._held[key][0]
            return kept

    def stop(self) -> None:
        """Close what is to be closed and end the thread; the portal is of no use afterwards."""
        if not self.usable:
            return
        asyncio.run_coroutine_threadsafe(self._close_all(), self._loop).result(_STOP_SECS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECS)
        self._loop.close()

    async def _close_all(self) -> None:
        while self._held:
            _, (_, close) = self._held.popitem()
            await close()


class _Shared:
    """The process's own portal, made when first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: Portal | None = None

    def get(self) -> Portal:
        with self._lock:
            if self._portal is None or not self._portal.usable:
                self._portal = Portal()
            return self._portal

    def stop(self) -> None:
        with self._lock:
            portal, self._portal = self._portal, None
        if portal is not None:
            portal.stop()

    def forget(self) -> None:
        # A child has the lock as it was in its parent, and none of its threads.
        self._lock, self._portal = threading.Lock(), None


_shared = _Shared()
atexit.register(_shared.stop)
os.register_at_fork(after_in_child=_shared.forget)


def portal() -> Portal:
    """Return the process's portal; a forked child gets one of its own."""
    return _shared.get()


def stop_portal() -> None:
    """Stop the process's portal, if there is one; the next call makes another."""
    _shared.stop()
