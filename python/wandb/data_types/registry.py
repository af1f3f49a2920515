"""Which class stands behind a `_type`: one table, each class loaded when it is first read."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from wandb.data_types.base import MediaSource, WBValue

# `_type` as JSON has it → the class that reads it back.
_CLASSES = {
    "audio-file": "wandb.data_types.audio:Audio",
    "bokeh-file": "wandb.data_types.bokeh:Bokeh",
    "classes": "wandb.data_types.image_overlays:Classes",
    "graph-file": "wandb.data_types.graph:Graph",
    "html-file": "wandb.data_types.html:Html",
    "image-file": "wandb.data_types.image:Image",
    "incremental-table-file": "wandb.data_types.table:Table",
    "joined-table": "wandb.data_types.joined_table:JoinedTable",
    "mask": "wandb.data_types.image_overlays:ImageMask",
    "molecule-file": "wandb.data_types.molecule:Molecule",
    "object3D-file": "wandb.data_types.object3d:Object3D",
    "partitioned-table": "wandb.data_types.joined_table:PartitionedTable",
    "plotly-file": "wandb.data_types.plotly:Plotly",
    "pytorch-model-file": "wandb.data_types.saved_model:_PytorchSavedModel",
    "sklearn-model-file": "wandb.data_types.saved_model:_SklearnSavedModel",
    "table": "wandb.data_types.table:Table",
    "table-file": "wandb.data_types.table:Table",
    "tfkeras-model-file": "wandb.data_types.saved_model:_TensorflowKerasSavedModel",
    "video-file": "wandb.data_types.video:Video",
    "wb_trace_tree": "wandb.data_types.trace_tree:WBTraceTree",
}


@cache
def class_of(log_type: str) -> type[WBValue]:
    """Return the class of a `_type`.

    Raises:
        ValueError: No value has this type.
    """
    home = _CLASSES.get(log_type)
    if home is None:
        raise ValueError(f"no kind of value is called {log_type!r}; nothing was read")
    module, _, name = home.partition(":")
    found: type[WBValue] = getattr(import_module(module), name)
    return found


def value_of(wire: Mapping[str, Any], source: MediaSource) -> WBValue:
    """Make a value again of what stands for it.

    Args:
        wire: What stands for the value in JSON; `_type` says what it is.
        source: Where its files come from.

    Raises:
        ValueError: It stands for no value.
        OSError: A file can't be fetched.
    """
    log_type = wire.get("_type")
    if not isinstance(log_type, str):
        raise ValueError("what stands for a value names its kind as `_type`; this does not")
    return class_of(log_type).from_wire(dict(wire), source)
