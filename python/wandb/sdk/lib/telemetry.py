"""A face: which features a run used. Home: `wandb._run.telemetry`."""

from wandb._run.telemetry import context as context
from wandb._run.telemetry import list_telemetry_imports as list_telemetry_imports

__all__ = ("context", "list_telemetry_imports")
