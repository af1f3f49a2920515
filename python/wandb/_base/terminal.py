"""What the package says to the user: lines on stderr, and nowhere else.

Every line starts with `wandb: `, in colour only on a terminal. Saying something never fails: a
stream that is missing, closed or can't encode the text is the user's choice, not an error.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from typing import Protocol, TextIO

    class SpeechSettings(Protocol):
        """The settings that decide what is said; `wandb.Settings` has them."""

        silent: bool
        show_info: bool
        show_warnings: bool
        show_errors: bool
        show_colors: bool | None


__all__ = ("configure", "termerror", "termlog", "termsetup", "termwarn")

_RESET = "\x1b[0m"
_NAME = ("wandb", "\x1b[34m\x1b[1m")
# The numbers of `logging`, which is too heavy to load for three of them.
_INFO, _WARNING, _ERROR = 20, 30, 40
_LEVEL_NAMES = {
    _INFO: ("", ""),
    _WARNING: ("WARNING", "\x1b[33m"),
    _ERROR: ("ERROR", "\x1b[31m\x1b[1m"),
}


class _Speech:
    """Which levels are said, in what dress, and what was already said once."""

    def __init__(self) -> None:
        self.levels = frozenset(_LEVEL_NAMES)
        self.colors: bool | None = None
        self.logger: logging.Logger | None = None
        self._said: set[str] = set()

    def say(self, level: int, string: str, *, newline: bool, repeat: bool, prefix: bool) -> None:
        if not (repeat or self._is_new(level, string)):
            return
        if level in self.levels:
            text = self._dressed(level, string, prefix=prefix)
            _write(text + "\n" if newline else text)
        elif self.logger is not None:
            # What the user asked not to see is still worth having in debug.log.
            self.logger.log(level, "%s", string)

    def _is_new(self, level: int, string: str) -> bool:
        key = f"{level} {string}"
        new = key not in self._said
        self._said.add(key)
        return new

    def _dressed(self, level: int, string: str, *, prefix: bool) -> str:
        colored = _wants_color(sys.stderr) if self.colors is None else self.colors
        level_name = _painted(*_LEVEL_NAMES[level], colored=colored)
        opening = f"{_painted(*_NAME, colored=colored)}: " if prefix else ""
        opening += f"{level_name} " if level_name else ""
        return "\n".join(opening + line for line in string.split("\n"))


def _painted(text: str, color: str, *, colored: bool) -> str:
    return f"{color}{text}{_RESET}" if colored and text else text


def _wants_color(stream: TextIO | None) -> bool:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return stream is not None and stream.isatty()
    except (AttributeError, OSError, ValueError):  # not a real file, or closed
        return False


def _write(text: str) -> None:
    """Write in one call, so that lines of several threads don't mix."""
    stream: TextIO | None = sys.stderr
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except UnicodeEncodeError:
        _write(text.encode("ascii", "backslashreplace").decode("ascii"))
    except (AttributeError, OSError, ValueError):
        return


_speech = _Speech()


def configure(
    *,
    silent: bool = False,
    show_info: bool = True,
    show_warnings: bool = True,
    show_errors: bool = True,
    colors: bool | None = None,
    logger: logging.Logger | None = None,
) -> None:
    """Set what is said from now on in this process.

    Args:
        silent: Say nothing at all, whatever the other switches are.
        show_info: Say what `termlog` is given.
        show_warnings: Say what `termwarn` is given.
        show_errors: Say what `termerror` is given.
        colors: True or False decides; None looks whether stderr is a terminal, each time.
        logger: Gets what is not said, at its level. None keeps the present one.
    """
    switches = {
        _INFO: show_info,
        _WARNING: show_warnings,
        _ERROR: show_errors,
    }
    _speech.levels = frozenset(level for level, on in switches.items() if on and not silent)
    _speech.colors = colors
    _speech.logger = logger or _speech.logger


def termsetup(settings: SpeechSettings, logger: logging.Logger | None) -> None:
    """Set what is said from now on, by the switches of a settings object.

    Args:
        settings: Where the switches are read, once.
        logger: Gets what is not said. None keeps the present one.
    """
    configure(
        silent=settings.silent,
        show_info=settings.show_info,
        show_warnings=settings.show_warnings,
        show_errors=settings.show_errors,
        colors=settings.show_colors,
        logger=logger,
    )


def termlog(
    string: str = "",
    newline: bool = True,
    repeat: bool = True,
    prefix: bool = True,
) -> None:
    """Tell the user something.

    Args:
        string: What; each of its lines gets the prefix.
        newline: End the line.
        repeat: False says the same text only once in this process.
        prefix: Start with `wandb: `.
    """
    _speech.say(_INFO, string, newline=newline, repeat=repeat, prefix=prefix)


def termwarn(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Warn the user: done, but not as asked.

    Args:
        string: What; each of its lines gets the prefix and `WARNING`.
        newline: End the line.
        repeat: False says the same text only once in this process.
        prefix: Start with `wandb: `.
    """
    _speech.say(_WARNING, string, newline=newline, repeat=repeat, prefix=prefix)


def termerror(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Tell the user of an error: data was lost, or a thing could not be done.

    Args:
        string: What; each of its lines gets the prefix and `ERROR`.
        newline: End the line.
        repeat: False says the same text only once in this process.
        prefix: Start with `wandb: `.
    """
    _speech.say(_ERROR, string, newline=newline, repeat=repeat, prefix=prefix)
