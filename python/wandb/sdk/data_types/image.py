"""A face: `Image`. Home: `wandb.data_types.image`."""

from wandb.data_types.image import Image as Image

__all__ = ("Image",)
