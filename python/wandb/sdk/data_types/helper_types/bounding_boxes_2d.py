"""A face: boxes over images. Home: `wandb.data_types.image_overlays`."""

from wandb.data_types.image_overlays import BoundingBoxes2D as BoundingBoxes2D

__all__ = ("BoundingBoxes2D",)
