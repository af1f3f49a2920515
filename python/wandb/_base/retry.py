"""How long to wait before a request is tried again: data, and one line of arithmetic."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ("Backoff",)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from one try to the next, each a little different.

    Attributes:
        first_secs: The wait after the first failure.
        most_secs: The longest wait.
        tries: How often a request is tried again.
        jitter: Which part of a wait is left to chance, so that many clients don't come at once.
    """

    first_secs: float
    most_secs: float
    tries: int
    jitter: float = 0.25

    def wait_secs(self, failures: int, *, chance: Callable[[], float] = random.random) -> float:
        """Return the wait after this many failures in a row, one or more."""
        # The exponent is bounded: 2.0 to the ten-thousandth is no number.
        wait = min(self.first_secs * 2.0 ** min(failures - 1, 32), self.most_secs)
        return wait * (1 - self.jitter * chance())
