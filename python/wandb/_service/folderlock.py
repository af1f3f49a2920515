"""One sender for a run's folder at a time, on this machine and beyond."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

__all__ = ("FolderLock",)

LOCK_FILE = "sync-lock"


class FolderLock:
    """The right to send a run. The death of its holder gives it back."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, LOCK_FILE)
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether the right is here."""
        return self._handle is not None

    def take(self) -> bool:
        """Take the right; False if another process has it.

        Raises:
            OSError: The folder can't be written, or its file system has no locks.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError:
            os.close(handle)
            raise
        self._handle = handle
        return True

    def release(self, *, for_good: bool) -> None:
        """Give the right back; `for_good` when there is nothing more to send."""
        if self._handle is None:
            return
        if for_good:
            with suppress(OSError):
                os.unlink(self._path)
        os.close(self._handle)
        self._handle = None
