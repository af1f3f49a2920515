"""A face: plots of Bokeh's. Home: `wandb.data_types.bokeh`."""

from wandb.data_types.bokeh import Bokeh as Bokeh

__all__ = ("Bokeh",)
