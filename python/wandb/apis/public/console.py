"""Console text of a run as numbered lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConsoleLogLine:
    """One line that the run printed; `level` is "error" for stderr, else "info"."""

    number: int
    timestamp: datetime | None
    level: str
    label: str
    content: str


@dataclass(frozen=True, slots=True)
class ConsoleChunk:
    """The text of one write; `stderr` tells the two streams apart."""

    text: str
    stderr: bool
    written_at: datetime | None


class ConsoleLogs:
    """The lines of a run's console, as they stood when it was made."""

    def __init__(self, lines: Iterable[ConsoleLogLine]) -> None:
        self._lines = list(lines)

    def __iter__(self) -> Iterator[ConsoleLogLine]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> ConsoleLogLine:
        return self._lines[index]


@dataclass(slots=True)
class _OpenLine:
    """A line that has not ended: its cells, and where the next character goes."""

    number: int
    begun_at: datetime | None
    cells: list[str] = field(default_factory=list)
    cursor: int = 0

    def write(self, text: str) -> None:
        """Put text at the cursor; a carriage return takes it back to the start."""
        first, *rest = text.split("\r")
        self._put(first)
        for part in rest:
            self.cursor = 0
            self._put(part)

    def _put(self, text: str) -> None:
        end = self.cursor + len(text)
        self.cells[self.cursor : end] = text
        self.cursor = end


def console_lines(chunks: Iterable[ConsoleChunk]) -> list[ConsoleLogLine]:
    """Join the text of many writes into the lines that a terminal would show.

    The two streams do not cut each other's lines: each has one open line. A progress bar that
    returns to the start of its line leaves its last state. Lines are numbered from 0 in the
    order in which they began; a last line without an end counts.
    """
    done: list[ConsoleLogLine] = []
    open_lines: dict[bool, _OpenLine] = {}
    begun = 0
    for chunk in chunks:
        for text, ended in _pieces(chunk.text):
            line = open_lines.get(chunk.stderr)
            if line is None:
                line = open_lines[chunk.stderr] = _OpenLine(begun, chunk.written_at)
                begun += 1
            line.write(text)
            if ended:
                done.append(_sealed(open_lines.pop(chunk.stderr), chunk.stderr))
    done.extend(_sealed(line, stderr) for stderr, line in open_lines.items())
    return sorted(done, key=lambda line: line.number)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut at line feeds only; tell of each piece whether one ended it."""
    *whole, last = text.split("\n")
    for piece in whole:
        # "\r\n" is a line end too; the return before it overwrites nothing.
        yield piece.removesuffix("\r"), True
    if last:
        yield last, False


def _sealed(line: _OpenLine, stderr: bool) -> ConsoleLogLine:
    level = "error" if stderr else "info"
    return ConsoleLogLine(line.number, line.begun_at, level, "", "".join(line.cells))
