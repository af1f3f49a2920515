"""TensorBoard: what its writers write becomes rows of the run."""

from wandb._run.tensorboard import log, patch, unpatch

__all__ = ("log", "patch", "unpatch")
