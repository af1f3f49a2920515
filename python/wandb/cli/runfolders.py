"""Folders of runs, as `wandb sync` finds and lists them."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from wandb._native import JournalTail
from wandb._service.delivery import has_owner
from wandb._service.replay import mark_path
from wandb._service.syncstate import SyncState
from wandb.apis.public.local import LocalRun, find_runs
from wandb.errors import CommError

_CHUNK_BYTES = 256 << 10
_STAMP = re.compile(r"run-(\d{8}_\d{6})-")
# What run folders hold, those of released clients too; beside the owner's journal.
_ENTRIES = frozenset(
    ("files", "logs", "tmp", "writers", "writers.folded", "control", "tensorboard.json")
)
_STATE_ENTRY = re.compile(r"sync-(state|batch|lock)(\.\d+)?|tensorboard\.json\.\d+")
_MARK_ENDS = ("", ".synced", ".syncstate")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder."""

    folder: str
    run_id: str

    @property
    def name(self) -> str:
        """The folder's own name."""
        return os.path.basename(self.folder)

    @property
    def journal(self) -> str:
        """Where the run's journal lies."""
        return os.path.join(self.folder, f"run-{self.run_id}.wandb")

    @property
    def was_online(self) -> bool:
        """Whether the run was sent while it went on, or should have been."""
        return not self.name.startswith("offline-")

    @property
    def synced(self) -> bool:
        """Whether everything was sent to some server."""
        state = SyncState.load(self.folder)
        return self._is_marked() or (state is not None and state.is_complete())

    @property
    def removable(self) -> bool:
        """Whether nothing would be lost with it: it is a run's folder, and all was sent, to whom
        it was begun to be sent.
        """
        return self.sent_whole and self.holds_only_a_run

    @property
    def sent_whole(self) -> bool:
        """Whether nothing of the run is left to be sent, and nobody writes to it."""
        state = SyncState.load(self.folder)
        sent = self._is_marked() if state is None else state.is_complete()
        return sent and not has_owner(self.folder)

    @property
    def holds_only_a_run(self) -> bool:
        """Whether it is the folder of this run and of nothing else: anybody may put a journal
        into a folder of other things.
        """
        named = rf"(offline-)?run-\d{{8}}_\d{{6}}-{re.escape(self.run_id)}(-\d+)?"
        own = {os.path.basename(self.journal) + end for end in _MARK_ENDS}
        try:
            names = set(os.listdir(self.folder))
        except OSError:
            return False
        return re.fullmatch(named, self.name) is not None and all(
            name in own or name in _ENTRIES or _STATE_ENTRY.fullmatch(name) for name in names
        )

    @property
    def touched_at(self) -> float:
        """When the run began or was last written to, whatever is later; seconds since the epoch."""
        times = [0.0]
        with suppress(OSError):
            times.append(os.stat(self.journal).st_mtime)
        if found := _STAMP.search(self.name):
            with suppress(ValueError, OverflowError):
                times.append(time.mktime(time.strptime(found[1], "%Y%m%d_%H%M%S")))
        return max(times)

    def _is_marked(self) -> bool:
        """Whether somebody left word that all was sent, and nothing was written since."""
        try:
            marked = os.stat(mark_path(self.folder, self.run_id)).st_mtime_ns
            return marked >= os.stat(self.journal).st_mtime_ns
        except OSError:
            return False

    def described(self) -> str:
        """Tell in a line what is in it."""
        sent = "synced" if self.synced else "not synced"
        try:
            facts = LocalRun(Path(self.folder), self.run_id).facts()
        except CommError as err:
            return f"{self.folder}: can't be read ({err})"
        return (
            f"{self.folder}: {facts.display_name} ({facts.run_id}), project {facts.project}, "
            f"{facts.state}, {facts.history_line_count} rows, {sent}"
        )

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield all records of the run's journal, rows as they are sent."""
        tail = JournalTail(self.journal)
        while read := tail.read(_CHUNK_BYTES):
            for kind, content, end in read:
                shown = json.loads(content[1]) if kind == "history" else content
                yield {kind: shown, "end": end}

    def fits(self, include: Sequence[str], exclude: Sequence[str]) -> bool:
        """Whether patterns choose it, by its name, its path from here, or its whole path."""
        spelled = (self.name, os.path.relpath(self.folder), self.folder)

        def matches(pattern: str) -> bool:
            return any(fnmatch(one, pattern) for one in spelled)

        return not any(map(matches, exclude)) and (not include or any(map(matches, include)))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which runs are meant.

    Attributes:
        offline: Runs that were kept on this machine.
        online: Runs that were sent while they went on, or should have been.
        synced: Those that a server has, too.
        include: Patterns of which one must fit; none lets all through.
        exclude: Patterns of which none may fit.
    """

    offline: bool = True
    online: bool = False
    synced: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def of(self, folders: Iterable[RunFolder]) -> list[RunFolder]:
        """Keep the folders that are wanted, oldest first."""
        kept = [
            one
            for one in self.fitting(folders)
            if (self.online if one.was_online else self.offline) and (self.synced or not one.synced)
        ]
        return by_age(kept)

    def fitting(self, folders: Iterable[RunFolder]) -> list[RunFolder]:
        """Keep the folders that the patterns choose, of whatever kind."""
        return [one for one in folders if one.fits(self.include, self.exclude)]


def by_age(folders: Iterable[RunFolder]) -> list[RunFolder]:
    """Order folders by the moments of their start: one may go on with the run of another."""
    return sorted(folders, key=lambda one: one.name.removeprefix("offline-"))


def folders_at(path: str) -> Iterator[RunFolder]:
    """Find the run folders that a path means: a journal, a run's folder, or one above."""
    chosen = Path(path)
    if chosen.suffix == ".wandb" and chosen.is_file():
        yield RunFolder(str(chosen.parent.resolve()), chosen.stem.removeprefix("run-"))
        return
    for run in find_runs(chosen):
        yield RunFolder(str(run.folder), run.name)
