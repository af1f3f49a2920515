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
    """Threads of a process, all but the first, held still until `release`."""

    def __init__(self, pid: int) -> None:
        threads = sorted(int(name) for name in os.listdir(f"/proc/{pid}/task"))
        self.threads = [thread for thread in threads if thread != pid and _stop(thread)]

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


def _stop(thread: int) -> bool:
    if _trace(SEIZE, thread) != 0 or _trace(INTERRUPT, thread) != 0:
        return False
    os.waitpid(thread, ALL_CHILDREN)
    return True


def _trace(request: int, thread: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = (ctypes.c_long(request), ctypes.c_long(thread), ctypes.c_long(0), ctypes.c_long(0))
    return int(libc.ptrace(*arguments))
