"""A face: moving pictures. Home: `wandb.data_types.video`."""

from wandb.data_types.video import Video as Video

__all__ = ("Video",)
