"""A face: what a config is read from. Home: `wandb._run.package`."""

from wandb._run.package import parse_config as parse_config
from wandb.errors import UsageError as UsageError

__all__ = ("UsageError", "parse_config")
