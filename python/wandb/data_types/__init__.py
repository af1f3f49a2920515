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
    from wandb.data_types.audio import Audio as Audio
    from wandb.data_types.bokeh import Bokeh as Bokeh
    from wandb.data_types.graph import Edge as Edge
    from wandb.data_types.graph import Graph as Graph
    from wandb.data_types.graph import Node as Node
    from wandb.data_types.histogram import Histogram as Histogram
    from wandb.data_types.html import Html as Html
    from wandb.data_types.image import Image as Image
    from wandb.data_types.image_overlays import BoundingBoxes2D as BoundingBoxes2D
    from wandb.data_types.image_overlays import Classes as Classes
    from wandb.data_types.image_overlays import ImageMask as ImageMask
    from wandb.data_types.joined_table import JoinedTable as JoinedTable
    from wandb.data_types.joined_table import PartitionedTable as PartitionedTable
    from wandb.data_types.molecule import Molecule as Molecule
    from wandb.data_types.object3d import Box3D as Box3D
    from wandb.data_types.object3d import Object3D as Object3D
    from wandb.data_types.object3d import box3d as box3d
    from wandb.data_types.plotly import Plotly as Plotly
    from wandb.data_types.saved_model import _SavedModel as _SavedModel
    from wandb.data_types.table import Table as Table
    from wandb.data_types.trace_tree import WBTraceTree as WBTraceTree
    from wandb.data_types.video import Video as Video

_HOMES = {
    "Audio": "wandb.data_types.audio:Audio",
    "Bokeh": "wandb.data_types.bokeh:Bokeh",
    "BoundingBoxes2D": "wandb.data_types.image_overlays:BoundingBoxes2D",
    "Box3D": "wandb.data_types.object3d:Box3D",
    "Classes": "wandb.data_types.image_overlays:Classes",
    "Edge": "wandb.data_types.graph:Edge",
    "Graph": "wandb.data_types.graph:Graph",
    "Histogram": "wandb.data_types.histogram:Histogram",
    "Html": "wandb.data_types.html:Html",
    "Image": "wandb.data_types.image:Image",
    "ImageMask": "wandb.data_types.image_overlays:ImageMask",
    "JoinedTable": "wandb.data_types.joined_table:JoinedTable",
    "Molecule": "wandb.data_types.molecule:Molecule",
    "Node": "wandb.data_types.graph:Node",
    "Object3D": "wandb.data_types.object3d:Object3D",
    "PartitionedTable": "wandb.data_types.joined_table:PartitionedTable",
    "Plotly": "wandb.data_types.plotly:Plotly",
    "Table": "wandb.data_types.table:Table",
    "Video": "wandb.data_types.video:Video",
    "WBTraceTree": "wandb.data_types.trace_tree:WBTraceTree",
    "_SavedModel": "wandb.data_types.saved_model:_SavedModel",
    "box3d": "wandb.data_types.object3d:box3d",
}

__all__ = (
    "Audio",
    "BatchableMedia",
    "Bokeh",
    "BoundingBoxes2D",
    "Box3D",
    "Classes",
    "Content",
    "Edge",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "ImageMask",
    "JoinedTable",
    "Media",
    "MediaSink",
    "MediaSource",
    "Molecule",
    "Node",
    "Object3D",
    "PartitionedTable",
    "Plotly",
    "Table",
    "Video",
    "WBTraceTree",
    "WBValue",
    "_SavedModel",
    "box3d",
)

__getattr__ = lazy_attributes(globals(), _HOMES)
