"""A face: names of classes. Home: `wandb.data_types.image_overlays`."""

from wandb.data_types.image_overlays import Classes as Classes

__all__ = ("Classes",)
