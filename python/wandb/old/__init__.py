"""Faces of the original's `wandb.old`: older settings and summaries."""

from wandb._base.lazy import lazy_attributes

__getattr__ = lazy_attributes(
    globals(), {"core": "wandb.old.core", "settings": "wandb.old.settings"}
)
