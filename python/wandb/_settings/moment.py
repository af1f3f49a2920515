"""A point in the life of a run, as `fork_from` and `resume_from` name it."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ("RunMoment",)


# Steps are counted in 64 bits.
_MOST = 2.0**63


class RunMoment(NamedTuple):
    """One step of one run.

    Attributes:
        run: The run's id.
        value: Where the metric stood.
        metric: What is counted; servers know only `_step`.
    """

    run: str
    value: int | float
    metric: str = "_step"

    @classmethod
    def from_uri(cls, uri: str) -> RunMoment:
        """Read the form `<run id>?_step=<number>`.

        Args:
            uri: For example `9d2kx0ab?_step=120`.

        Returns:
            The moment, with an integer value where the number is one.

        Raises:
            ValueError: The text has another form.
        """
        run, _, condition = uri.partition("?")
        metric, _, number = condition.partition("=")
        value = _finite_number(number)
        if not run or "/" in run or metric != "_step" or value is None:
            raise ValueError(
                f"{uri!r} names no moment of a run: expected `<run id>?_step=<number>`, "
                "for example `9d2kx0ab?_step=120`."
            )
        return cls(run, value)


def _finite_number(text: str) -> int | float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or abs(value) >= _MOST:
        return None
    return int(value) if value.is_integer() else value
