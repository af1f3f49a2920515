"""A face: warnings of what will go. Home: `wandb._run.telemetry`."""

from wandb._run.telemetry import deprecate as deprecate

__all__ = ("deprecate",)
