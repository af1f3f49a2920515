"""A face: what all values have in common. Home: `wandb.data_types.base`."""

from wandb.data_types.base import WBValue as WBValue

__all__ = ("WBValue",)
