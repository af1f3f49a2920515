"""Faces of the original's `wandb.sdk.data_types`: old import paths to `wandb.data_types`."""

from wandb._base.lazy import lazy_attributes

_MODULES = (
    "_dtypes",
    "audio",
    "base_types",
    "bokeh",
    "graph",
    "helper_types",
    "html",
    "image",
    "molecule",
    "object_3d",
    "plotly",
    "saved_model",
    "table",
    "trace_tree",
    "video",
)

__getattr__ = lazy_attributes(
    globals(), {name: f"wandb.sdk.data_types.{name}" for name in _MODULES}
)
