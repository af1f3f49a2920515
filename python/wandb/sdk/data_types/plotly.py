"""A face: charts of plotly's. Home: `wandb.data_types.plotly`."""

from wandb.data_types.plotly import Plotly as Plotly

__all__ = ("Plotly",)
