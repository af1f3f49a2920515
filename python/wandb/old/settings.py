"""A face: settings files by section and key. Home: `wandb._settings.oldfiles`."""

from wandb._settings.oldfiles import Settings as Settings

__all__ = ("Settings",)
