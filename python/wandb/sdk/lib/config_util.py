"""A face: config files and errors. Homes: `wandb._run.configsource`, `wandb.errors`."""

from wandb._run.configsource import dict_from_config_file as dict_from_config_file
from wandb._run.configsource import load_yaml as load_yaml
from wandb.errors import ConfigError as ConfigError
from wandb.errors import Error as Error

__all__ = ("ConfigError", "Error", "dict_from_config_file", "load_yaml")
