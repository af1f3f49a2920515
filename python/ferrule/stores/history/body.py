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
    """Read a request's body.

    Raises:
        BodyError: It is no JSON object, or its files are not what they should be.
    """
    try:
        fields = json.loads(body)
    except ValueError as err:
        raise BodyError(f"The body is not JSON, so nothing of it was kept: {err}.") from err
    if not isinstance(fields, dict):
        raise BodyError("The body is no JSON object, so nothing of it was kept.")
    exit_code = fields.get("exitcode")
    return Body(
        chunks=tuple(_chunk(name, value) for name, value in _files(fields).items()),
        preempting=fields.get("preempting") is True,
        complete=fields.get("complete") is True,
        exit_code=exit_code if type(exit_code) is int else None,
        uploaded=tuple(name for name in fields.get("uploaded") or () if isinstance(name, str)),
    )


def _files(fields: dict[str, Any]) -> dict[str, Any]:
    files = {} if fields.get("files") is None else fields["files"]
    if not isinstance(files, dict):
        raise BodyError("`files` is no object, so nothing of the body was kept.")
    return files


def _chunk(name: str, value: Any) -> Chunk:
    offset = value.get("offset", 0) if isinstance(value, dict) else None
    lines = value.get("content", []) if isinstance(value, dict) else None
    if type(offset) is not int or offset < 0 or not isinstance(lines, list):
        raise BodyError(f"`{name}` has no offset and list of lines; nothing was kept.")
    if not all(isinstance(line, str) for line in lines):
        raise BodyError(f"A line of `{name}` is no text; nothing of the body was kept.")
    return Chunk(name, offset, tuple(lines))


def read_row(line: str) -> dict[str, Any] | None:
    """Read a line of history or events; None if it is no JSON object."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
