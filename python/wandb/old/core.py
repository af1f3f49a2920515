"""A face: where runs are kept. Home: `wandb._settings.oldfiles`."""

from wandb._settings.oldfiles import wandb_dir as wandb_dir

__all__ = ("wandb_dir",)
