"""One file_stream body, read into its parts: the slow and obvious version."""

import json
from dataclasses import dataclass
from typing import Any

from ferrule.errors import BodyError
from ferrule.ports.history import Stream

STREAMS = {
    "wandb-history.jsonl": Stream.HISTORY,
    "wandb-events.jsonl": Stream.EVENTS,
    "output.log": Stream.CONSOLE,
}
SUMMARY = "wandb-summary.json"
LAST_LINE = 1 << 60


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines of one file."""

    file: str
    offset: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """What a request says."""

    chunks: tuple[Chunk, ...]
    preempting: bool
    complete: bool
    exit_code: int | None
    uploaded: tuple[str, ...]


def read_body(body: bytes) -> Body:
    """Read a request's body; members and files that are not known are passed over.

    Raises:
        BodyError: It is no JSON object, or lines are given without a usable number.
    """
    try:
        # Bytes that are no UTF-8 are replaced: the rest of a line is worth more than a refusal.
        fields = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError) as err:
        raise _unreadable(f"it is not JSON ({err})") from err
    if not isinstance(fields, dict):
        raise _unreadable("it is no JSON object")
    exit_code = fields.get("exitcode")
    files = fields.get("files")
    chunks = [
        _chunk(name, value)
        for name, value in (files.items() if isinstance(files, dict) else ())
        if name in STREAMS or name == SUMMARY
    ]
    return Body(
        chunks=tuple(chunks),
        preempting=fields.get("preempting") is True,
        complete=fields.get("complete") is True,
        exit_code=exit_code if type(exit_code) is int else None,
        uploaded=tuple(_as_texts(fields.get("uploaded"))),
    )


def _chunk(name: str, value: Any) -> Chunk:
    if not isinstance(value, dict):
        raise _unreadable(f"`{name}` is no object")
    lines = tuple(_as_texts(value.get("content")))
    offset = value.get("offset") if lines else 0
    if type(offset) is not int or not 0 <= offset <= LAST_LINE:
        raise _unreadable(f"the `offset` of `{name}` is missing or out of range")
    return Chunk(name, offset, lines)


def _as_texts(value: Any) -> list[str]:
    """Return a list's texts; what is no text stands for itself, and a single value for a list."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [item if isinstance(item, str) else json.dumps(item) for item in items]


def _unreadable(why: str) -> BodyError:
    return BodyError(f"The request's body can't be read: {why}; nothing of it was kept.")


def read_row(line: str) -> dict[str, Any] | None:
    """Read a line of history or events; None if it is no JSON object."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
