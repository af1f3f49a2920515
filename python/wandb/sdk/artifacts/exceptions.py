"""Face of what artifacts raise."""

from wandb._artifact.errors import ArtifactFinalizedError as ArtifactFinalizedError
from wandb._artifact.errors import ArtifactNotLoggedError as ArtifactNotLoggedError
from wandb._artifact.errors import ArtifactStatusError as ArtifactStatusError
from wandb._artifact.errors import TooFewItemsError as TooFewItemsError
from wandb._artifact.errors import TooManyItemsError as TooManyItemsError
from wandb._artifact.errors import WaitTimeoutError as WaitTimeoutError

__all__ = (
    "ArtifactFinalizedError",
    "ArtifactNotLoggedError",
    "ArtifactStatusError",
    "TooFewItemsError",
    "TooManyItemsError",
    "WaitTimeoutError",
)
