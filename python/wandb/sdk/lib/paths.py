"""A face: kinds of paths. Home: `wandb._base.paths`."""

from wandb._base.paths import LogicalPath as LogicalPath
from wandb._base.paths import StrPath as StrPath

__all__ = ("LogicalPath", "StrPath")
