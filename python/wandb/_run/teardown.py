"""What others want called when a run ends."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

__all__ = ("TeardownHook", "TeardownStage")


class TeardownStage(IntEnum):
    """When a hook is called: before anything of the run is closed, or when all of it is."""

    EARLY = 1
    LATE = 2


class TeardownHook(NamedTuple):
    """A function without arguments, and when it is called."""

    call: Callable[[], None]
    stage: TeardownStage
