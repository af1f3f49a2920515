"""The graph of a PyTorch model. Home: `wandb._run.torch_graph`."""

from wandb._run.torch_graph import TorchGraph as TorchGraph
from wandb._run.torch_graph import nested_shape as nested_shape

__all__ = ("TorchGraph", "nested_shape")
