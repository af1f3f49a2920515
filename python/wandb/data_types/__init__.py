"""Values with a form of their own; each is loaded when it is first asked for."""

from typing import TYPE_CHECKING

from wandb._base.lazy import lazy_attributes
from wandb.data_types.base import BatchableMedia as BatchableMedia
from wandb.data_types.base import Content as Content
from wandb.data_types.base import Media as Media
from wandb.data_types.base import MediaSink as MediaSink
from wandb.data_types.base import MediaSource as MediaSource
from wandb.data_types.base import WBValue as WBValue

if TYPE_CHECKING:
    from wandb.data_types.graph import Edge as Edge
    from wandb.data_types.graph import Graph as Graph
    from wandb.data_types.graph import Node as Node
    from wandb.data_types.image import Image as Image
    from wandb.data_types.image_overlays import BoundingBoxes2D as BoundingBoxes2D
    from wandb.data_types.image_overlays import Classes as Classes
    from wandb.data_types.image_overlays import ImageMask as ImageMask

_HOMES = {
    "BoundingBoxes2D": "wandb.data_types.image_overlays:BoundingBoxes2D",
    "Classes": "wandb.data_types.image_overlays:Classes",
    "Edge": "wandb.data_types.graph:Edge",
    "Graph": "wandb.data_types.graph:Graph",
    "Image": "wandb.data_types.image:Image",
    "ImageMask": "wandb.data_types.image_overlays:ImageMask",
    "Node": "wandb.data_types.graph:Node",
}

__all__ = (
    "BatchableMedia",
    "BoundingBoxes2D",
    "Classes",
    "Content",
    "Edge",
    "Graph",
    "Image",
    "ImageMask",
    "Media",
    "MediaSink",
    "MediaSource",
    "Node",
    "WBValue",
)

__getattr__ = lazy_attributes(globals(), _HOMES)
