"""The Reader: all journals of a run, from what the server has on."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import anyio

from wandb._base.paths import size_bytes
from wandb._native import JournalTail, StepBase, SummaryFold
from wandb._service.syncstate import SyncState

__all__ = ("Chunk", "Reader", "records_of_kind")

_LOGGER = logging.getLogger(__name__)
_CHUNK_BYTES = 256 << 10
_BESIDE = frozenset(("files", "alert", "artifact"))
# Rows lie in their buffer for some milliseconds anyway, so looking more often gains nothing.
_BUSY_SECS = 0.04
_IDLE_SECS = 0.12
# A run that logs nothing for seconds is looked at ever more rarely, so that it costs nothing.
_STILL_SECS = 0.4
_STILLER = 1.05


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one journal, in its order.

    Attributes:
        journal: Its name in the run's folder.
        records: Kind, content and end offset of each.
        known: The server has what they say: they only tell where things stand.
    """

    journal: str
    records: list[tuple[str, Any, int]]
    known: bool

    @property
    def end(self) -> int:
        """The offset in the journal just past the last record."""
        return self.records[-1][2]

    def without_rows(self) -> Chunk:
        """Return what may be left to be done of a known chunk: what does not go with the rows."""
        return replace(self, records=[record for record in self.records if record[0] in _BESIDE])


class Reader:
    """Follows the journals of a run until it is over and everything was read.

    Args:
        state: Whose journals, and how much of them the server has.
        summary: Takes in everything that is read.
        follow: Wait for more until the run is over; else stop at the present end.

    Attributes:
        base: What is added to steps that were counted from 0; to be set before anything is read.
        sizes: Bytes of each journal when it was last read; at the end, whatever lies behind the
            last whole record is no record.
        warnings: What was passed over, one sentence each.
    """

    def __init__(self, state: SyncState, summary: SummaryFold, *, follow: bool = True) -> None:
        self._state = state
        self._summary = summary
        self._tails: dict[str, JournalTail] = {}
        # What was acknowledged or in flight when this reader began.
        self._known = dict(state.settled().journals)
        self._passed_known = False
        self._over = anyio.Event()
        self.base: StepBase | None = None
        self.sizes: dict[str, int] = {}
        self.warnings: list[str] = []
        if not follow:
            self._over.set()

    def end(self) -> None:
        """Say that nobody writes any more: read to the end, then stop."""
        self._over.set()

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield what comes, journal by journal."""
        # First what the server has, of all journals: it says what the run is.
        for name in sorted(self._known, key=_others_last):
            while self._is_behind(name) and (records := await self._read(name, over=False)):
                for chunk in self._split(name, records):
                    yield chunk
        self._passed_known = True
        pause = _BUSY_SECS
        while True:
            over, read = self._over.is_set(), False
            for name in self._state.journals():
                while records := await self._read(name, over=over):
                    read = True
                    for chunk in self._split(name, records):
                        yield chunk
            if over and not read:
                return
            pause = _BUSY_SECS if read else _longer(pause)
            with anyio.move_on_after(pause):
                await self._over.wait()

    @property
    def has_read_known(self) -> bool:
        """Whether everything was read that the server has."""
        return self._passed_known or not any(map(self._is_behind, self._known))

    def _is_behind(self, name: str) -> bool:
        tail = self._tails.get(name)
        known = min(self._known[name], size_bytes(os.path.join(self._state.run_folder, name)))
        return (tail.offset if tail else 0) < known

    async def _read(self, name: str, *, over: bool) -> list[tuple[str, Any, int]]:
        tail = self._tails.get(name)
        path = os.path.join(self._state.run_folder, name)
        if tail is None:
            tail = self._tails[name] = JournalTail(path, fold=self._summary, base=self.base)
        self.sizes[name] = size = size_bytes(path)
        if size <= tail.offset:
            return []
        records = await anyio.to_thread.run_sync(tail.read, _CHUNK_BYTES)
        while not records and over and tail.stopped == "damaged":
            # A live journal is only ever incomplete at its end; a dead one may be torn within.
            self.warnings.append(f"{name}: a damaged block was passed over")
            tail.skip_damage()
            records = await anyio.to_thread.run_sync(tail.read, _CHUNK_BYTES)
        return records

    def _split(self, name: str, records: list[tuple[str, Any, int]]) -> list[Chunk]:
        known = self._known.get(name, 0)
        if records[0][2] > known:
            return [Chunk(name, records, known=False)]
        old = [record for record in records if record[2] <= known]
        new = records[len(old) :]
        chunks = [Chunk(name, old, known=True)]
        return [*chunks, Chunk(name, new, known=False)] if new else chunks


def records_of_kind(state: SyncState, *kinds: str) -> Iterator[tuple[str, Any]]:
    """Yield the name of the journal and the content of all records of kinds, beside any Reader."""
    for name in state.journals():
        tail = JournalTail(os.path.join(state.run_folder, name), kinds=kinds)
        before = -1
        while tail.offset != before:
            before = tail.offset
            yield from ((name, content) for _, content, _ in tail.read(_CHUNK_BYTES))


def _longer(pause_secs: float) -> float:
    if pause_secs < _IDLE_SECS:
        return min(pause_secs * 1.5, _IDLE_SECS)
    return min(pause_secs * _STILLER, _STILL_SECS)


def _others_last(name: str) -> bool:
    # What the owner says of the run holds for the rows of the other writers.
    return name.startswith("writers/")
