"""What was written to a terminal, as numbered lines: progress bars show their last state only.

Each stream of each process has a line of its own that is still open; a line gets its number when
its first text comes. What a carriage return or a cursor movement overwrites is sent again under
the same number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from wandb._service.logic.line import Line
from wandb._service.logic.terminal import Screen

__all__ = ("ConsoleLines", "file_name", "is_stderr", "shown", "stamped", "stream_of")

# Lines of the file that are held back, since the next text may still change them.
_HELD_LINES = 8_192
_FOLD_RECORDS = 512
# The last moment that is shown, in any time zone: the start of the year 9999.
_LAST_SECS = 253_370_764_800


def stream_of(journal: str, content: dict[str, Any]) -> str:
    """Name the stream that a record of console text is of."""
    stderr = content.get("output_type", "STDERR") == "STDERR"
    return f"{journal}/{'stderr' if stderr else 'stdout'}"


def is_stderr(stream: str) -> bool:
    """Whether a stream that `stream_of` named is standard error."""
    return stream.endswith("/stderr")


def stamped(text: str, *, stderr: bool, timestamp: float, label: str | None = None) -> str:
    """Return a console line as servers take it: time in UTC, a prefix for errors, the writer."""
    moment = datetime.fromtimestamp(_shown_secs(timestamp), timezone.utc)
    whose = f"[{label}] " if label else ""
    return f"{'ERROR ' if stderr else ''}{moment:%Y-%m-%dT%H:%M:%S.%f} {whose}{text}"


def file_name(options: Mapping[str, Any], started: Mapping[str, Any]) -> str:
    """Name the run file that holds what was printed.

    Args:
        options: What the run asked of the service.
        started: The run's start, `seconds` and `nanos`; it names a part in local time.
    """
    whose = f"output_{label}" if (label := options.get("x_label")) else "output"
    if not options.get("console_multipart"):
        return f"{whose}.log"
    moment = datetime.fromtimestamp(_shown_secs(started.get("seconds", 0)))
    return f"logs/{whose}_{moment:%Y%m%d_%H%M%S}_{started.get('nanos', 0):09d}.log"


def _shown_secs(secs: float) -> float:
    """Return a moment that can be shown: journals may hold any number."""
    return min(max(secs, 0), _LAST_SECS)


class ConsoleLines:
    """Numbers the lines of all streams of a run.

    Args:
        state: What `state` returned, to go on after it.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        known = state or {}
        self._next: int = known.get("next", 0)
        self._now = 0.0
        self._touched: dict[int, Line] = {}
        self._screens: dict[str, Screen] = {}
        for name, kept in known.get("open", {}).items():
            self._screen(name).take_up(kept, name)

    def state(self) -> dict[str, Any]:
        """Return what a later `ConsoleLines` needs to go on: plain values."""
        kept = {name: screen.kept() for name, screen in self._screens.items()}
        return {"next": self._next, "open": kept}

    def write(self, stream: str, text: str, timestamp: float) -> None:
        """Take in text."""
        self._now = timestamp
        self._screen(stream).write(text)

    def take_changed(self) -> list[Line]:
        """Return lines that are new or changed since the last time, by their numbers."""
        touched, self._touched = self._touched, {}
        return [touched[number] for number in sorted(touched)]

    def changeable(self) -> set[int]:
        """Return the numbers of lines that later text may change."""
        return {line.number for screen in self._screens.values() for line in screen.lines}

    def _screen(self, stream: str) -> Screen:
        screen = self._screens.get(stream)
        if screen is None:
            screen = Screen(partial(self._begin, stream), self._touch)
            self._screens[stream] = screen
        return screen

    def _begin(self, stream: str) -> Line:
        line = Line(self._next, stream, self._now)
        self._next += 1
        return line

    def _touch(self, line: Line) -> None:
        self._touched[line.number] = line


# --- the file ---------------------------------------------------------------------------------


def shown(records: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Yield what was printed, without times, in pieces; the memory it takes has a bound.

    Args:
        records: The journal and the content of each record of console text, in order.
    """
    lines, waiting = ConsoleLines(), dict[int, str]()
    # Lines that were written out while they could still change, and where they lie.
    late: dict[int, str] = {}
    places: list[tuple[int, int, int]] = []
    written = 0
    with TemporaryFile("w+b") as spool:
        for count, (journal, content) in enumerate(records, 1):
            lines.write(stream_of(journal, content), content.get("line", ""), 0.0)
            if count % _FOLD_RECORDS:
                continue
            _sort_in(lines.take_changed(), waiting, late)
            if len(waiting) > _HELD_LINES:
                changeable = lines.changeable()
                for number in sorted(waiting)[: _HELD_LINES // 2]:
                    line = f"{waiting.pop(number)}\n".encode()
                    if number in changeable:
                        late[number] = line.decode()[:-1]
                        places.append((written, len(line), number))
                    spool.write(line)
                    written += len(line)
        _sort_in(lines.take_changed(), waiting, late)
        yield from _spooled(spool, places, late)
    for number in sorted(waiting):
        yield f"{waiting[number]}\n"


def _sort_in(changed: Iterable[Line], waiting: dict[int, str], late: dict[int, str]) -> None:
    for line in changed:
        (late if line.number in late else waiting)[line.number] = line.text


def _spooled(spool: Any, places: list[tuple[int, int, int]], late: dict[int, str]) -> Iterator[str]:
    spool.seek(0)
    for at, size, number in places:
        yield from _decoded(spool, at - spool.tell())
        spool.seek(size, 1)
        yield f"{late[number]}\n"
    yield from _decoded(spool, None)


def _decoded(spool: Any, size: int | None) -> Iterator[str]:
    """Yield whole lines of the next bytes."""
    left = size
    while left is None or left > 0:
        line = spool.readline()
        if not line:
            return
        left = None if left is None else left - len(line)
        yield line.decode()
