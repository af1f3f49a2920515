"""A face: pages. Home: `wandb.data_types.html`."""

from wandb.data_types.html import Html as Html

__all__ = ("Html",)
