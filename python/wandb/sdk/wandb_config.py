"""A face: hyperparameters. Home: `wandb._run.config`."""

from wandb._run.config import Config as Config
from wandb._run.config import ConfigStatic as ConfigStatic

__all__ = ("Config", "ConfigStatic")
