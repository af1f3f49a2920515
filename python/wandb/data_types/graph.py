"""`Graph`: the layers of a model and how they hang together."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from wandb._base.terminal import termlog
from wandb.data_types.base import Content, Media, MediaSink, MediaSource, WBValue
from wandb.data_types.inputs import fetched
from wandb.data_types.plain import json_file


class Node(WBValue):
    """A layer, or a part of one.

    What it is made with reads and writes as attributes; what was never set is None.

    Args:
        id: Unique in the graph.
        name: The layer's name.
        class_name: What kind of layer it is.
        size: The size of a tensor.
        parameters: Names and sizes of its parameters.
        output_shape: The shape of what it gives.
        is_output: Whether the graph ends here.
        num_parameters: How many elements its parameters have.
        node: Another node, to start as a copy of all but its id.
    """

    _FIELDS = frozenset(
        {
            "child_parameters",
            "class_name",
            "functions",
            "id",
            "is_constant",
            "is_output",
            "name",
            "num_parameters",
            "output_shape",
            "parameters",
            "size",
        }
    )

    def __init__(
        self,
        id: Any = None,
        name: str | None = None,
        class_name: str | None = None,
        size: Any = None,
        parameters: Any = None,
        output_shape: Any = None,
        is_output: bool | None = None,
        num_parameters: Any = None,
        node: "Node | None" = None,
    ) -> None:
        given = {
            "id": id,
            "name": name,
            "class_name": class_name,
            "size": None if size is None else tuple(size),
            "parameters": parameters,
            "output_shape": output_shape,
            "is_output": is_output,
            "num_parameters": num_parameters,
        }
        copied = {} if node is None else {**node.fields, "id": None}
        chosen = {field: value for field, value in given.items() if value is not None}
        kept = {**copied, **chosen}
        self.in_edges: dict[Any, Any] = {}
        self.out_edges: dict[Any, Any] = {}
        # What the node stands for, such as a layer itself.
        self.obj: Any = None if node is None else node.obj
        # The name comes first, and is there even where there is none.
        self.fields: dict[str, Any] = {"name": kept.pop("name", None)}
        self.fields.update({field: value for field, value in kept.items() if value is not None})

    def __getattr__(self, name: str) -> Any:
        if name in self._FIELDS:
            return self.fields.get(name, [] if name in ("functions", "parameters") else None)
        raise AttributeError(f"a node has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._FIELDS:
            self.fields[name] = tuple(value) if name == "size" else value
        else:
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return repr(self.fields)

    @classmethod
    def from_keras(cls, layer: Any) -> "Node":
        """Make a node of a layer of Keras's."""
        output = getattr(layer, "output", None)
        shape = getattr(layer, "output_shape", None) or getattr(output, "shape", None)
        return cls(
            id=layer.name,
            name=layer.name,
            class_name=type(layer).__name__,
            output_shape=["multiple"] if shape is None else shape,
            num_parameters=layer.count_params(),
        )


class Edge(WBValue):
    """A way from one node to another."""

    def __init__(self, from_node: Node, to_node: Node) -> None:
        self.from_node = from_node
        self.to_node = to_node
        self.name: str | None = None

    def __repr__(self) -> str:
        named = {} if self.name is None else {"name": self.name}
        return repr({**named, "from_id": self.from_node.id, "to_id": self.to_node.id})


class Graph(Media):
    """Nodes and edges, such as the layers of a model.

    Args:
        format: Which library's model it is; the page draws it by that.

    Attributes:
        nodes: The nodes in order.
        nodes_by_id: The same by their ids.
        edges: The edges in order.
        root: The node to start from, if there is one.
        loaded: Whether the graph is whole.
        criterion: What the model is trained by, if that is known.
    """

    _log_type: ClassVar[str | None] = "graph-file"
    kind = "graph"

    def __init__(self, format: str = "keras") -> None:
        super().__init__()
        self.format = format
        self.nodes: list[Node] = []
        self.nodes_by_id: dict[Any, Node] = {}
        self.edges: list[Edge] = []
        self.root: Node | None = None
        self.loaded = False
        self.criterion: Any = None
        self.criterion_passed = False

    def __getitem__(self, nid: Any) -> Node:
        return self.nodes_by_id[nid]

    def add_node(self, node: Node | None = None, **node_kwargs: Any) -> Node:
        """Add a node, or make one of what `Node` takes, and return it.

        Raises:
            ValueError: Both are given.
        """
        if node is None:
            node = Node(**node_kwargs)
        elif node_kwargs:
            raise ValueError(f"pass a node or what to make one of, not both: {node}, {node_kwargs}")
        self.nodes.append(node)
        self.nodes_by_id[node.id] = node
        return node

    def add_edge(self, from_node: Node, to_node: Node) -> Edge:
        """Add an edge and return it."""
        edge = Edge(from_node, to_node)
        self.edges.append(edge)
        return edge

    @classmethod
    def from_keras(cls, model: Any) -> "Graph":
        """Make the graph of a model of Keras's: its layers, and which feeds which."""
        graph = cls()
        own_uses = _own_uses(model)
        for layer in model.layers:
            node = Node.from_keras(layer)
            for source in _sources(layer, own_uses):
                if source.name not in graph.nodes_by_id:
                    graph.add_node(Node.from_keras(source))
                graph.add_edge(graph[source.name], node)
            graph.add_node(node)
        return graph

    def pprint(self) -> None:
        """Show the edges and nodes, one a line."""
        for part in (*self.edges, *self.nodes):
            termlog(repr(part))

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Put the graph into a JSON file, and return what stands for it."""
        found = sink.keep(self._drawn(), kind=self.kind, name=name)
        return {"_type": self._log_type, **found}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Graph":
        """Make the graph again of what stands for it.

        Raises:
            ValueError: The file holds no graph.
            OSError: It can't be fetched.
        """
        with open(fetched("Graph", wire, source), encoding="utf-8") as file:
            drawn = json.load(file)
        try:
            graph = cls(drawn["format"])
            for fields in drawn["nodes"]:
                node = Node()
                node.fields.update(fields)
                graph.add_node(node)
            for start, end in drawn["edges"]:
                graph.add_edge(graph[start], graph[end])
        except (KeyError, TypeError, ValueError) as err:
            raise ValueError(f"{wire.get('path')!r} holds no graph: {err!r}") from err
        return graph

    def _drawn(self) -> Content:
        return json_file(
            ".graph.json",
            {
                "format": self.format,
                "nodes": [node.fields for node in self.nodes],
                "edges": [[edge.from_node.id, edge.to_node.id] for edge in self.edges],
            },
            # A model is drawn while it trains: what is odd in it becomes its text.
            otherwise=str,
        )


def _own_uses(model: Any) -> set[int]:
    """Return the ids of the uses of layers that a model of Keras's is made of, if it tells."""
    by_depth = getattr(model, "_nodes_by_depth", None) or {}
    return {id(use) for uses in by_depth.values() for use in uses}


def _sources(layer: Any, own_uses: set[int]) -> Iterator[Any]:
    """Yield the layers that feed a layer, as far as the model uses it."""
    for use in getattr(layer, "_inbound_nodes", ()):
        if own_uses and id(use) not in own_uses:
            continue
        if hasattr(use, "inbound_layers"):
            yield from _flat(use.inbound_layers)
        else:  # Keras 3
            yield from (parent.operation for parent in use.parent_nodes)


def _flat(layers: Any) -> Iterable[Any]:
    return layers if isinstance(layers, (list, tuple)) else (layers,)
