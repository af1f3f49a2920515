"""What was written to a terminal, as numbered lines: progress bars show their last state only.

Each stream of each process has a line of its own that is still open; a line gets its number when
its first text comes. What a carriage return or a cursor movement overwrites is sent again under
the same number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

__all__ = ("ConsoleLines", "stamped")

# How far up a program may move the cursor and still change a line.
_REACH = 32
_LONGEST_LINE = 100_000
_PART = re.compile(
    r"\n|\r|\x08|\x1b\[(\d*)([AB])|\x1b\[(\d*)K|[^\n\r\x08\x1b]+|\x1b(?:\[[0-9;?]*[ -/]*[@-~]|.)?"
)


def stamped(text: str, *, stderr: bool, timestamp: float) -> str:
    """Return a console line as servers take it: time in UTC, a prefix for errors."""
    moment = datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{'ERROR ' if stderr else ''}{moment} {text}"


@dataclass(slots=True)
class _Line:
    number: int
    text: str
    timestamp: float


@dataclass(slots=True)
class _Screen:
    """The last lines of one stream, and where its cursor is; row counts from the last line up."""

    lines: list[_Line] = field(default_factory=list)
    up: int = 0
    column: int = 0
    # The next text begins a new line.
    fresh: bool = True

    def reach(self) -> int:
        """How far up the cursor may go."""
        return len(self.lines) if self.fresh else max(len(self.lines) - 1, 0)

    def under_cursor(self) -> _Line:
        """The line that is there; the row below the last one has none yet."""
        return self.lines[-self.up if self.fresh else -1 - self.up]


class ConsoleLines:
    """Numbers the lines of all streams of a run.

    Args:
        state: What `state` returned, to go on after it.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        known = state or {}
        self._next: int = known.get("next", 0)
        self._screens = {name: _restored(kept) for name, kept in known.get("open", {}).items()}

    def state(self) -> dict[str, Any]:
        """Return what a later `ConsoleLines` needs to go on: plain values."""
        kept = {name: _kept(screen) for name, screen in self._screens.items() if screen.lines}
        return {"next": self._next, "open": kept}

    def write(self, stream: str, text: str, timestamp: float) -> dict[int, tuple[str, float]]:
        """Take in text; return lines that are new or changed, by number, with their times."""
        screen = self._screens.setdefault(stream, _Screen())
        changed: dict[int, tuple[str, float]] = {}
        for part in _PART.finditer(text):
            line = self._take(screen, part, timestamp)
            if line is not None:
                changed[line.number] = (line.text, line.timestamp)
        return changed

    def _take(self, screen: _Screen, part: re.Match[str], timestamp: float) -> _Line | None:
        token = part.group()
        if token == "\n":
            return self._end_line(screen, timestamp)
        if token == "\r":
            screen.column = 0
        elif token == "\x08":
            screen.column = max(0, screen.column - 1)
        elif part.group(2):
            distance = int(part.group(1) or 1)
            screen.up += distance if part.group(2) == "A" else -distance
            screen.up = min(max(screen.up, 0), screen.reach())
        elif part.group(3) is not None:
            return self._erase(screen, part.group(3))
        else:
            return self._overwrite(screen, token, timestamp)
        return None

    def _end_line(self, screen: _Screen, timestamp: float) -> _Line | None:
        screen.column = 0
        if screen.up:
            screen.up -= 1
            return None
        empty = self._line(screen, timestamp) if screen.fresh else None
        screen.fresh = True
        return empty

    def _line(self, screen: _Screen, timestamp: float) -> _Line:
        """Return the line under the cursor, a new one if the last is ended."""
        if screen.fresh and not screen.up:
            screen.lines.append(_Line(self._next, "", timestamp))
            self._next += 1
            del screen.lines[:-_REACH]
            screen.fresh = False
        return screen.under_cursor()

    def _erase(self, screen: _Screen, how: str) -> _Line | None:
        if screen.fresh and not screen.up:
            return None
        line = screen.under_cursor()
        line.text = (
            "" if how == "2" else line.text[: screen.column] if how in ("", "0") else line.text
        )
        return line

    def _overwrite(self, screen: _Screen, text: str, timestamp: float) -> _Line | None:
        line = self._line(screen, timestamp)
        column = screen.column
        screen.column = min(column + len(text), _LONGEST_LINE)
        if column >= _LONGEST_LINE:
            return None  # dots without an end cost nothing once they are not kept
        if column == 0 and "\x1b" in line.text:
            # Colours have no width: what is under new text can't be told, so all of it goes.
            line.text = text
        elif column >= len(line.text):
            line.text = (line.text.ljust(column) + text)[:_LONGEST_LINE]
        else:
            line.text = line.text[:column] + text + line.text[column + len(text) :]
        return line


def _kept(screen: _Screen) -> dict[str, Any]:
    lines = [[line.number, line.text, line.timestamp] for line in screen.lines]
    return {"lines": lines, "up": screen.up, "column": screen.column, "fresh": screen.fresh}


def _restored(kept: dict[str, Any]) -> _Screen:
    lines = [_Line(*line) for line in kept["lines"]]
    return _Screen(lines, kept["up"], kept["column"], kept["fresh"])
