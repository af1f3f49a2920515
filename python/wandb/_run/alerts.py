"""Alerts: what a script tells people through the server."""

from datetime import timedelta
from enum import Enum
from typing import Any

from wandb._wire.journal import Record, alert_record


class AlertLevel(Enum):
    """How bad it is."""

    # The name it has in the original, under which it is pickled.
    __module__ = "wandb.sdk.wandb_alerts"

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


_LEVELS = frozenset(level.value for level in AlertLevel)
_USUAL_WAIT = timedelta(minutes=1)
# What the field of the record holds.
_MOST_MILLIS = 2**63 - 1


def alert(title: Any, text: Any, level: Any, wait_duration: Any) -> Record:
    """Return the record of an alert; see `Run.alert`.

    Raises:
        TypeError: The title or the text is no string, or the wait is no time.
        ValueError: There is no such level, or the wait is not a number.
        OverflowError: The wait is longer than anybody can.
    """
    for what, given in (("title", title), ("text", text)):
        if not isinstance(given, str):
            raise TypeError(
                f"an alert's {what} is a string, not {type(given).__name__}; nothing was sent"
            )
    return alert_record(
        title=_storable(title),
        text=_storable(text),
        level=_level(level or AlertLevel.INFO),
        wait_millis=_millis(wait_duration or _USUAL_WAIT),
    )


def _storable(text: str) -> str:
    """Half a character, as a file name may hold one, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _level(level: Any) -> str:
    name = level.value if isinstance(level, AlertLevel) else level
    if name not in _LEVELS:
        raise ValueError(
            f"an alert's level is 'INFO', 'WARN' or 'ERROR', not {level!r}; nothing was sent"
        )
    return str(name)


def _millis(wait: Any) -> int:
    if isinstance(wait, (int, float)):
        wait = timedelta(seconds=wait)
    if not callable(getattr(wait, "total_seconds", None)):
        raise TypeError(
            "wait_duration is a number of seconds or a datetime.timedelta, not "
            f"{type(wait).__name__}; nothing was sent"
        )
    millis = int(wait.total_seconds() * 1000)
    if abs(millis) > _MOST_MILLIS:
        raise OverflowError(f"wait_duration is too long; nothing was sent: {wait!r}")
    return millis
