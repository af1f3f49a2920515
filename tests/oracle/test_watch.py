"""`Run.watch` with PyTorch: what is kept of a model, and what hooks do to its training."""

import json
import subprocess

import pytest

from oracle.compare import declared, user_rows
from oracle.harness import (
    ORACLE,
    Drivers,
    our_client_with_torch,
    released_client_with_torch,
    torch_python,
)

# The first program of a client waits for PyTorch to be imported.
pytestmark = pytest.mark.timeout(90)
TORCH = "import copy, io, math, torch; from torch import nn; torch.manual_seed(0)"
MLP = (
    TORCH,
    "model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))",
    "step = lambda: model(torch.randn(3, 4)).square().sum().backward()",
    "run = init()",
)


@pytest.fixture(scope="session")
def torch_drivers(tmp_path_factory):
    made = Drivers(tmp_path_factory.mktemp("torch"))
    yield made
    made.close()


@pytest.fixture(
    scope="session",
    params=["ours", pytest.param(f"released-{ORACLE}", marks=pytest.mark.released)],
)
def client(request):
    torch_python()
    return our_client_with_torch() if request.param == "ours" else released_client_with_torch()


@pytest.fixture
def play(client, torch_drivers):
    return torch_drivers.of(client).play


def rows_of(play, *lines):
    """Play a program to its end, in which nothing may fail, and return its rows."""
    played = play(*lines, "run.finish()")
    assert not played.errors, played
    return user_rows(played.log)


def histograms(row):
    return {key: value for key, value in row.items() if "/" in key}


def sizes(row):
    """Return how many elements each histogram of a row counts."""
    return {key: sum(value["values"]) for key, value in histograms(row).items()}


def test_gradients_and_parameters_join_the_row_that_is_open(play):
    (row,) = rows_of(
        play, *MLP, "run.watch(model, log='all', log_freq=1, idx=0)", "step()", "run.log({'a': 1})"
    )

    names = ("0.weight", "0.bias", "2.weight", "2.bias")
    kinds = ("gradients", "parameters")
    assert set(histograms(row)) == {f"{kind}/{name}" for kind in kinds for name in names}
    assert {value["_type"] for value in histograms(row).values()} == {"histogram"}
    assert sizes(row)["parameters/0.weight"] == 32
    assert row["a"] == 1


@pytest.mark.parametrize(
    ("kept", "kinds"), [("gradients", {"gradients"}), ("parameters", {"parameters"}), (None, set())]
)
def test_only_what_was_asked_for_is_kept(play, kept, kinds):
    watch = f"wandb.watch(model, log={kept!r}, log_freq=1)"
    (row,) = rows_of(play, *MLP, watch, "step()", "run.log({'a': 1})")

    assert {key.split("/")[0] for key in histograms(row)} == kinds


def test_every_nth_pass_is_kept(play):
    rows = rows_of(
        play,
        *MLP,
        "run.watch(model, log='all', log_freq=3)",
        "for n in range(7): step(); run.log({'n': n})",
    )

    assert [row["n"] for row in rows if histograms(row)] == [2, 5]
    assert {len(histograms(row)) for row in rows} == {0, 8}


VALUES = {
    "plain": "torch.randn(1000)",
    "wide": "torch.randn(1000) * torch.logspace(-20, 20, 1000)",
    "matrix": "torch.randn(30, 40).t()",
    "double": "torch.randn(1000, dtype=torch.float64)",
    "half": "torch.randn(1000).half()",
    "bfloat16": "torch.randn(1000).bfloat16()",
    "integers": "torch.arange(1000)",
    "booleans": "torch.arange(10) > 3",
    "one": "torch.tensor([2.5])",
    "equal": "torch.full((5, 5), 0.25)",
    "zeros": "torch.zeros(100)",
    "negative zero": "torch.tensor([-0.0, 0.0])",
    "not finite": "torch.tensor([1.0, math.nan, 2.0, math.inf, 4.0, -math.inf])",
    "nothing finite": "torch.tensor([math.nan, math.inf])",
    "empty": "torch.zeros(0, 3)",
    "tiny": "torch.tensor([1e-45, 3e-45, 7e-45])",
    "sparse": "torch.sparse_coo_tensor([[1, 5, 5]], [1.0, 2.0, 3.5], (50,))",
    "sparse around zero": "torch.sparse_coo_tensor([[1, 5, 7]], [-1.0, 2.0, 3.5], (50,))",
    "sparse below zero": "torch.sparse_coo_tensor([[1, 5]], [-1.0, -3.0], (50,))",
    "sparse of zeros": "torch.sparse_coo_tensor([[1]], [0.0], (50,))",
    "sparse and empty": "torch.sparse_coo_tensor(torch.zeros(1, 0).long(), torch.zeros(0), (50,))",
}

MODEL_OF_VALUES = """
class Values(nn.Module):
    def __init__(self, values):
        super().__init__()
        for name, value in values.items():
            setattr(self, 'of_' + name, nn.Parameter(value, requires_grad=False))
    def forward(self):
        return None
"""


@pytest.mark.released
def test_histograms_of_all_kinds_of_tensors_are_the_same(torch_drivers):
    torch_python()
    named = ", ".join(f"{name.replace(' ', '_')!r}: {text}" for name, text in VALUES.items())
    program = (
        TORCH,
        MODEL_OF_VALUES,
        f"model = Values({{{named}}})",
        "run = init()",
        "run.watch(model, log='parameters', log_freq=1, idx=0)",
        "model()",
        "run.log({'end': 1})",
    )
    clients = (our_client_with_torch(), released_client_with_torch())
    ours, theirs = (
        histograms(rows_of(torch_drivers.of(client).play, *program)[0]) for client in clients
    )

    assert set(ours) == set(theirs)
    assert len(ours) == len(VALUES) - 3  # nothing is kept where nothing is finite
    for name, histogram in ours.items():
        assert histogram["values"] == theirs[name]["values"], name
        # The original's edges are rounded differently by each kind of processor.
        span = max(map(abs, histogram["bins"]))
        near = pytest.approx(theirs[name]["bins"], rel=1e-6, abs=2e-7 * span + 1e-44)
        assert histogram["bins"] == near, name


def test_gradients_of_an_embedding_count_the_zeros_they_do_not_hold(play):
    (row,) = rows_of(
        play,
        TORCH,
        "run = init()",
        "model = nn.Embedding(100, 4, sparse=True)",
        "run.watch(model, log_freq=1, idx=0)",
        "model(torch.tensor([1, 2, 1])).sum().backward()",
        "run.log({})",
    )

    assert sizes(row) == {"gradients/weight": 400}


def test_what_needs_no_gradient_is_a_parameter_all_the_same(play):
    (row,) = rows_of(
        play,
        *MLP,
        "model[0].weight.requires_grad = False",
        "run.watch(model, log='all', log_freq=1, idx=0)",
        "step()",
        "run.log({})",
    )

    assert "gradients/0.weight" not in row
    assert "parameters/0.weight" in row


def test_models_are_numbered_in_the_order_in_which_they_were_watched(play):
    (row,) = rows_of(
        play,
        TORCH,
        "run = init()",
        "made = [nn.Linear(1, 1) for _ in range(6)]",
        "run.watch(made[0], log_freq=1, idx=0)",
        "run.watch(made[1:3], log_freq=1, idx=4)",
        "for model in made: model(torch.ones(1, 1)).backward()",
        "run.log({})",
    )
    second = rows_of(
        play,
        TORCH,
        "run = init()",
        "made = [nn.Linear(1, 1) for _ in range(2)]",
        "for model in made: run.watch(model, log_freq=1)",
        "for model in made: model(torch.ones(1, 1)).backward()",
        "run.log({})",
    )[0]

    weights = {key for key in row if key.endswith("weight")}
    assert weights == {f"gradients/{prefix}weight" for prefix in ("", "graph_4", "graph_5")}
    # The process has watched three before.
    numbers = [
        int(key.removeprefix("gradients/graph_").removesuffix("weight"))
        for key in second
        if key.endswith("weight")
    ]
    assert sorted(numbers)[1] - sorted(numbers)[0] == 1
    assert min(numbers) >= 3


MISTAKES = {
    "run.watch('model')": "TypeError",
    "run.watch([model, None])": "TypeError",
    "run.watch(model, log='weights')": "ValueError",
    "run.watch([])": None,
    "run.watch(model, idx=50)": None,
    "wandb.watch(model, idx=50)": "ValueError",
    "run.watch(model, idx=51)": None,
    "run.watch(model, log=None, log_graph=True)": None,
    "run.watch(model, log=None, log_graph=True, idx=3)": "ValueError",
    "run.unwatch()": None,
    "run.watch(model, idx=0)": None,
    "run.unwatch(nn.Linear(1, 1))": None,
    "run.unwatch([])": None,
}


def test_mistakes_are_told_as_the_original_tells_them(play):
    played = play(*MLP, *MISTAKES, "run.finish()")

    told = {line: (played[line].error or (None,))[0] for line in MISTAKES}
    assert told == MISTAKES


def test_before_init_and_in_a_disabled_run(play):
    early = play(TORCH, "wandb.watch(nn.Linear(1, 1))", "wandb.unwatch()")
    off = ["wandb.watch(3)", "run.watch(nn.Linear(1, 1))", "run.unwatch()", "wandb.unwatch(4)"]
    disabled = play(TORCH, "run = wandb.init(mode='disabled')", *off, "run.finish()")

    assert [outcome.error[:1] for outcome in early.outcomes[1:]] == [("Error",), ("Error",)]
    assert not disabled.errors
    assert [disabled[line].value for line in off] == [None] * 4


@pytest.mark.parametrize("call", ["run.unwatch()", "run.unwatch(model)", "wandb.unwatch([model])"])
def test_unwatch_removes_the_hooks(play, call):
    watched, left = rows_of(
        play,
        *MLP,
        "run.watch(model, log='all', log_freq=1)",
        "step(); run.log({})",
        call,
        "step(); run.log({'a': 1})",
    )

    assert len(histograms(watched)) == 8
    assert histograms(left) == {}


NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.ReLU(), nn.Linear(8, 2)))
        self.memory = nn.LSTM(2, 3, batch_first=True)
    def forward(self, x):
        return self.memory(self.body(x).unsqueeze(0))[0]
"""


def test_the_graph_is_a_file_that_the_summary_names(play):
    played = play(
        TORCH,
        NET,
        "model = Net()",
        "run = init()",
        "run.watch(model, log=None, log_graph=True, idx=0)",
        "model(torch.randn(5, 4))",
        "model(torch.randn(7, 4))",
        "run.log({'a': 1})",
        "run.summary['graph_0']['_type']",
        "run.finish()",
    )

    assert not played.errors, played
    assert played["run.summary['graph_0']['_type']"].value == "graph-file"
    kept = played.log.summary["graph_0"]
    (file,) = played.folder.glob("wandb/*run-*/files/media/graph/*")
    assert kept["_type"] == "graph-file"
    assert kept["path"] == f"media/graph/{file.name}"
    assert file.name == f"graph_0_summary_{kept['sha256'][:20]}.graph.json"
    assert kept["size"] == file.stat().st_size
    announced = [one["path"] for files in played.log.of_kind("files") for one in files["files"]]
    assert announced[-1] == kept["path"]
    graph = json.loads(file.read_text())
    assert (graph["format"], graph["edges"]) == ("torch", [])
    assert [dict(list(node.items())[2:], name=node["name"]) for node in graph["nodes"]] == NODES


NODES = [
    {
        "name": "body.0",
        "class_name": "Linear(in_features=4, out_features=8, bias=True)",
        "parameters": [["weight", [8, 4]], ["bias", [8]]],
        "output_shape": [[5, 8]],
        "num_parameters": [32, 8],
    },
    {
        "name": "body.1.0",
        "class_name": "ReLU()",
        "parameters": [],
        "output_shape": [[5, 8]],
        "num_parameters": [],
    },
    {
        "name": "body.1.1",
        "class_name": "Linear(in_features=8, out_features=2, bias=True)",
        "parameters": [["weight", [2, 8]], ["bias", [2]]],
        "output_shape": [[5, 2]],
        "num_parameters": [16, 2],
    },
    {
        "name": "memory",
        "class_name": "LSTM(2, 3, batch_first=True)",
        "parameters": [
            ["weight_ih_l0", [12, 2]],
            ["weight_hh_l0", [12, 3]],
            ["bias_ih_l0", [12]],
            ["bias_hh_l0", [12]],
        ],
        "output_shape": [[1, 5, 3], [[1, 1, 3], [1, 1, 3]]],
        "num_parameters": [24, 36, 12, 12],
    },
]


# --- on purpose otherwise -----------------------------------------------------------------


@pytest.fixture
def either(client):
    """Return what this client should give where the clients differ, by a declared case."""

    def choose(case, *, original, ours):
        declared(case)
        return ours if client.ours else original

    return choose


def raised(played, line):
    return (played[line].error or (None,))[0]


def test_training_goes_on_after_the_run(play, either):
    late = "run.watch(model, idx=9)"
    played = play(*MLP, "run.watch(model, log='all', log_freq=1)", "run.finish()", "step()", late)

    case = "watched model trained, or watched, after the run is finished"
    told = (raised(played, "step()"), raised(played, late))
    assert told == either(case, original=("AttributeError", None), ours=(None, "UsageError"))


def test_a_wrong_log_freq_is_told_at_once(play, either):
    watch = "run.watch(model, log_freq='3')"
    played = play(*MLP, watch, "step()", "run.finish()")

    case = "watch with a log_freq that is no number"
    told = (raised(played, watch), raised(played, "step()"))
    assert told == either(case, original=(None, "TypeError"), ours=("TypeError", None))


def test_a_copy_of_a_model_is_not_watched(play, either):
    save = "torch.save(model, io.BytesIO())"
    played = play(
        *MLP,
        "run.watch(model, log='parameters', log_freq=1)",
        "copied = copy.deepcopy(model)",
        "copied(torch.randn(3, 4))",
        "run.log({'a': 1})",
        save,
        "run.finish()",
    )

    case = "copy of a watched model, or saving it whole"
    assert raised(played, save) == either(case, original="AttributeError", ours=None)
    assert len(histograms(played.log.rows[0])) == either(case, original=4, ours=0)


def test_hooks_that_are_gone_can_be_removed_again(play, either):
    again = "run.unwatch(model)"
    played = play(*MLP, "run.watch(model)", "run.unwatch()", again, "run.finish()")

    case = "unwatch of a model whose hooks are gone already"
    assert raised(played, again) == either(case, original="KeyError", ours=None)


ODD = {
    "a compressed sparse matrix": "torch.eye(2).to_sparse_csr()",
    "no memory at all": "torch.empty(2, device='meta')",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_tensor_that_can_not_be_counted_stops_nothing(play, either, odd):
    played = play(
        TORCH,
        "run = init(settings={'silent': False})",
        "model = nn.Linear(2, 2)",
        f"model.odd = nn.Parameter({odd}, requires_grad=False)",
        "run.watch(model, log='parameters', log_freq=1, idx=0)",
        "model(torch.ones(1, 2))",
        "run.log({'a': 1})",
        "run.finish()",
    )

    case = "tensor that watch can't count"
    failed = raised(played, "model(torch.ones(1, 2))") is not None
    told = "no histogram of parameters/odd is kept" in played.terminal
    assert (failed, told) == either(case, original=(True, False), ours=(False, True))
    assert set(sizes(played.log.rows[0])) == {"parameters/weight", "parameters/bias"}


def test_doubles_beyond_single_precision_are_kept(play, either):
    played = play(
        TORCH,
        "run = init()",
        "model = nn.Linear(1, 1)",
        "far = torch.tensor([1e300, 2e300], dtype=torch.float64)",
        "model.far = nn.Parameter(far, requires_grad=False)",
        "run.watch(model, log='parameters', log_freq=1, idx=0)",
        "model(torch.ones(1, 1))",
        "run.log({'a': 1})",
        "run.finish()",
    )

    case = "edges of watch's histograms"
    kept = "parameters/far" in played.log.rows[0]
    assert kept is either(case, original=False, ours=True)


def test_a_module_that_returns_a_dict_shows_the_shapes_in_it(play, either):
    played = play(
        TORCH,
        "class Named(nn.Linear):\n    forward = lambda self, x: {'y': x}",
        "run = init()",
        "model = nn.Sequential(Named(2, 2))",
        "run.watch(model, log=None, log_graph=True, idx=0)",
        "model(torch.ones(1, 2))",
        "run.finish()",
    )

    case = "watch's graph of a module that returns a dict"
    (file,) = played.folder.glob("wandb/*run-*/files/media/graph/*")
    (node,) = json.loads(file.read_text())["nodes"]
    assert node["output_shape"] == either(case, original=[[[[0]]]], ours=[[[1, 2]]])


def test_a_tensor_on_another_device_is_counted_there_to_the_same_end():
    torch_python()
    script = (
        "import torch; torch.manual_seed(0)\n"
        "from wandb._run.tensors import _count_in_memory, count_on_device\n"
        "nan, inf = float('nan'), float('inf')\n"
        "made = [torch.randn(5000), torch.tensor([1.0, nan, 2.0, inf, -inf]), torch.zeros(3),\n"
        "        torch.tensor([nan]), torch.zeros(0), torch.randn(500, dtype=torch.float64)]\n"
        "for vector in made:\n"
        "    for bounds in (None, (-1.0, 2.0)):\n"
        "        one, other = count_on_device(vector, bounds), _count_in_memory(vector, bounds)\n"
        "        assert (one is None) == (other is None) or not vector.numel(), (vector, bounds)\n"
        "        if one and other:\n"
        "            assert one[0] == other[0], (vector, bounds)\n"
        "            assert torch.allclose(torch.tensor(one[1]), torch.tensor(other[1]))\n"
    )

    done = subprocess.run(
        [torch_python(), "-c", script],
        env={"PYTHONPATH": str(our_client_with_torch().import_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
