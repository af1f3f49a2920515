"""A face: what stands in before `wandb.init()`. Home: `wandb._run.globals`."""

from wandb._run.globals import PreInitCallable as PreInitCallable
from wandb._run.globals import PreInitObject as PreInitObject

__all__ = ("PreInitCallable", "PreInitObject")
