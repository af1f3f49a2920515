"""The body of a `file_stream` request: lines of a run's files, by line number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

__all__ = ("CONSOLE", "EVENTS", "HISTORY", "SUMMARY", "StreamBody", "ranges")

HISTORY = "wandb-history.jsonl"
EVENTS = "wandb-events.jsonl"
SUMMARY = "wandb-summary.json"
CONSOLE = "output.log"


@dataclass(frozen=True, slots=True)
class StreamBody:
    """One request.

    Attributes:
        files: By name, the number of the first line and the lines, without line ends. The
            summary is one line, the whole of it, at 0.
        uploaded: Run files that were put to their addresses since the last request.
        exit_code: Ends the run; None leaves it open.
        preempting: The machine is about to be taken away.
    """

    files: Mapping[str, tuple[int, Sequence[str]]] = field(default_factory=dict)
    uploaded: Sequence[str] = ()
    exit_code: int | None = None
    preempting: bool = False

    def encode(self) -> bytes:
        """Return the body as it goes over the wire; what is empty is left out."""
        body: dict[str, Any] = {}
        files = {
            name: {"offset": offset, "content": list(lines)}
            for name, (offset, lines) in self.files.items()
            if lines
        }
        if files:
            body["files"] = files
        if self.uploaded:
            body["uploaded"] = list(self.uploaded)
        if self.preempting:
            body["preempting"] = True
        if self.exit_code is not None:
            body |= {"complete": True, "exitcode": self.exit_code}
        return orjson.dumps(body)


def ranges(lines: Mapping[int, str]) -> Iterator[tuple[int, list[str]]]:
    """Split numbered lines into runs of numbers that follow each other."""
    first, gathered = 0, list[str]()
    for number in sorted(lines):
        if gathered and number != first + len(gathered):
            yield first, gathered
            gathered = []
        if not gathered:
            first = number
        gathered.append(lines[number])
    if gathered:
        yield first, gathered
