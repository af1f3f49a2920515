"""Console text of a run as numbered lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from wandb._service.logic.console import ConsoleLines


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


def console_lines(chunks: Iterable[ConsoleChunk]) -> list[ConsoleLogLine]:
    """Join the text of many writes into the lines that the service sends to a server.

    Lines are numbered from 0 in the order in which they began; a last line without an end counts.
    """
    screen, contents = ConsoleLines(), dict[int, str]()
    begun: dict[int, ConsoleChunk] = {}
    for chunk in chunks:
        stream = "stderr" if chunk.stderr else "stdout"
        screen.write(stream, chunk.text, 0.0)
        for line in screen.take_changed():
            contents[line.number] = line.text
            begun.setdefault(line.number, chunk)
    return [_line(number, begun[number], contents[number]) for number in sorted(contents)]


def _line(number: int, begun: ConsoleChunk, content: str) -> ConsoleLogLine:
    level = "error" if begun.stderr else "info"
    return ConsoleLogLine(number, begun.written_at, level, "", content)
