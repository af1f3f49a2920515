"""How the delivery of a run goes: written by its actors, read by whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio

from wandb._http.client import Trouble

__all__ = ("DeliveryStatus",)


@dataclass(slots=True)
class DeliveryStatus:
    """What is known of a run's delivery.

    Attributes:
        trouble: Why the server can't be had at the moment; None while all is well.
        refused: Why it takes no more of this run, for good.
        refused_status: The status of that answer.
        misused: It does so since the script asked for what can't be.
        warnings: What was left out, one sentence each.
        files_left: Run files that wait for their upload.
        artifacts_left: Artifacts that wait to be saved.
        moves: Counts successes: whoever sees it stand still knows that nothing goes on.
        stop_passed_on: The run's process knows that somebody asked on the server that it stop.
        on_stop: Tells that process; returns whether it could.
    """

    trouble: str | None = None
    refused: str | None = None
    refused_status: int | None = None
    misused: bool = False
    warnings: list[str] = field(default_factory=list)
    files_left: int = 0
    artifacts_left: int = 0
    moves: int = 0
    stop_passed_on: bool = False
    on_stop: Callable[[], bool] | None = None
    # Set once the server could not be had: whoever waits for it need not wait to the end.
    troubled: anyio.Event = field(default_factory=anyio.Event)

    def watch(self, trouble: Trouble | None) -> None:
        """Take in a failed try, or the success after some."""
        self.trouble = None if trouble is None else trouble.message
        if trouble is None:
            self.moves += 1
        else:
            self.troubled.set()

    def fail(self, trouble: str) -> None:
        """Note why the delivery does not go on at the moment."""
        self.trouble = trouble
        self.troubled.set()

    def moved(self) -> None:
        """Note that the server took something."""
        self.trouble = None
        self.moves += 1

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the user, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def ask_to_stop(self) -> bool:
        """Pass on that the run is to stop, once; return whether this was the time."""
        if self.stop_passed_on or self.on_stop is None:
            return False
        self.stop_passed_on = self.on_stop()
        return self.stop_passed_on

    def told(self) -> dict[str, Any]:
        """Return the facts for a frame."""
        return {
            "trouble": self.trouble,
            "refused": self.refused,
            "refused_status": self.refused_status,
            "misused": self.misused,
            "warnings": self.warnings,
            "files_left": self.files_left,
            "artifacts_left": self.artifacts_left,
        }
