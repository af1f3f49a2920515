"""A face: what values that are kept as files have in common. Home: `wandb.data_types.base`."""

from wandb.data_types.base import BatchableMedia as BatchableMedia
from wandb.data_types.base import Media as Media

__all__ = ("BatchableMedia", "Media")
