"""Counters in a mapped file: what each writer began and what returned, readable after a kill.

Written by the workers, one store per field, and read by the harness, which also uses it to
tell the workers how far they may go. Standard library only: it runs under every client.
"""

import mmap
from pathlib import Path

WORDS_PER_SLOT = 16
SLOTS = 64

# Phases of a writer, in order.
ABSENT, STARTED, READY, INITING, LOGGING, ENDING, ENDED = range(7)


class Slot:
    """One writer's words."""

    FIELDS = ("pid", "phase", "begun", "returned", "longest_ns", "errors", "init_ns", "end_ns")

    def __init__(self, words: memoryview) -> None:
        self.words = words

    @property
    def pid(self) -> int:
        return self.words[0]

    @property
    def phase(self) -> int:
        return self.words[1]

    @property
    def begun(self) -> int:
        return self.words[2]

    @property
    def returned(self) -> int:
        return self.words[3]

    @property
    def longest_secs(self) -> float:
        return self.words[4] / 1e9

    @property
    def errors(self) -> int:
        return self.words[5]

    def put(self, field: str, value: int) -> None:
        self.words[self.FIELDS.index(field)] = value

    def took_secs(self, field: str) -> float:
        """Return the seconds of `init_ns` or `end_ns`."""
        return self.words[self.FIELDS.index(field)] / 1e9


class Board:
    """The mapped file: words of the harness first, then one slot per writer."""

    GO, LIMIT, STOP = range(3)

    def __init__(self, path: str | Path) -> None:
        with Path(path).open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.words = memoryview(self.map).cast("q")

    @classmethod
    def create(cls, path: str | Path, limit: int) -> "Board":
        """Make a board on which every writer may make `limit` calls."""
        Path(path).write_bytes(bytes(8 * WORDS_PER_SLOT * (SLOTS + 1)))
        board = cls(path)
        board.words[cls.LIMIT] = limit
        return board

    def slot(self, number: int) -> Slot:
        start = (number + 1) * WORDS_PER_SLOT
        return Slot(self.words[start : start + WORDS_PER_SLOT])

    def writers(self) -> list[int]:
        """Return the numbers of the slots in use."""
        return [number for number in range(SLOTS) if self.slot(number).phase != ABSENT]

    def returned(self) -> int:
        """Return the number of calls that returned, of all writers."""
        return sum(self.slot(number).returned for number in range(SLOTS))

    @property
    def stopped(self) -> bool:
        return self.words[self.STOP] != 0

    def stop(self) -> None:
        """Tell all writers to make no more calls and to end."""
        self.words[self.STOP] = 1

    @property
    def open(self) -> bool:
        return self.words[self.GO] != 0

    def go(self) -> None:
        """Let waiting workers call `init`."""
        self.words[self.GO] = 1

    def allow(self, calls: int) -> None:
        """Let every writer make this many calls in all."""
        self.words[self.LIMIT] = calls
