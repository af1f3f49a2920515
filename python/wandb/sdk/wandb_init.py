"""A face: `wandb.init`. Homes: `wandb._run.init`, `wandb._run.run`."""

from wandb._run.init import init as init
from wandb._run.run import Run as Run

__all__ = ("Run", "init")
