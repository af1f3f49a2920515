"""What a terminal would show of a stream of text: lines, a cursor, colours.

Only what can still change is kept. Colours and links stay in the text; what moves the cursor or
erases is carried out; what sets up the terminal itself (a hidden cursor, a title) is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ("Line", "Screen")

# How far up a program may move the cursor and still change a line.
REACH = 32
# A longer line goes on in the next one.
LONGEST_LINE = 100_000
# More parameters than a real movement has are nonsense.
_FARTHEST = 10_000

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
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_INVISIBLE = re.compile(r"\x1b\[[0-9;:]*m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

# A column: the colours that are on, and what stands there.
Cell = tuple[str, str]
_BLANK: Cell = ("", " ")


@dataclass(slots=True)
class Line:
    """A line with a number of its own.

    Attributes:
        stream: Which stream it is of.
        timestamp: When its first text came, seconds since the epoch.
        head: The text up to the cursor, as it was written.
        under: All columns as they were before the cursor went back; seen beyond the head.
    """

    number: int
    stream: str
    timestamp: float
    head: str = ""
    under: list[Cell] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is seen, without blanks at the end."""
        shown = self.head + _drawn(self.under[self.column() :]) if self.under else self.head
        return shown.rstrip(" ")

    def column(self) -> int:
        """Where the cursor is."""
        return _width(self.head)

    def go(self, column: int, style: str = "") -> None:
        """Move the cursor; `style` are the colours that are on."""
        cells = _cells(self.head)
        cells += self.under[len(cells) :]
        column = min(max(column, 0), LONGEST_LINE)
        before = cells[:column] + [_BLANK] * (column - len(cells))
        self.head, self.under = _drawn(before) + style, cells

    def change(self, edit: Callable[[list[Cell]], list[Cell]]) -> None:
        """Change the columns from the cursor on."""
        column = self.column()
        under = self.under + [_BLANK] * (column - len(self.under))
        self.under = under[:column] + edit(under[column:])


@dataclass(slots=True)
class Screen:
    """The last lines of one stream, and where its cursor is.

    Attributes:
        begin: Makes the next line.
        touched: Called with each line that is new or changes.
        up: Rows from the last one up to the cursor.
        fresh: The last row is below the last line and has no text yet.
        style: The colours that are on where the present line begins.
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
                self._put(token.group())
        elif kind == "short" and (act := _SHORT.get(token.group("short"))):
            act(self)

    def _take_sequence(self, token: re.Match[str]) -> None:
        final, parameters = token.group("final"), token.group("parameters")
        if final == "m" and parameters[:1] not in ("<", "=", ">", "?"):
            self._put(token.group())
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
        while len(line.head) + len(text) > LONGEST_LINE:
            room = LONGEST_LINE - len(line.head)
            line.head, text = line.head + text[:room], text[room:]
            self.touched(line)
            self._end_line()
            line = self.line()
        line.head += text
        self.touched(line)

    def _end_line(self) -> None:
        if self.fresh and not self.up:
            self.touched(self.line())
        self._leave_line()
        if not self.up:
            self.fresh = True
            return
        self.up -= 1
        if not (self.fresh and not self.up):
            self._under_cursor().go(0, self.style)

    def _leave_line(self) -> None:
        self.style = self._style()

    def _style(self) -> str:
        """Return the colours that are on at the cursor."""
        return _style_after(self.style, self._under_cursor().head)

    # --- the cursor ---------------------------------------------------------------------------

    def _reach(self) -> int:
        return len(self.lines) if self.fresh else max(len(self.lines) - 1, 0)

    def _under_cursor(self) -> Line:
        return self.lines[-self.up if self.fresh else -1 - self.up]

    @property
    def _on_fresh_row(self) -> bool:
        return self.fresh and not self.up

    def _column(self) -> int:
        return 0 if self._on_fresh_row else self._under_cursor().column()

    def go_to(self, column: int) -> None:
        """Move within the line."""
        if self._on_fresh_row:
            if column <= 0:
                return
            self.touched(self.line())
        self._under_cursor().go(column, self._style())

    def move_by(self, columns: int) -> None:
        """Move to the right, or to the left."""
        self.go_to(self._column() + columns)

    def climb(self, rows: int, *, column: int | None = None) -> None:
        """Move up, or down; not below the last row, as there may be nothing."""
        column = self._column() if column is None else column
        if not self._on_fresh_row:
            self._leave_line()
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
        self.saved = (line.number, line.column())

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

    def edit(self, edit: Callable[[list[Cell]], list[Cell]]) -> None:
        """Change the columns from the cursor on."""
        if not self._on_fresh_row:
            line = self._under_cursor()
            line.change(edit)
            self.touched(line)

    def erase_line(self, how: int) -> None:
        """Erase to the end of the line (0), from its start (1), or all of it (2)."""
        if self._on_fresh_row:
            return
        line = self._under_cursor()
        if how != 1:
            line.under = []
        if how != 0:
            line.head = " " * line.column() + self._style()
        self.touched(line)

    def erase_page(self, how: int) -> None:
        """Erase what is below the cursor; a whole page is kept, and another one begins."""
        if how == 0:
            self.erase_line(0)
            for line in self.lines[len(self.lines) - self.up + (0 if not self.fresh else 1) :]:
                line.head, line.under = "", []
                self.touched(line)
        elif how in (2, 3):
            if self._reach() and not self._on_fresh_row:
                self._leave_line()
                self.up, self.fresh = 0, True
            self.page = self.lines[-1].number + 1 if self.lines else 0

    # --- what outlives a process --------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """Return the state as plain values."""
        lines = [[line.number, line.text, line.timestamp] for line in self.lines]
        style = self.style if self._on_fresh_row else self._style()
        column = self._column()
        rest = {"style": style, "pending": self.pending, "page": self.page}
        return {"lines": lines, "up": self.up, "column": column, "fresh": self.fresh, **rest}

    def take_up(self, kept: dict[str, Any], stream: str) -> None:
        """Go on from a state."""
        self.lines = [
            Line(number, stream, timestamp, head) for number, head, timestamp in kept["lines"]
        ]
        self.up, self.fresh = kept["up"], kept["fresh"]
        self.style, self.pending = kept.get("style", ""), kept.get("pending", "")
        self.page = kept.get("page", 0)
        if self.lines and not self._on_fresh_row:
            line = self._under_cursor()
            if (kept["column"], self.style) != (line.column(), _style_after("", line.head)):
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
    "P": lambda screen, numbers: screen.edit(lambda cells: cells[_count(numbers) :]),
    "@": lambda screen, numbers: screen.edit(lambda cells: [_BLANK] * _count(numbers) + cells),
    "X": lambda screen, numbers: screen.edit(
        lambda cells: [_BLANK] * min(_count(numbers), len(cells)) + cells[_count(numbers) :]
    ),
    "s": lambda screen, _: screen.save(),
    "u": lambda screen, _: screen.restore(),
}


# --- columns ----------------------------------------------------------------------------------


def _width(text: str) -> int:
    if text.isascii():
        return len(_INVISIBLE.sub("", text)) if "\x1b" in text else len(text)
    return len(_cells(text))


def _cells(text: str) -> list[Cell]:
    """Take text apart into columns; a wide character has a second one without text."""
    if text.isascii() and "\x1b" not in text:
        return [("", character) for character in text]
    cells: list[Cell] = []
    style, at = "", 0
    for sequence in _INVISIBLE.finditer(text):
        _add_cells(cells, style, text[at : sequence.start()])
        style, at = _style_after(style, sequence.group()), sequence.end()
    _add_cells(cells, style, text[at:])
    return cells


def _add_cells(cells: list[Cell], style: str, text: str) -> None:
    for character in text:
        if cells and not character.isascii() and unicodedata.combining(character):
            cells[-1] = (cells[-1][0], cells[-1][1] + character)
            continue
        cells.append((style, character))
        if not character.isascii() and unicodedata.east_asian_width(character) in "WF":
            cells.append((style, ""))


def _drawn(cells: list[Cell]) -> str:
    """Put columns together, colours where they change."""
    parts: list[str] = []
    on = ""
    for style, character in cells:
        if style != on:
            parts.append(("\x1b[0m" if on else "") + style)
            on = style
        parts.append(character)
    return "".join(parts) + ("\x1b[0m" if on else "")


def _style_after(style: str, text: str) -> str:
    """Return the colours that are on after a text, each sequence once."""
    if "\x1b" not in text:
        return style
    on = dict.fromkeys(_COLOUR.findall(style))
    for sequence in _COLOUR.findall(text):
        if re.match(r"\x1b\[0*[m;]", sequence):
            on.clear()
        if not re.fullmatch(r"\x1b\[0*m", sequence):
            on.pop(sequence, None)
            on[sequence] = None
    return "".join(list(on)[-16:])
