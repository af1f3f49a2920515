"""A face: how bad an alert is. Home: `wandb._run.alerts`."""

from wandb._run.alerts import AlertLevel as AlertLevel

__all__ = ("AlertLevel",)
