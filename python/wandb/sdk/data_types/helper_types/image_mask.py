"""A face: masks over images. Home: `wandb.data_types.image_overlays`."""

from wandb.data_types.image_overlays import ImageMask as ImageMask

__all__ = ("ImageMask",)
