"""A face: `wandb.require`. Home: `wandb._base.require`."""

from wandb._base.require import require as require
from wandb.errors import UnsupportedError as UnsupportedError

__all__ = ("UnsupportedError", "require")
