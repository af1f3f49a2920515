"""What can be wrong with an artifact's state."""

from __future__ import annotations

from typing import Any

from wandb.errors import Error

__all__ = (
    "ArtifactFinalizedError",
    "ArtifactNotLoggedError",
    "ArtifactStatusError",
    "TooFewItemsError",
    "TooManyItemsError",
    "WaitTimeoutError",
)


class ArtifactStatusError(AttributeError):
    """The artifact's state does not allow what was asked."""

    def __init__(
        self,
        msg: str = "The artifact's state does not allow this.",
        name: str | None = None,
        obj: Any = None,
    ) -> None:
        super().__init__(msg, name=name, obj=obj)


class ArtifactNotLoggedError(ArtifactStatusError):
    """Something was asked that is known only once the artifact is on a server."""

    def __init__(self, fullname: str, obj: Any) -> None:
        super().__init__(
            f"{fullname!r} is known only when the artifact is on a server. Log it with "
            "`run.log_artifact` in a run that is online, and call `Artifact.wait()` first.",
            name=fullname.rpartition(".")[2],
            obj=obj,
        )


class ArtifactFinalizedError(ArtifactStatusError):
    """A version that was logged was to be changed."""

    def __init__(self, fullname: str, obj: Any) -> None:
        super().__init__(
            f"{fullname!r} would change an artifact that was logged, so nothing was done. "
            "Versions never change: log another one.",
            name=fullname.rpartition(".")[2],
            obj=obj,
        )


class WaitTimeoutError(Error):
    """The artifact was not on the server in time; it is still on its way."""


class TooFewItemsError(ValueError):
    """A collection has fewer items than it must."""


class TooManyItemsError(ValueError):
    """A collection has more items than it may."""
