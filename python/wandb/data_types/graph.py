"""`Graph`: the layers of a model and how they hang together."""

import json
from typing import Any

from wandb.data_types.base import Content, Media, MediaSink, WBValue


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
        # The name comes first, and is there even where there is none.
        self.fields: dict[str, Any] = {"name": kept.pop("name", None)}
        self.fields.update({field: value for field, value in kept.items() if value is not None})

    def __getattr__(self, name: str) -> Any:
        if name in self._FIELDS:
            return self.fields.get(name, [] if name in ("functions", "parameters") else None)
        raise AttributeError(f"a node has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._FIELDS:
            self.fields[name] = value
        else:
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return repr(self.fields)


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
    """

    _log_type = "graph-file"
    kind = "graph"

    def __init__(self, format: str = "keras") -> None:
        self.format = format
        self.nodes: list[Node] = []
        self.nodes_by_id: dict[Any, Node] = {}
        self.edges: list[Edge] = []
        self.root: Node | None = None

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

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Put the graph into a JSON file, and return what stands for it."""
        drawn = {
            "format": self.format,
            "nodes": [node.fields for node in self.nodes],
            "edges": [[edge.from_node.id, edge.to_node.id] for edge in self.edges],
        }
        content = json.dumps(drawn, default=str).encode()
        found = sink.keep(Content(".graph.json", data=content), kind=self.kind, name=name)
        return {"_type": self._log_type, **found}
