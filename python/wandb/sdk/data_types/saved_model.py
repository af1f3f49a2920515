"""A face: trained models. Home: `wandb.data_types.saved_model`."""

from wandb.data_types.saved_model import _SavedModel as _SavedModel

__all__ = ("_SavedModel",)
