"""Files that are sent again whenever they change: which of them are due."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from wandb._base.retry import Backoff

__all__ = ("LiveFiles", "Stamp", "stamp")

# What tells one content from another without reading it: time of change, size, which file.
Stamp: TypeAlias = "tuple[int, int, int]"

# A file is under way for no more than this part of the time, however large it is.
_REST_PER_UPLOAD = 10
# A file that the server does not take is offered again ever more rarely.
_AGAIN = Backoff(2.0, 300.0, 0, jitter=0.0)


def stamp(path: str) -> Stamp | None:
    """Return what changes with a file's content, links followed; None where there is none."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


@dataclass(slots=True)
class _Watched:
    """One file.

    Attributes:
        seen: Its stamp when it was last looked at, and since when it is that one.
        sent: Its stamp when the upload began that the server has.
        free_at: Not to be sent again before that.
        failures: Uploads in a row that came to nothing.
    """

    seen: Stamp | None = None
    since: float = 0.0
    sent: Stamp | None = None
    free_at: float = float("-inf")
    failures: int = 0


class LiveFiles:
    """The files of one run that are kept up to date on the server.

    Args:
        path: Tells where a file lies, by its name in the run.
        rest_secs: How long a file must not have changed before it goes.
        limit_secs: The least time between two uploads of one file.
        stamp: Looks at a file.
    """

    def __init__(
        self,
        path: Callable[[str], str],
        *,
        rest_secs: float = 0.0,
        limit_secs: float = 0.0,
        stamp: Callable[[str], Stamp | None] = stamp,
    ) -> None:
        self._path, self._stamp = path, stamp
        self._rest_secs, self._limit_secs = rest_secs, limit_secs
        self._watched: dict[str, _Watched] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def __contains__(self, name: str) -> bool:
        return name in self._watched

    def add(self, name: str) -> None:
        """Watch a file from now on."""
        self._watched.setdefault(name, _Watched())

    def due(self, now: float) -> list[str]:
        """Look at all files; return those that have changed and may go now. It reads the disk."""
        # A list: others are added while a thread is in here.
        return [name for name, file in list(self._watched.items()) if self._is_due(name, file, now)]

    def _is_due(self, name: str, file: _Watched, now: float) -> bool:
        found = self._stamp(self._path(name))
        if found != file.seen:
            file.seen, file.since = found, now
        changed = found is not None and found != file.sent
        return changed and now >= file.since + self._rest_secs and now >= file.free_at

    def note_sent(self, name: str, sent: Stamp | None, *, began: float, now: float) -> None:
        """Note that an upload has ended, and that the server has the file.

        Args:
            name: The file.
            sent: Its stamp when the upload began.
            began: When that was.
            now: The present time.
        """
        if (file := self._watched.get(name)) is not None:
            file.sent, file.failures = sent, 0
            self._rest(file, self._limit_secs, began=began, now=now)

    def note_failed(self, name: str, *, began: float, now: float) -> None:
        """Note that the server did not take a file: it rests, the longer the more often."""
        if (file := self._watched.get(name)) is not None:
            file.sent, file.failures = None, file.failures + 1
            pause = max(self._limit_secs, _AGAIN.wait_secs(file.failures))
            self._rest(file, pause, began=began, now=now)

    def _rest(self, file: _Watched, least_secs: float, *, began: float, now: float) -> None:
        file.free_at = began + max(least_secs, _REST_PER_UPLOAD * (now - began))

    def changed(self, names: Iterable[str]) -> list[str]:
        """Return the files that are not as they were sent, whatever the waits."""
        return [name for name in names if not self._is_as_sent(name)]

    def _is_as_sent(self, name: str) -> bool:
        file = self._watched.get(name)
        return file is not None and file.sent is not None and self._is_same(name, file.sent)

    def _is_same(self, name: str, sent: Stamp) -> bool:
        return self._stamp(self._path(name)) == sent
