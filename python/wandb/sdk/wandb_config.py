"""A face: hyperparameters. Homes: `wandb._run.config`, `wandb._base.jsoncoders`."""

from wandb._base.jsoncoders import json_friendly_val as json_friendly_val
from wandb._run.config import Config as Config
from wandb._run.config import ConfigStatic as ConfigStatic

__all__ = ("Config", "ConfigStatic", "json_friendly_val")
