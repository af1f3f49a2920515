"""`wandb.require`: what scripts once had to ask for."""

from __future__ import annotations

from collections.abc import Iterable

from wandb._base.terminal import termwarn
from wandb.errors import UnsupportedError

__all__ = ("require",)

# All of it is how things are now.
_ALWAYS_THERE = frozenset(("core", "service"))


def require(
    requirement: str | Iterable[str] | None = None,
    experiment: str | Iterable[str] | None = None,
) -> None:
    """Ask for a feature that is not on for everybody, such as once `wandb.require("core")`.

    Args:
        requirement: Its name, or several; a version may stand after a colon.
        experiment: The same, under its older name.

    Raises:
        UnsupportedError: There is no such feature.
    """
    asked = requirement or experiment or ()
    names = [asked] if isinstance(asked, str) else list(asked)
    unknown = [name for name in names if name.partition(":")[0] not in _ALWAYS_THERE]
    if unknown:
        raise UnsupportedError(
            f"`wandb.require` knows no {' and no '.join(map(repr, unknown))}; known are "
            f"{' and '.join(sorted(_ALWAYS_THERE))}, and both are always on."
        )
    for name in names:
        termwarn(f"`wandb.require({name!r})` can be left out: it is always on.", repeat=False)
