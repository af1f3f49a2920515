"""Face of what artifacts raise."""

from wandb._artifact.exceptions import ArtifactFinalizedError as ArtifactFinalizedError
from wandb._artifact.exceptions import ArtifactNotLoggedError as ArtifactNotLoggedError
from wandb._artifact.exceptions import ArtifactStatusError as ArtifactStatusError
from wandb._artifact.exceptions import TooFewItemsError as TooFewItemsError
from wandb._artifact.exceptions import TooManyItemsError as TooManyItemsError
from wandb._artifact.exceptions import WaitTimeoutError as WaitTimeoutError

__all__ = (
    "ArtifactFinalizedError",
    "ArtifactNotLoggedError",
    "ArtifactStatusError",
    "TooFewItemsError",
    "TooManyItemsError",
    "WaitTimeoutError",
)
