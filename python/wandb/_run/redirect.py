"""Capture of what this process and its children write to descriptors 1 and 2.

The native tee does the work. Here is what belongs to a process: whose runs listen, the heir that
reads on when the process dies, the size of the terminal.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from wandb import _native
from wandb._native import Tee, Writer
from wandb._run import heir

_LOGGER = logging.getLogger(__name__)
# Names what descriptors lead to whose text is captured already, for processes started from here.
VARIABLE = "FERRULE_CONSOLE"
STREAMS = {"stdout": 1, "stderr": 2}
# How long the end of a run waits for a terminal that takes nothing.
_PATIENCE_SECS = 5.0
_HEIR_SECS = 1.0


def is_captured() -> bool:
    """Whether a process that started this one captures what this one writes."""
    known = os.environ.get(VARIABLE, "").split(",")
    return any(_identity(fd) in known for fd in STREAMS.values())


def beside_descriptors() -> list[str]:
    """Name the streams of Python that do not write to the descriptors, as in notebooks."""
    return [name for name, fd in STREAMS.items() if _fileno(getattr(sys, name, None)) != fd]


class Redirection:
    """The tee of this process, as long as a run listens.

    Raises:
        OSError: The descriptors can't be replaced; they are as they were.
    """

    def __init__(self) -> None:
        _flush()
        self._tee = Tee()
        self._writers: list[Writer] = []
        try:
            self._heir = _Heir(self._tee)
            self._size = _SizeWatch(self._tee.resize)
        except BaseException:
            self._tee.stop()
            raise
        self._before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = ",".join(map(_identity, STREAMS.values()))

    def add(self, writer: Writer, folder: str, run_id: str) -> None:
        """Let a run have what is written from now on."""
        self._writers.append(writer)
        self._tee.listen(writer)
        self._heir.say("+", folder, run_id)

    def has(self, writer: Writer) -> bool:
        """Whether a run listens."""
        return writer in self._writers

    def settle(self, writer: Writer, folder: str) -> None:
        """Let a run have what was printed before, and nothing more; may wait for a terminal."""
        _flush()
        self._tee.leave(writer, _PATIENCE_SECS)
        self._heir.say("-", folder)

    def remove(self, writer: Writer) -> bool:
        """Forget a run; return whether it was the last one."""
        if self.has(writer):
            self._writers.remove(writer)
        return not self._writers

    def abandon(self) -> None:
        """Let go of the parent's: for the child of a fork, whose text the parent's tee reads."""
        self._size.forget()
        self._heir.abandon()
        self._tee.abandon()

    def put_back(self) -> bool:
        """Put the streams back; return whether nobody writes to the tee any more."""
        over = self._tee.stop()
        self._size.end()
        if self._before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = self._before
        return over

    def dismiss(self) -> None:
        """Do without the heir; a child that still writes needs one, also after our end."""
        self._heir.dismiss()


class _Heir:
    """The process that reads on after this one; without it, only that is missing."""

    _kept: "list[_Heir]" = []  # noqa: RUF012 - those that wait for the end of this process

    def __init__(self, tee: Tee) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.forget_those_that_left()
        try:
            self._start(tee)
        except Exception as err:  # noqa: BLE001 - a run goes on without
            _LOGGER.warning("what is printed right before a crash may not be shown: %s", err)

    def _start(self, tee: Tee) -> None:
        # No pipe: where SIGPIPE kills, a word to one that has left would.
        control, read_end = socket.socketpair()
        program = [sys.executable, "-I", "-S", heir.__file__, _native.__file__]
        streams = [f"{name}:{source}:{target}" for name, source, target in tee.streams]
        handles = [fd for _, *both in tee.streams for fd in both]
        try:
            self._process = subprocess.Popen(
                [*program, str(read_end.fileno()), *streams],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(read_end.fileno(), *handles),
                start_new_session=True,
                cwd="/",
            )
        except BaseException:
            control.close()
            raise
        finally:
            read_end.close()
        self._control = control
        self._kept.append(self)

    def say(self, sign: str, folder: str = "", run_id: str = "") -> None:
        if self._control is not None:
            with suppress(OSError):
                word = os.fsencode("\0".join((sign, folder, run_id)) + "\0\n")
                self._control.sendall(word, socket.MSG_NOSIGNAL)

    def dismiss(self) -> None:
        """Send it away: all is read."""
        self.say("q")
        self._let_go()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_HEIR_SECS)

    def abandon(self) -> None:
        """Hold on to nothing that tells it of the parent's life."""
        self._let_go()
        if self._process is not None:
            self._process.returncode = 0  # it is no child of this process

    @classmethod
    def forget_those_that_left(cls) -> None:
        """Let go of those that had nothing more to read: all who wrote are gone."""
        for one in list(cls._kept):
            if one._process is not None and one._process.poll() is not None:
                one._let_go()

    @classmethod
    def abandon_all(cls) -> None:
        """Hold on to none of the parent's: for the child of a fork."""
        for one in list(cls._kept):
            one.abandon()

    def _let_go(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
            self._kept.remove(self)


os.register_at_fork(after_in_child=_Heir.abandon_all)


class _SizeWatch:
    """Has `resize` called when the terminal's size changes."""

    def __init__(self, resize: Callable[[], None]) -> None:
        self._resize: Callable[[], None] | None = resize
        self._before: Any = None
        self._installed = False
        # Only there can handlers be set; elsewhere the size is passed on with the next text.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGWINCH)
            self._installed = self._before is not None  # None: not set from Python
        if self._installed:
            signal.signal(signal.SIGWINCH, self._handle)

    def _handle(self, number: int, frame: Any) -> None:
        if self._resize is not None:
            self._resize()
        if callable(self._before):
            self._before(number, frame)

    def forget(self) -> None:
        """Pass nothing on any more."""
        self._resize = None

    def end(self) -> None:
        """Put the handler back, unless somebody has set another since."""
        self.forget()
        mine = self._installed and signal.getsignal(signal.SIGWINCH) == self._handle
        if mine and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGWINCH, self._before)


def _flush() -> None:
    """Have Python and C write what they hold back, each at the place where it was printed."""
    for name in STREAMS:
        # Whatever took the stream's place may fail as it likes.
        with suppress(Exception):
            getattr(sys, name).flush()
    with suppress(Exception):
        import ctypes

        library = ctypes.CDLL(None)
        for name in STREAMS:
            library.fflush(ctypes.c_void_p.in_dll(library, name))


def _identity(fd: int) -> str:
    try:
        facts = os.fstat(fd)
    except OSError:
        return "closed"
    return f"{facts.st_dev}:{facts.st_ino}:{facts.st_rdev}"


def _fileno(stream: Any) -> int | None:
    try:
        return int(stream.fileno())
    except Exception:  # noqa: BLE001 - streams are whatever anybody put there
        return None
