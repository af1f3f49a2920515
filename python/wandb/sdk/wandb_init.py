"""A face: `wandb.init`. Homes: rooms below `wandb._run`, `wandb.errors`."""

from wandb._run.init import init as init
from wandb._run.package import parse_config as parse_config
from wandb._run.run import Run as Run
from wandb._run.summary import SummaryDisabled as SummaryDisabled
from wandb._run.teardown import TeardownHook as TeardownHook
from wandb._run.teardown import TeardownStage as TeardownStage
from wandb._run.telemetry import deprecate as deprecate
from wandb._settings.settings import Settings as Settings
from wandb.errors import CommError as CommError
from wandb.errors import Error as Error
from wandb.errors import UsageError as UsageError

__all__ = (
    "CommError",
    "Error",
    "Run",
    "Settings",
    "SummaryDisabled",
    "TeardownHook",
    "TeardownStage",
    "UsageError",
    "deprecate",
    "init",
    "parse_config",
)
