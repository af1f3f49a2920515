"""A face: counts in bins. Home: `wandb.data_types.histogram`."""

from wandb.data_types.histogram import Histogram as Histogram

__all__ = ("Histogram",)
