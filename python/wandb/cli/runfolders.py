"""Folders of runs, as `wandb sync` finds and lists them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wandb._service.replay import mark_path
from wandb._service.syncstate import SyncState
from wandb.apis.public.local import LocalRun, find_runs
from wandb.errors import CommError


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder."""

    folder: str
    run_id: str

    @property
    def was_online(self) -> bool:
        """Whether the run was sent while it went on, or should have been."""
        return not os.path.basename(self.folder).startswith("offline-")

    @property
    def synced(self) -> bool:
        """Whether everything was sent to some server."""
        if os.path.exists(mark_path(self.folder, self.run_id)):
            return True
        state = SyncState.load(self.folder)
        return state is not None and state.finished and not state.left_bytes()

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


def folders_at(path: str) -> Iterator[RunFolder]:
    """Find the run folders that a path means: a journal, a run's folder, or one above."""
    chosen = Path(path)
    if chosen.suffix == ".wandb" and chosen.is_file():
        yield RunFolder(str(chosen.parent.resolve()), chosen.stem.removeprefix("run-"))
        return
    for run in find_runs(chosen):
        yield RunFolder(str(run.folder), run.name)


def selected(
    folders: Iterable[RunFolder], *, offline: bool, online: bool, synced: bool
) -> list[RunFolder]:
    """Keep the folders of the kinds that are wanted, oldest first."""
    kept = [
        one
        for one in folders
        if (online if one.was_online else offline) and (synced or not one.synced)
    ]
    return sorted(kept, key=lambda one: os.path.basename(one.folder).removeprefix("offline-"))
