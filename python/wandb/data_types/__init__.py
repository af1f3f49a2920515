"""Values with a form of their own: the graph of a model, and histograms, so far."""

from wandb.data_types.base import Content as Content
from wandb.data_types.base import Media as Media
from wandb.data_types.base import MediaSink as MediaSink
from wandb.data_types.base import MediaSource as MediaSource
from wandb.data_types.base import WBValue as WBValue
from wandb.data_types.graph import Edge as Edge
from wandb.data_types.graph import Graph as Graph
from wandb.data_types.graph import Node as Node
from wandb.data_types.histogram import Histogram as Histogram

__all__ = (
    "Content",
    "Edge",
    "Graph",
    "Histogram",
    "Media",
    "MediaSink",
    "MediaSource",
    "Node",
    "WBValue",
)
