"""A face: `wandb.login`. Home: `wandb._run.login`."""

from wandb._run.login import login as login

__all__ = ("login",)
