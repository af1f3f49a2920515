"""What waits, put into request bodies: which lines at which numbers, and where that leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wandb._service.events import LinesReady
from wandb._service.syncstate import Progress
from wandb._wire.filestream import CONSOLE, EVENTS, HISTORY, SUMMARY, StreamBody, ranges

__all__ = ("Batch", "fits")


class Batch:
    """Lines that are sent together.

    Args:
        before: What the server has.
        most_line_bytes: A longer line is left out, and a warning says so.

    Attributes:
        after: What the server has once it took the batch.
        warnings: What was left out, one sentence each.
    """

    def __init__(self, before: Progress, *, most_line_bytes: int) -> None:
        self.after = replace(
            before,
            journals=dict(before.journals),
            lines=dict(before.lines),
            steps=dict(before.steps),
        )
        self.warnings: list[str] = []
        self.is_empty = True
        self._preempting = False
        self._most_line_bytes = most_line_bytes
        self._starts = dict(before.lines)
        self._lines: dict[str, list[str]] = {HISTORY: [], EVENTS: []}
        self._console: dict[int, str] = {}

    def add(self, update: LinesReady) -> None:
        """Take in lines that follow those taken in before."""
        self.is_empty = False
        self._preempting |= update.preempting
        self._append(HISTORY, update.history)
        self._append(EVENTS, update.events)
        self._console.update(update.console)
        self.after.journals[update.journal] = update.end
        if update.console_state is not None:
            self.after.console = update.console_state
        if update.top_step is not None:
            self.after.steps[update.journal] = update.top_step

    def _append(self, name: str, lines: Sequence[str]) -> None:
        kept = [line for line in lines if self._fits(line)]
        self._lines[name] += kept
        self.after.lines[name] = self.after.lines.get(name, 0) + len(kept)

    def _fits(self, line: str) -> bool:
        if fits(line, self._most_line_bytes):
            return True
        self.warnings.append(
            f"a row of {len(line)} characters is longer than the server takes and was not "
            "sent; it is kept in the run's folder"
        )
        return False

    def bodies(self, uploaded: Sequence[str], summary: str | None) -> Iterator[StreamBody]:
        """Yield the requests, in order; the first holds nearly always all of it."""
        files: dict[str, tuple[int, Sequence[str]]] = {
            name: (self._starts.get(name, 0), lines) for name, lines in self._lines.items()
        }
        if summary is not None:
            files[SUMMARY] = (0, [summary])
        # One request holds one range of lines of a file.
        console = list(ranges(self._console))
        if console:
            files[CONSOLE] = console[0]
        yield StreamBody(files=files, uploaded=uploaded, preempting=self._preempting)
        for further in console[1:]:
            yield StreamBody(files={CONSOLE: further})


def fits(line: str, most_bytes: int) -> bool:
    """Whether a line is no longer than the server takes."""
    # Text is at most four bytes a character: nearly every line needs no encoding to tell.
    return len(line) * 4 <= most_bytes or len(line.encode()) <= most_bytes
