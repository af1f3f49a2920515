"""The graph of a PyTorch model, drawn while its parts run for the first time."""

import sys
from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any

from wandb.data_types.graph import Graph, Node

# Modules that only hold others: the graph has their parts in their place.
_HOLDERS = ("Container", "Sequential", "ModuleList", "ModuleDict")

HookPart = Callable[[Any, Callable[..., None]], None]


class TorchGraph(Graph):
    """The parts of a model in the order in which they ran."""

    def __init__(self, whole: Callable[["TorchGraph"], None]) -> None:
        super().__init__("torch")
        self._whole = whole
        self._awaited: set[int] = set()

    @classmethod
    def hook(cls, model: Any, hook_part: HookPart, whole: Callable[["TorchGraph"], None]) -> None:
        """Draw a model when it runs.

        Args:
            model: A `torch.nn.Module`.
            hook_part: Called with a part and what to call after each of its forward passes.
            whole: Called once, with the graph, when every part has run.

        Raises:
            ValueError: The model is drawn already.
        """
        graph = cls(whole)
        parts = list(_parts(model))
        for _, part in parts:
            graph._awaited.add(id(part))
        for name, part in parts:
            hook_part(part, graph._drawer(name))

    def _drawer(self, name: str) -> Callable[..., None]:
        def draw(part: Any, inputs: Any, output: Any) -> None:
            if id(part) not in self._awaited:
                return
            self._awaited.discard(id(part))
            self._draw(name, part, output)
            if not self._awaited:
                self._whole(self)

        return draw

    def _draw(self, name: str, part: Any, output: Any) -> None:
        sizes = [(name, list(parameter.size())) for name, parameter in part.named_parameters()]
        node = self.add_node(
            Node(
                id=id(part),
                name=name,
                class_name=str(part),
                output_shape=nested_shape(output if isinstance(output, tuple) else (output,)),
                parameters=sizes,
                num_parameters=[prod(size) for _, size in sizes],
            )
        )
        for parameter in part.parameters():
            self.nodes_by_id[id(parameter)] = node


def _parts(module: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what the graph shows of a module, and mark it and its holders as drawn."""
    if getattr(module, "_wandb_watch_called", False):
        raise ValueError(
            "log_graph=True works once for each model, and this one has been watched so before. "
            "Call run.watch without it, or with a new instance of the model."
        )
    module._wandb_watch_called = True
    nn = sys.modules["torch"].nn
    holders = tuple(getattr(nn, name) for name in _HOLDERS if hasattr(nn, name))
    for at, (name, part) in enumerate(module.named_children()):
        full_name = f"{prefix}{name or at}"
        if isinstance(part, holders):
            yield from _parts(part, f"{full_name}.")
        else:
            yield full_name, part


def nested_shape(array_or_tuple: Any) -> list[Any]:
    """Return the shape of an array, or the shapes of arrays inside lists, tuples and dicts.

    What is none of these has the shape `[]`.
    """
    shape = getattr(array_or_tuple, "shape", None)
    if shape is not None:
        return list(shape)
    if isinstance(array_or_tuple, Mapping):
        return [nested_shape(inner) for inner in array_or_tuple.values()]
    if isinstance(array_or_tuple, (list, tuple)):
        return [nested_shape(inner) for inner in array_or_tuple]
    return []
