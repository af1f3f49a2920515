"""Faces of the original's `wandb.sdk.data_types`: values with a form of their own."""

from wandb._base.lazy import lazy_attributes

_MODULES = (
    "base_types",
    "helper_types",
    "image",
)

__getattr__ = lazy_attributes(
    globals(), {name: f"wandb.sdk.data_types.{name}" for name in _MODULES}
)
