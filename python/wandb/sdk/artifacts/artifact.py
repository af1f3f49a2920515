"""Face of `wandb.Artifact`."""

from wandb._run.artifacts import Artifact as Artifact

__all__ = ("Artifact",)
