"""A face: the exceptions. Home: `wandb.errors`."""

from wandb.errors import AuthenticationError as AuthenticationError
from wandb.errors import CommError as CommError
from wandb.errors import Error as Error
from wandb.errors import UnsupportedError as UnsupportedError
from wandb.errors import UsageError as UsageError
from wandb.errors import WandbCoreNotAvailableError as WandbCoreNotAvailableError

__all__ = (
    "AuthenticationError",
    "CommError",
    "Error",
    "UnsupportedError",
    "UsageError",
    "WandbCoreNotAvailableError",
)
