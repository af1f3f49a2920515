"""A face: the run and how it ends.

Homes: `wandb._run.ending`, `wandb._run.run`, `wandb.errors`.
"""

from wandb._run.ending import finish as finish
from wandb._run.run import Run as Run
from wandb._run.run import RunStatus as RunStatus
from wandb.errors import CommError as CommError
from wandb.errors import UsageError as UsageError

__all__ = ("CommError", "Run", "RunStatus", "UsageError", "finish")
