"""A face: hooks for PyTorch models. Home: `wandb._run.watch`."""

from wandb._run.watch import unwatch as unwatch
from wandb._run.watch import watch as watch

__all__ = ("unwatch", "watch")
