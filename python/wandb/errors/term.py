"""A face: lines for the user's terminal. Home: `wandb._base.terminal`."""

from wandb._base.terminal import termerror as termerror
from wandb._base.terminal import termlog as termlog
from wandb._base.terminal import termsetup as termsetup
from wandb._base.terminal import termwarn as termwarn

__all__ = ("termerror", "termlog", "termsetup", "termwarn")
