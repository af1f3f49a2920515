"""A face: settings. Homes: `wandb._settings.settings`, `wandb._settings.moment`, `wandb.errors`."""

from wandb._settings.moment import RunMoment as RunMoment
from wandb._settings.settings import Settings as Settings
from wandb.errors import UsageError as UsageError

__all__ = ("RunMoment", "Settings", "UsageError")
