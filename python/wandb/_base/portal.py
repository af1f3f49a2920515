"""Call async code from sync code: one background loop per process."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

T = TypeVar("T")

_STOP_SECS = 5.0


class Portal:
    """An event loop in a thread of its own, for callers that can't await."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._held: dict[Hashable, Any] = {}
        self._exits = AsyncExitStack()
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

    def entered(self, key: Hashable, make: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """Return what is kept under a key: entered when first asked for, left when this stops."""
        return self.call(self._enter(key, make))

    async def _enter(self, key: Hashable, make: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        if key not in self._held:
            self._held[key] = await self._exits.enter_async_context(make())
        kept: T = self._held[key]
        return kept

    def stop(self) -> None:
        """Close what is to be closed and end the thread; the portal is of no use afterwards."""
        if not self.usable:
            return
        asyncio.run_coroutine_threadsafe(self._exits.aclose(), self._loop).result(_STOP_SECS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECS)
        self._loop.close()


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
