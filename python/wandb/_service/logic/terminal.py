"""What a terminal would show of a stream of text: lines, a cursor, colours.

Only what can still change is kept. Colours and links stay in the text; what moves the cursor or
erases is carried out; what sets up the terminal itself (a hidden cursor, a title) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from wandb._service.logic.line import Line, style_after

__all__ = ("Screen",)

# How far up a program may move the cursor and still change a line.
REACH = 32
# More parameters than a real movement has are nonsense, and so are colours of so many characters.
_FARTHEST = 10_000
_LONGEST_COLOUR = 128
# Characters of the lines that a later process may still change.
_MOST_KEPT = 32_000

_SPECIAL = re.compile(r"[\r\x08\x1b]")
_TOKEN = re.compile(
    r"(?P<text>[^\n\r\x08\x1b]+)|(?P<control>[\n\r\x08])"
    r"|\x1b\[(?P<parameters>[0-9:;<=>?]*)[ -/]*(?P<final>[@-~])"
    r"|(?P<osc>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))|\x1b(?P<short>[ -/]*[0-~])|\x1b"
)
# An escape sequence whose end is still to come.
_UNFINISHED = re.compile(
    r"\x1b(?:\[[0-9:;<=>?]{0,64}[ -/]*|\][^\x07\x1b]{0,4096}\x1b?|[ -/]{0,4})?\Z"
)

# Programs use few colours, again and again.
_style_then = lru_cache(256)(style_after)


@dataclass(slots=True)
class Screen:
    """The last lines of one stream, and where its cursor is.

    Attributes:
        begin: Makes the next line.
        touched: Called with each line that is new or changes.
        up: Rows from the last one up to the cursor.
        fresh: The last row is below the last line and has no text yet.
        style: The colours that are on at the cursor.
        pending: The start of an escape sequence.
        page: The number of the first line that the cursor's home position may mean.
    """

    begin: Callable[[], Line]
    touched: Callable[[Line], None]
    lines: list[Line] = field(default_factory=list)
    up: int = 0
    fresh: bool = True
    style: str = ""
    pending: str = ""
    page: int = 0
    saved: tuple[int, int] | None = None

    def write(self, text: str) -> None:
        """Take in what the stream got."""
        if self.pending:
            text, self.pending = self.pending + text, ""
        if _SPECIAL.search(text) is None:
            self._write_plain(text)
            return
        unfinished = _UNFINISHED.search(text)
        if unfinished is not None:
            self.pending = unfinished.group()
            text = text[: unfinished.start()]
        for token in _TOKEN.finditer(text):
            self._take(token)

    def _write_plain(self, text: str) -> None:
        first, *others = text.split("\n")
        if first:
            self._put(first)
        for part in others:
            self._end_line()
            if part:
                self._put(part)

    def _take(self, token: re.Match[str]) -> None:
        kind = token.lastgroup
        if kind == "text":
            self._put(token.group())
        elif kind == "control":
            _CONTROLS[token.group()](self)
        elif kind == "final":
            self._take_sequence(token)
        elif kind == "osc":
            # Links have a text that is seen; titles and the like have none.
            if token.group().startswith("\x1b]8;"):
                self._put_link(token.group())
        elif kind == "short" and (act := _SHORT.get(token.group("short"))):
            act(self)

    def _take_sequence(self, token: re.Match[str]) -> None:
        final, parameters = token.group("final"), token.group("parameters")
        if final == "m" and parameters[:1] not in ("<", "=", ">", "?"):
            self._put_colour(token.group())
        elif act := _SEQUENCES.get(final):
            numbers = [int(one[:6]) if one.isdecimal() else None for one in parameters.split(";")]
            act(self, [None if one is None else min(one, _FARTHEST) for one in numbers])

    # --- text ---------------------------------------------------------------------------------

    def line(self) -> Line:
        """Return the line under the cursor, a new one if there is none."""
        if self.fresh and not self.up:
            self.lines.append(self.begin())
            del self.lines[:-REACH]
            self.fresh = False
        return self._under_cursor()

    def _put(self, text: str) -> None:
        line = self.line()
        while len(text) > (room := line.room()):
            line.put(text[:room], self.style)
            text = text[room:]
            self.touched(line)
            self._end_line()
            line = self.line()
        line.put(text, self.style)
        self.touched(line)

    def _put_colour(self, sequence: str) -> None:
        if len(sequence) <= _LONGEST_COLOUR:
            line = self.line()
            self.style = _style_then(self.style, sequence)
            line.colour(sequence, self.style)
            self.touched(line)

    def _put_link(self, sequence: str) -> None:
        """Keep a link at the end of a line; over other text, only its own text is kept."""
        line = self.line()
        if line.at is None and len(sequence) <= line.room():
            line.put(sequence, self.style)
            self.touched(line)

    def _end_line(self) -> None:
        if self.fresh and not self.up:
            self.touched(self.line())
        if not self.up:
            self.fresh = True
            return
        self.up -= 1
        if not (self.fresh and not self.up):
            self._under_cursor().go(0, self.style)

    # --- the cursor ---------------------------------------------------------------------------

    def _reach(self) -> int:
        return len(self.lines) if self.fresh else max(len(self.lines) - 1, 0)

    def _under_cursor(self) -> Line:
        return self.lines[-self.up if self.fresh else -1 - self.up]

    @property
    def _on_fresh_row(self) -> bool:
        return self.fresh and not self.up

    def _column(self) -> int:
        if self._on_fresh_row:
            return 0
        self._under_cursor().take_apart(self.style)
        return self._under_cursor().column()

    def go_to(self, column: int) -> None:
        """Move within the line."""
        if self._on_fresh_row:
            if column <= 0:
                return
            self.touched(self.line())
        self._under_cursor().go(column, self.style)

    def move_by(self, columns: int) -> None:
        """Move to the right, or to the left."""
        self.go_to(self._column() + columns)

    def climb(self, rows: int, *, column: int | None = None) -> None:
        """Move up, or down; not below the last row, as there may be nothing."""
        column = self._column() if column is None else column
        self.up = min(max(self.up + rows, 0), self._reach())
        self.go_to(column)

    def go_home(self) -> None:
        """Move to the start of the page, as far as that can be reached."""
        above = [line for line in self.lines if line.number >= self.page]
        row = len(above) if self.fresh else len(above) - 1
        self.climb(max(row, 0) - self.up, column=0)

    def save(self) -> None:
        """Remember where the cursor is."""
        line = self.line()
        self.touched(line)
        self.saved = (line.number, self._column())

    def restore(self) -> None:
        """Return to where the cursor was, if that can still be reached."""
        number, column = self.saved or (-1, 0)
        rows = [
            up
            for up, line in enumerate(reversed(self.lines), int(self.fresh))
            if line.number == number
        ]
        if rows:
            self.climb(rows[0] - self.up, column=column)

    # --- erasing ------------------------------------------------------------------------------

    def edit(self, edit: Callable[[Line], None]) -> None:
        """Change the line under the cursor, if there is one."""
        if not self._on_fresh_row:
            line = self._under_cursor()
            edit(line)
            self.touched(line)

    def erase_line(self, how: int) -> None:
        """Erase to the end of the line (0), from its start (1), or all of it (2)."""
        self.edit(lambda line: line.erase(how, self.style))

    def delete(self, count: int) -> None:
        """Take columns out at the cursor."""
        self.edit(lambda line: line.delete(count, self.style))

    def erase_page(self, how: int) -> None:
        """Erase what is below the cursor; a whole page is kept, and another one begins."""
        if how == 0:
            self.erase_line(0)
            for line in self.lines[len(self.lines) - self.up + (0 if not self.fresh else 1) :]:
                line.clear()
                self.touched(line)
        elif how in (2, 3):
            if self._reach() and not self._on_fresh_row:
                self.up, self.fresh = 0, True
            self.page = self.lines[-1].number + 1 if self.lines else 0

    # --- what outlives a process --------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """Return the state as plain values."""
        column = 0 if self._on_fresh_row else self._under_cursor().column()
        lines = self._kept_lines()
        rest = {"style": self.style, "pending": self.pending, "page": self.page}
        return {"lines": lines, "up": self.up, "column": column, "fresh": self.fresh, **rest}

    def _kept_lines(self) -> list[list[Any]]:
        """Return the lines from the cursor's on, and of those above it as many as are short."""
        lines: list[list[Any]] = []
        size = 0
        for up, line in enumerate(reversed(self.lines), int(self.fresh)):
            text = line.text
            size += len(text)
            if up > self.up and size > _MOST_KEPT:
                break
            lines.append([line.number, text, line.timestamp])
        return lines[::-1]

    def take_up(self, kept: dict[str, Any], stream: str) -> None:
        """Go on from a state."""
        self.lines = [
            Line(number, stream, timestamp, [text], len(text))
            for number, text, timestamp in kept["lines"]
        ]
        self.up, self.fresh = kept["up"], kept["fresh"]
        self.style, self.pending = kept.get("style", ""), kept.get("pending", "")
        self.page = kept.get("page", 0)
        if self.lines and not self._on_fresh_row:
            line = self._under_cursor()
            if (kept["column"], self.style) != (line.column(), style_after("", line.end())):
                line.go(kept["column"], self.style)


# --- what is done for which sequence ----------------------------------------------------------

_CONTROLS: dict[str, Callable[[Screen], None]] = {
    "\n": Screen._end_line,
    "\r": lambda screen: screen.go_to(0),
    "\x08": lambda screen: screen.move_by(-1),
}
_SHORT: dict[str, Callable[[Screen], None]] = {
    "7": Screen.save,
    "8": Screen.restore,
    "D": lambda screen: screen.climb(-1),
    "E": Screen._end_line,
    "M": lambda screen: screen.climb(1),
}


def _count(numbers: list[int | None]) -> int:
    return numbers[0] or 1


_SEQUENCES: dict[str, Callable[[Screen, list[int | None]], None]] = {
    "A": lambda screen, numbers: screen.climb(_count(numbers)),
    "B": lambda screen, numbers: screen.climb(-_count(numbers)),
    "C": lambda screen, numbers: screen.move_by(_count(numbers)),
    "D": lambda screen, numbers: screen.move_by(-_count(numbers)),
    "E": lambda screen, numbers: screen.climb(-_count(numbers), column=0),
    "F": lambda screen, numbers: screen.climb(_count(numbers), column=0),
    "G": lambda screen, numbers: screen.go_to(_count(numbers) - 1),
    "`": lambda screen, numbers: screen.go_to(_count(numbers) - 1),
    "H": lambda screen, _: screen.go_home(),
    "f": lambda screen, _: screen.go_home(),
    "J": lambda screen, numbers: screen.erase_page(numbers[0] or 0),
    "K": lambda screen, numbers: screen.erase_line(numbers[0] or 0),
    "P": lambda screen, numbers: screen.delete(_count(numbers)),
    "@": lambda screen, numbers: screen.edit(lambda line: line.insert(_count(numbers))),
    "X": lambda screen, numbers: screen.edit(lambda line: line.blank(_count(numbers))),
    "s": lambda screen, _: screen.save(),
    "u": lambda screen, _: screen.restore(),
}
