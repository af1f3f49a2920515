"""A face: `wandb.login`. Homes: `wandb._run.login`, `wandb.apis.internal`, `wandb.errors`."""

from wandb._run.login import login as login
from wandb.apis.internal import InternalApi as InternalApi
from wandb.errors import AuthenticationError as AuthenticationError
from wandb.errors import UsageError as UsageError

__all__ = ("AuthenticationError", "InternalApi", "UsageError", "login")
