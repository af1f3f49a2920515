"""A face: the session of a process. Home: `wandb._run.session`."""

from wandb._run.session import setup as setup
from wandb._run.session import singleton as singleton
from wandb._run.session import teardown as teardown

__all__ = ("setup", "singleton", "teardown")
