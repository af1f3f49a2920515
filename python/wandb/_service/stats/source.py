"""What a source of system metrics is, and how one is asked without waiting for it for good."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar

import anyio

__all__ = ("Busy", "Facts", "Found", "Metrics", "Patient", "Source", "number")

# Values by name, without the `system.` that servers show before it.
Metrics = dict[str, float]
# Fields of an environment record.
Facts = dict[str, Any]

_T = TypeVar("_T")


class Source(Protocol):
    """Something that knows about the machine. Its methods may block; each has a thread then.

    A probe makes one where there is something to know, or returns None; what either raises is
    written to the log, and nothing else comes of it.
    """

    def read(self) -> Metrics:
        """Take a sample."""

    def facts(self) -> Facts:
        """Describe the hardware; asked once."""

    def close(self) -> None:
        """Let go of what was opened."""


class Found:
    """What a probe finds, which is closed by whoever has it last.

    Args:
        probe: Looks for it; it may take longer than anybody waits.
    """

    def __init__(self, probe: Callable[[], Source | None]) -> None:
        self._probe, self._lock = probe, threading.Lock()
        self._source: Source | None = None
        self._is_given_up = False

    def look(self) -> Source | None:
        """Probe; what comes after it was given up is closed here."""
        source = self._probe()
        with self._lock:
            if not self._is_given_up:
                self._source = source
                return source
        if source is not None:
            source.close()
        return None

    def give_up(self) -> Source | None:
        """Return what was found so far, for the caller to close."""
        with self._lock:
            self._is_given_up = True
            return self._source


class Busy(Exception):
    """The last call has not come back yet."""


class Patient:
    """Makes calls that may never return, in threads that nothing waits for at the end."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._answered.set()

    async def call(self, call: Callable[[], _T], *, secs: float) -> _T:
        """Make a call and return what it returns.

        Raises:
            Busy: An earlier call still hangs; this one was not made.
            TimeoutError: It takes longer than `secs`, and is left alone from here on.
            Exception: Whatever the call raised.
        """
        if not self._answered.is_set():
            raise Busy
        self._answered.clear()
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[_T] = loop.create_future()
        # A daemon: one that hangs must not keep the service from ending.
        work = partial(_work, call, outcome, loop, self._answered)
        threading.Thread(target=work, name="wandb-stats", daemon=True).start()
        with anyio.fail_after(secs):
            return await outcome


def _work(
    call: Callable[[], _T],
    outcome: asyncio.Future[_T],
    loop: asyncio.AbstractEventLoop,
    answered: threading.Event,
) -> None:
    try:
        value = call()
    except Exception as err:  # noqa: BLE001 - raised where the call was asked for
        answered.set()
        _tell(loop, _fail, outcome, err)
    else:
        answered.set()
        _tell(loop, _succeed, outcome, value)


def _tell(loop: asyncio.AbstractEventLoop, *call: Any) -> None:
    with suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(*call)


def _succeed(outcome: asyncio.Future[_T], value: _T) -> None:
    if not outcome.done():
        outcome.set_result(value)


def _fail(outcome: asyncio.Future[_T], err: Exception) -> None:
    if not outcome.done():
        outcome.set_exception(err)


def number(text: Any) -> float | None:
    """Read a number that a tool printed; None where it printed something else."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
