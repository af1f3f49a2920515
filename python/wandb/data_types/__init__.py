"""Values with a form of their own: the graph of a model, so far."""

from wandb.data_types.base import Content as Content
from wandb.data_types.base import Media as Media
from wandb.data_types.base import MediaSink as MediaSink
from wandb.data_types.base import MediaSource as MediaSource
from wandb.data_types.base import WBValue as WBValue
from wandb.data_types.graph import Edge as Edge
from wandb.data_types.graph import Graph as Graph
from wandb.data_types.graph import Node as Node

__all__ = ("Content", "Edge", "Graph", "Media", "MediaSink", "MediaSource", "Node", "WBValue")
