"""A face: the run and how it ends.

Homes: rooms below `wandb._run`, `wandb.errors`.
"""

from wandb._run.ending import finish as finish
from wandb._run.run import Run as Run
from wandb._run.run import RunStatus as RunStatus
from wandb._run.teardown import TeardownHook as TeardownHook
from wandb._run.teardown import TeardownStage as TeardownStage
from wandb._settings.settings import Settings as Settings
from wandb.errors import CommError as CommError
from wandb.errors import UsageError as UsageError

__all__ = (
    "CommError",
    "Run",
    "RunStatus",
    "Settings",
    "TeardownHook",
    "TeardownStage",
    "UsageError",
    "finish",
)
