"""`Graph`: nodes and edges, from a model of Keras's, and back from its file."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from wandb.data_types import Graph, Node


def drawn(kept, graph):
    wire, data = kept(graph)
    assert wire["_type"] == "graph-file"
    assert wire["path"].endswith(".graph.json")
    return json.loads(data)


def test_nodes_and_edges_are_drawn(kept):
    graph = Graph(format="torch")
    first = graph.add_node(id="a", name="first", class_name="Linear", size=[2, 3])
    second = graph.add_node(Node(node=first, id="b"))
    graph.add_edge(first, second)

    assert drawn(kept, graph) == {
        "format": "torch",
        "nodes": [
            {"name": "first", "id": "a", "class_name": "Linear", "size": [2, 3]},
            {"name": "first", "id": "b", "class_name": "Linear", "size": [2, 3]},
        ],
        "edges": [["a", "b"]],
    }


def test_arrays_are_lists_and_odd_things_their_text(kept):
    graph = Graph()
    graph.add_node(id=1, output_shape=np.arange(40), parameters=SimpleNamespace(a=1))

    (node,) = drawn(kept, graph)["nodes"]

    assert node["output_shape"] == list(range(40))
    assert node["parameters"] == "namespace(a=1)"


def test_read_back(again, kept):
    graph = Graph(format="torch")
    graph.add_edge(graph.add_node(id="a", name="x"), graph.add_node(id="b"))

    assert drawn(kept, again(graph)) == drawn(kept, graph)


def test_a_file_without_a_graph_is_named(artifact_sink):
    artifact_sink.files["media/graph/x"] = b'{"nodes": [{"id": 1}]}'

    with pytest.raises(ValueError, match="media/graph/x"):
        Graph.from_wire({"path": "media/graph/x"}, artifact_sink)


class Dense:
    """A layer as Keras has it."""

    def __init__(self, name, *sources, shape=(None, 2)):
        self.name = name
        self.output_shape = shape
        self._inbound_nodes = [SimpleNamespace(inbound_layers=list(sources))] if sources else []

    def count_params(self):
        return 6


def test_a_model_of_keras(kept):
    first = Dense("first")
    second = Dense("second", first)
    both = Dense("both", first, second)
    # Another model uses the same layer.
    second._inbound_nodes.append(SimpleNamespace(inbound_layers=Dense("elsewhere")))
    uses = [second._inbound_nodes[0], both._inbound_nodes[0]]
    model = SimpleNamespace(layers=[first, second, both], _nodes_by_depth={0: uses})

    graph = drawn(kept, Graph.from_keras(model))

    assert graph["format"] == "keras"
    assert [node["id"] for node in graph["nodes"]] == ["first", "second", "both"]
    assert graph["edges"] == [["first", "second"], ["first", "both"], ["second", "both"]]
    assert graph["nodes"][0] == {
        "name": "first",
        "id": "first",
        "class_name": "Dense",
        "output_shape": [None, 2],
        "num_parameters": 6,
    }


def test_a_model_of_keras_3(kept):
    first, second = Dense("first"), Dense("second", None)
    second._inbound_nodes = [SimpleNamespace(parent_nodes=[SimpleNamespace(operation=first)])]

    graph = drawn(kept, Graph.from_keras(SimpleNamespace(layers=[first, second])))

    assert graph["edges"] == [["first", "second"]]


def test_a_layer_without_a_shape_has_several():
    assert Node.from_keras(Dense("a", shape=None)).output_shape == ["multiple"]
