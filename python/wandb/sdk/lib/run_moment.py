"""A face: a step of a run. Home: `wandb._settings.moment`."""

from wandb._settings.moment import RunMoment as RunMoment

__all__ = ("RunMoment",)
