"""Stop single threads of another process, as a disk that does not answer stops the writer.

A thread that waits in `write` holds what it holds and does nothing; so does one that a tracer
has interrupted, and that needs no broken disk. Linux only.
"""

import ctypes
import os
import subprocess
from contextlib import suppress
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
ALL_CHILDREN = 0x40000000  # __WALL: threads are waited for as well


class Stall:
    """The writing threads of a process, held still until `release`.

    They are known by their name. Where none has it, all but the first are held, which says
    little of a client whose threads run Python: one of them may hold the interpreter's lock.
    """

    def __init__(self, pid: int, *, named: str) -> None:
        threads = {int(name) for name in os.listdir(f"/proc/{pid}/task")} - {pid}
        writing = {thread for thread in threads if named in _name(pid, thread)}
        self.threads = [thread for thread in sorted(writing or threads) if _stop(thread)]

    def release(self) -> None:
        """Let the threads go on; those that were killed meanwhile are reaped."""
        for thread in self.threads:
            if _trace(DETACH, thread) != 0:
                with suppress(ChildProcessError):
                    os.waitpid(thread, ALL_CHILDREN)
        self.threads = []


def can_stall() -> bool:
    """Tell whether this process may trace its children."""
    if not Path("/proc/self/task").exists():
        return False
    with subprocess.Popen(["sleep", "10"]) as child:
        stopped = _stop(child.pid)
        if stopped:
            _trace(DETACH, child.pid)
        child.kill()
    return stopped


def _name(pid: int, thread: int) -> str:
    try:
        return Path(f"/proc/{pid}/task/{thread}/comm").read_text()
    except OSError:
        return ""  # it ended meanwhile


def _stop(thread: int) -> bool:
    if _trace(SEIZE, thread) != 0 or _trace(INTERRUPT, thread) != 0:
        return False
    os.waitpid(thread, ALL_CHILDREN)
    return True


def _trace(request: int, thread: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = (ctypes.c_long(request), ctypes.c_long(thread), ctypes.c_long(0), ctypes.c_long(0))
    return int(libc.ptrace(*arguments))
