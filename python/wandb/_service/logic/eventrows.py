"""Rows from TensorBoard's events, as the original makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wandb._wire.tfevents import Event

__all__ = ("EventRows", "left_out_sentence", "live_row", "tagged")

Row = dict[str, Any]
_STEP = "global_step"


def tagged(namespace: str, tag: str) -> str:
    """Return a tag's name in the history."""
    return f"{namespace}/{tag}" if namespace else tag


def live_row(namespace: str, event: Event) -> Row | None:
    """Return the row of one event that comes while a run goes on; None for one without values."""
    named = {tagged(namespace, tag): value for tag, value in event.values.items() if tag}
    if not named:
        return None
    return {**named, tagged(namespace, _STEP): event.step, "_timestamp": event.wall_time}


@dataclass(slots=True)
class EventRows:
    """Gathers events of several folders, in order of time, into rows.

    A row ends when a folder's step rises, and before a value of an earlier step would take the
    place of one. `global_step` is the highest step of all folders.

    Attributes:
        steps: The last step of each folder.
        top: The highest step of all.
        row: What was gathered since the last row.
    """

    steps: dict[str, int] = field(default_factory=dict)
    top: int = 0
    row: Row = field(default_factory=dict)

    def add(self, namespace: str, event: Event) -> Row | None:
        """Take in an event; return the row that it ends."""
        if not event.says_values:
            return None
        values = {tagged(namespace, tag): value for tag, value in event.values.items()}
        before = self.steps.get(namespace, 0)
        went_back = event.step < before and not values.keys().isdisjoint(self.row)
        ended = self.flush() if event.step > before or went_back else None
        self.steps[namespace] = event.step
        self.top = max(self.top, event.step)
        self.row |= values
        self.row |= {
            _STEP: self.top,
            tagged(namespace, _STEP): event.step,
            "_timestamp": event.wall_time,
        }
        return ended

    def flush(self) -> Row | None:
        """Return what was gathered, and begin anew; None if that is nothing."""
        row, self.row = self.row, {}
        return row or None


def left_out_sentence(counts: dict[str, int]) -> str:
    """Say which values were not taken over."""
    kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(counts.items()))
    return (
        f"TensorBoard: this version takes over numbers and histograms, and left out: {kinds}. "
        "They stay in the event files, which go along with the run."
    )
