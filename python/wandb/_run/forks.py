"""The ends and the forks of a process: exit codes, uncaught errors, children.

A run that nobody finished ends with the process, with the exit code the process will have. The
hooks are installed when the first run starts, and pass everything on to whoever was there.
"""

import atexit
import logging
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from wandb._run.run import Run
    from wandb._run.session import Session

_LOGGER = logging.getLogger(__name__)
INTERRUPTED = 255
FAILED = 1


def code_of_exit(status: Any) -> int:
    """Tell the exit code that `sys.exit(status)` leads to."""
    if status is None:
        return 0
    return int(status) if isinstance(status, int) else FAILED


def in_turn(*steps: Callable[[], object]) -> None:
    """Take every step, whatever the ones before raised, and then raise the first error."""
    first: BaseException | None = None
    for step in steps:
        try:
            step()
        except BaseException as err:  # noqa: PERF203 - for the next one's sake
            if first is None:
                first = err
            else:
                _LOGGER.exception("one more thing went wrong")
    if first is not None:
        raise first


def end_all(runs: "Iterable[Run]", end: "Callable[[Run], object]") -> None:
    """End runs, newest first; one that fails to keeps no other from it."""
    in_turn(*(partial(end, run) for run in reversed(list(runs))))


class ExitWatch:
    """Knows how this process is ending."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._installed = False
        self._interrupted = False
        self.exit_code = 0

    def install(self) -> None:
        """Put the hooks in place, once."""
        if self._installed:
            return
        self._installed = True
        self._next_exit, self._next_excepthook = sys.exit, sys.excepthook
        sys.exit, sys.excepthook = self._exit, self._excepthook
        atexit.register(self._at_exit)
        os.register_at_fork(after_in_child=self._after_fork)

    def _exit(self, status: Any = None, /) -> Any:
        self.exit_code = code_of_exit(status)
        return self._next_exit(status)

    def _excepthook(
        self, kind: type[BaseException], error: BaseException, trace: "TracebackType | None"
    ) -> None:
        self.exit_code = INTERRUPTED if issubclass(kind, KeyboardInterrupt) else FAILED
        self._interrupted = kind is KeyboardInterrupt
        self._next_excepthook(kind, error, trace)

    def _at_exit(self) -> None:
        # Ctrl-C ends the wait for one run, whose end is said then; the others have theirs.
        with suppress(KeyboardInterrupt):
            end_all(self._session.runs, lambda run: run._end_with_process(self.exit_code))
        if self._interrupted:
            _recall_interrupt()

    def _after_fork(self) -> None:
        self.exit_code = 0
        self._session.after_fork()


def _recall_interrupt() -> None:
    """Let Python end the process by SIGINT still, as it does after an uncaught Ctrl-C.

    It forgets that when it runs code that comes as text, as importing a module with dataclasses
    does, and notes it anew when such code ends in a KeyboardInterrupt.
    """
    with suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt")


def close_at_child_exit(close: Any, *, priority: int = 10) -> None:
    """Have something closed when a child of `multiprocessing` ends, which skips `atexit`.

    What has a higher priority goes first.

    Rows are safe without it: they are in a file that the parent reads. It saves the parent work.
    """
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, close, exitpriority=priority)
