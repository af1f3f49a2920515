"""A line of a terminal, as text where it only grows and as columns where it is written over."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

__all__ = ("LONGEST_LINE", "WIDEST", "Line", "style_after")

# Columns that may be changed; what a line holds beyond them can only be replaced as a whole.
WIDEST = 4_096
# A longer line goes on in the next one.
LONGEST_LINE = 100_000
# Accents on one character.
_MOST_ACCENTS = 16

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_INVISIBLE = re.compile(r"\x1b\[[0-9;:]*m|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

# A column: the colours that are on, and what stands there.
Cell = tuple[str, str]
_BLANK: Cell = ("", " ")


@dataclass(slots=True)
class Line:
    """A line with a number of its own.

    What is written at its end is kept as it was written, and is taken apart into columns once the
    cursor moves: no movement costs more than the columns that may be changed.

    Attributes:
        stream: Which stream it is of.
        timestamp: When its first text came, seconds since the epoch.
        tail: What follows the columns, as it was written.
        tail_size: Its characters.
        cells: The columns that were taken apart, at most `WIDEST`.
        at: The column under the cursor; None for the end of the line.
        style: Colours that are on at the end and that nothing in the line says.
    """

    number: int
    stream: str
    timestamp: float
    tail: list[str] = field(default_factory=list)
    tail_size: int = 0
    cells: list[Cell] = field(default_factory=list)
    at: int | None = None
    style: str = ""

    @property
    def text(self) -> str:
        """What is seen, without blanks at the end."""
        shown = _drawn(self.cells) if self.cells else ""
        if len(shown) > LONGEST_LINE:
            shown = "".join(character for _, character in self.cells)
        return (shown + self.end()).rstrip(" ")

    def end(self) -> str:
        """Return what follows the columns."""
        if len(self.tail) > 1:
            self.tail[:] = ["".join(self.tail)]
        return self.tail[0] if self.tail else ""

    def room(self) -> int:
        """How many characters may be written at the cursor."""
        used = len(self.cells) + self.tail_size if self.at is None else 0
        return max(LONGEST_LINE - used, 0)

    def column(self) -> int:
        """Where the cursor is."""
        if self.at is not None:
            return self.at
        if len(self.cells) >= WIDEST:
            return WIDEST
        return min(len(self.cells) + _width(self.end()), WIDEST)

    def put(self, text: str, style: str) -> None:
        """Write at the cursor, in the colours that are on."""
        if self.at is None:
            self._append(self.style + text if self.style else text)
            self.style = ""
            return
        # With the column before it, which an accent belongs to.
        first = max(self.at - 1, 0)
        cells = self.cells[first : self.at]
        _add_cells(cells, style, text)
        self.at = first + len(cells)
        self.cells[first : self.at] = cells
        if self.at > WIDEST:
            self._close_columns()
            self.at = None
        self._settle(style)

    def colour(self, sequence: str, style: str) -> None:
        """Take in that from the cursor on `style` is on, by a sequence that was written."""
        if self.at is not None:
            return
        if self.tail or not (self.cells or self.style):
            if len(sequence) <= self.room():
                self._append(sequence)
        else:
            self.style = style

    def go(self, column: int, style: str) -> None:
        """Move the cursor."""
        self.take_apart(style)
        self.at = min(max(column, 0), WIDEST)
        self.cells += [_BLANK] * (self.at - len(self.cells))
        if self.at == WIDEST:
            self.at = None
        self._settle(style)

    def take_apart(self, style: str) -> None:
        """Turn the tail into columns, as far as these may be changed."""
        if self.tail and len(self.cells) < WIDEST:
            self.cells += _cells(self.end())
            self._set_tail("")
            self._close_columns()
            self._settle(style)

    def erase(self, how: int, style: str) -> None:
        """Erase to the end of the line (0), from its start (1), or all of it (2)."""
        self.take_apart(style)
        column = self.column()
        if how != 1:
            del self.cells[column:]
            self._set_tail("")
        if how != 0:
            self.cells[:column] = [_BLANK] * column
        self._settle(style)

    def delete(self, count: int, style: str) -> None:
        """Take columns out; what is beyond those that may be changed stays where it is."""
        if self.at is not None:
            before = len(self.cells)
            del self.cells[self.at : self.at + count]
            if self.tail:
                self.cells += [_BLANK] * (before - len(self.cells))
            self._settle(style)

    def insert(self, count: int) -> None:
        """Put blanks in; what they push too far is gone."""
        if self.at is not None:
            self.cells[self.at : self.at] = [_BLANK] * min(count, WIDEST)
            del self.cells[WIDEST:]

    def blank(self, count: int) -> None:
        """Blank columns out."""
        if self.at is not None:
            count = min(count, len(self.cells) - self.at)
            self.cells[self.at : self.at + count] = [_BLANK] * count

    def clear(self) -> None:
        """Take everything out."""
        self.cells, self.at, self.style = [], None, ""
        self._set_tail("")

    def _append(self, text: str) -> None:
        self.tail.append(text)
        self.tail_size += len(text)

    def _set_tail(self, text: str) -> None:
        self.tail[:] = [text] if text else []
        self.tail_size = len(text)

    def _close_columns(self) -> None:
        """Make what is too far to the right the tail."""
        if len(self.cells) > WIDEST:
            self._set_tail(_drawn(self.cells[WIDEST:])[:LONGEST_LINE])
            del self.cells[WIDEST:]

    def _settle(self, style: str) -> None:
        """Behind the last column, and nothing beyond it, is the end of the line."""
        if self.at is not None and self.at >= len(self.cells) and not self.tail:
            self.at = None
        if self.at is None and not self.tail:
            self.style = style


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
        style, at = style_after(style, sequence.group()), sequence.end()
    _add_cells(cells, style, text[at:])
    return cells


def _add_cells(cells: list[Cell], style: str, text: str) -> None:
    if text.isascii():
        cells += [(style, character) for character in text]
        return
    for character in text:
        if cells and not character.isascii() and unicodedata.combining(character):
            under, whole = cells[-1]
            if len(whole) <= _MOST_ACCENTS:
                cells[-1] = (under, whole + character)
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


def style_after(style: str, text: str) -> str:
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
