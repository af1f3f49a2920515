"""A face: the run. Home: `wandb._run.run`."""

from wandb._run.run import Run as Run

__all__ = ("Run",)
