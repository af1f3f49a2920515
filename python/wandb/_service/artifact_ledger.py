"""Which artifacts of a run a server has: one line each, in a file beside the run's state.

The file only grows, by a line when an artifact is done: a run with thousands of them never writes
the whole again. It begins with the name that the run's state knows it by; another one is of
another server, or of a run that the server made anew, and counts for nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import anyio

from wandb._base.ids import generate_id
from wandb._service.syncstate import SyncState

__all__ = ("LEDGER_FILE", "ArtifactLedger", "Outcome", "kept_outcome")

LEDGER_FILE = "sync-artifacts"
_NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a save.

    Attributes:
        artifact_id: The server's id; None if it was not saved.
        error: Why not.
        final: Nothing more is tried.
    """

    artifact_id: str | None = None
    error: str | None = None
    final: bool = True


class ArtifactLedger:
    """Outcomes of saves by their keys, and a place to wait for one."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Outcome] = {}
        self._path: str | None = None
        self._changed = anyio.Event()

    def open(self, state: SyncState) -> None:
        """Take over what was done before, of the server that the state is about.

        Raises:
            OSError: It can't be read or made.
        """
        self._outcomes.clear()
        if state.source:
            return
        self._path = os.path.join(state.folder, LEDGER_FILE)
        lines = _lines(self._path)
        if not (state.ledger and lines and lines[0] == state.ledger):
            state.ledger = generate_id(_NAME_LENGTH)
            with open(self._path, "w", encoding="utf-8") as file:
                file.write(state.ledger + "\n")
            state.save()
            return
        self._outcomes.update(_read(lines[1:]))

    def get(self, key: str) -> Outcome | None:
        """Return what became of a save, if that is known."""
        return self._outcomes.get(key)

    def is_done(self, key: str) -> bool:
        """Whether nothing more is to be done for a save."""
        outcome = self._outcomes.get(key)
        return outcome is not None and outcome.final

    def note(self, key: str, outcome: Outcome) -> None:
        """Write down what became of a save, and wake whoever waits for it.

        Raises:
            OSError: It can't be written; it is known as long as this process lives.
        """
        self._outcomes[key] = outcome
        self._changed.set()
        self._changed = anyio.Event()
        if outcome.final and self._path is not None:
            line = json.dumps([key, outcome.artifact_id, outcome.error])
            with open(self._path, "a", encoding="utf-8") as file:
                file.write(line + "\n")

    async def wait(self, key: str) -> Outcome:
        """Wait until it is known what became of a save."""
        while (outcome := self._outcomes.get(key)) is None:
            await self._changed.wait()
        return outcome


def kept_outcome(folder: str, key: str) -> Outcome | None:
    """Return what a run's folder says of a save, whoever wrote that; None where nothing is said."""
    state = SyncState.load(folder)
    lines = _lines(os.path.join(folder, LEDGER_FILE)) if state is not None else []
    if state is None or not lines or lines[0] != state.ledger:
        return None
    return dict(_read(line for line in lines[1:] if key in line)).get(key)


def _read(lines: Iterable[str]) -> Iterator[tuple[str, Outcome]]:
    for line in lines:
        try:
            key, artifact_id, error = json.loads(line)
        except ValueError:
            continue  # cut off by a death: the artifact is saved again, which changes nothing
        yield key, Outcome(artifact_id, error)


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().split("\n")
    except FileNotFoundError:
        return []
