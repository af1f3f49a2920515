"""A face: sound. Home: `wandb.data_types.audio`."""

from wandb.data_types.audio import Audio as Audio

__all__ = ("Audio",)
