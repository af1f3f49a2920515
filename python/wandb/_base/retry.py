"""When to try again, as data."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that grow from `first_secs` to `longest_secs`, until `patience_secs` are waited."""

    first_secs: float = 0.5
    factor: float = 2.0
    longest_secs: float = 8.0
    patience_secs: float = 20.0

    def pauses(self) -> Iterator[float]:
        """Yield one pause after another, up to a third shorter at random, so that clients part."""
        waited, pause = 0.0, self.first_secs
        while waited < self.patience_secs:
            shortened = pause * random.uniform(0.67, 1.0)
            yield shortened
            waited += shortened
            pause = min(pause * self.factor, self.longest_secs)
