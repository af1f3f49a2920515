"""A face: one call of `define_metric`. Home: `wandb._run.metric`."""

from wandb._run.metric import Metric as Metric

__all__ = ("Metric",)
