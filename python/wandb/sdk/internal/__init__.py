"""Faces of the original's `wandb.sdk.internal`."""

from wandb._base.lazy import lazy_attributes

__getattr__ = lazy_attributes(globals(), {"internal_api": "wandb.sdk.internal.internal_api"})
