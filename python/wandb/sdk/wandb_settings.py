"""A face: settings. Home: `wandb._settings.settings`."""

from wandb._settings.settings import Settings as Settings

__all__ = ("Settings",)
