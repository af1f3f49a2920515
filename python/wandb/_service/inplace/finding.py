"""Run folders at and below a path: those that are there, and those that come."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ("Finder", "Found")

# Folders that hold no runs, and much else.
_SKIPPED = frozenset(("node_modules", "__pycache__", "site-packages", "dist-packages"))
# The names that a client gives the folders of its runs, and those that it keeps them in.
_RUNS = ("run-", "offline-run-")
_HOMES = ("wandb", ".wandb")
# A folder is made before what is in it: one that changed is looked at anew for so long.
_SETTLE_SECS = 30.0
# Looking through everything takes at most this part of the time.
_WHOLE_PART = 0.05
_WHOLE_SECS = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """A run's folder.

    Attributes:
        folder: Its path, without links.
        run_id: The id in the name of its journal.
        changed_at: When the journal was last written, in seconds since 1970.
    """

    folder: str
    run_id: str
    changed_at: float

    @property
    def journal(self) -> str:
        """The path of the owner's journal."""
        return os.path.join(self.folder, f"run-{self.run_id}.wandb")


class Finder:
    """Finds the run folders at and below a path, each once.

    Links are followed where a client's folders are linked to, and nowhere else: what is below a
    path ends somewhere.

    Args:
        root: The path.
        tell: Is told what can't be read.
    """

    def __init__(self, root: str, tell: Callable[[str], None]) -> None:
        self._root, self._tell = os.path.realpath(root), tell
        self._known: dict[str, Found] = {}
        # Folders that hold runs: when they last changed, and when that was seen.
        self._homes: dict[str, tuple[int, float]] = {}
        self._whole_at = float("-inf")

    def look(self) -> list[Found]:
        """Return the runs that were not there before, the one written last first."""
        began = time.monotonic()
        new: list[Found] = []
        if began >= self._whole_at:
            new = self._whole()
            took = time.monotonic() - began
            self._whole_at = time.monotonic() + max(_WHOLE_SECS, took / _WHOLE_PART)
        new += [found for home in list(self._homes) for found in self._beside(home)]
        return sorted(new, key=lambda found: found.changed_at, reverse=True)

    def forget(self, folder: str) -> None:
        """Let go of a folder that is gone; should it come back, it is new."""
        self._known.pop(folder, None)

    # --- everything ---------------------------------------------------------------------------

    def _whole(self) -> list[Found]:
        new: list[Found] = []
        waiting, seen = [self._root], set[tuple[int, int]]()
        while waiting:
            folder = waiting.pop()
            if not _is_first(folder, seen):
                continue
            entries = self._entries(folder)
            found = _run_in(folder, entries)
            if found is None:
                waiting += _below(entries)
            elif self._is_new(found):
                new.append(found)
        return new

    def _is_new(self, found: Found) -> bool:
        if found.folder in self._known:
            return False
        self._known[found.folder] = found
        self._homes.setdefault(os.path.dirname(found.folder), (0, 0.0))
        return True

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                # Folders before links to them: what has two names goes by its own.
                return sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as err:
            self._tell(f"{folder} can't be read ({err.strerror}); runs in it are not shown")
            return []

    # --- beside the runs that are known -------------------------------------------------------

    def _beside(self, home: str) -> Iterator[Found]:
        """Yield the new runs of a folder that holds others."""
        if home == os.path.dirname(self._root) or not self._has_changed(home):
            return
        for entry in self._entries(home):
            if not entry.name.startswith(_RUNS) or entry.path in self._known:
                continue
            if not entry.is_symlink() and entry.is_dir():
                found = _run_in(entry.path, self._entries(entry.path))
                if found is not None and self._is_new(found):
                    yield found

    def _has_changed(self, home: str) -> bool:
        changed, seen_at = self._homes[home]
        try:
            now = os.stat(home).st_mtime_ns
        except OSError:
            return False
        if now != changed:
            changed, seen_at = self._homes[home] = now, time.monotonic()
        return time.monotonic() - seen_at < _SETTLE_SECS


def _is_first(folder: str, seen: set[tuple[int, int]]) -> bool:
    """Whether a folder comes for the first time, by whatever name."""
    try:
        facts = os.stat(folder)
    except OSError:
        # Told when it is listed.
        return True
    number = (facts.st_dev, facts.st_ino)
    first = number not in seen
    seen.add(number)
    return first


def _run_in(folder: str, entries: list[os.DirEntry[str]]) -> Found | None:
    """Return the run whose folder this is, None if it is no run's."""
    for entry in entries:
        if entry.name.startswith("run-") and entry.name.endswith(".wandb"):
            try:
                facts = os.stat(entry.path)
            except OSError:
                continue
            if stat.S_ISREG(facts.st_mode):
                run_id = entry.name.removeprefix("run-").removesuffix(".wandb")
                return Found(os.path.realpath(folder), run_id, facts.st_mtime)
    return None


def _below(entries: list[os.DirEntry[str]]) -> list[str]:
    """Return the folders to look into, in such an order that the last comes first."""
    return [entry.path for entry in reversed(entries) if _is_worth(entry)]


def _is_worth(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name in _SKIPPED or (name.startswith(".") and name not in _HOMES):
        return False
    try:
        if not entry.is_dir():
            return False
        return not entry.is_symlink() or name in _HOMES or name.startswith(_RUNS)
    except OSError:
        return False
