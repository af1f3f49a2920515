"""ROC and precision curves under both clients, ours without looking at scikit-learn."""

import json
from dataclasses import replace

import pytest

from oracle.compare import declared, same
from oracle.harness import our_client, released_client, run_script

SKLEARN = "0.21.3-sklearn"
PLOTS = "arguments of wandb.plot that the original fails on by chance"

# Each line makes a chart.
CHARTS = [
    f"wandb.plot.{kind}({arguments})"
    for kind in ("roc_curve", "pr_curve")
    for arguments in (
        "[0, 1, 1, 0], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.6, 0.4]]",
        "[0, 1, 1, 0], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.6, 0.4]], labels=['no', 'yes']",
        "truths, probas",
        "truths, ties",
        "truths, probas.astype('f4'), classes_to_plot=[0, 2], title='T', split_table=True",
        "truths.tolist(), probas.tolist(), labels=['a', 'b', 'c']",
        "words[truths], probas",
        "words[truths], probas, labels=['a', 'b', 'c']",
        "truths > 1, probas[:, :2]",
        "many, of_many",
    )
]
CHARTS += ["wandb.plot.pr_curve(truths, probas, interp_size=7)"]

# Arguments that both refuse; where the errors differ, the declared case.
BAD = {
    "None, None": PLOTS,
    "[0, 1], None": PLOTS,
    "[0, 1], [0.1, 0.9]": PLOTS,
    "[0, 1], [[0.1, 0.9]]": None,
    "[0, 1], [[nan, 0.9], [0.1, 0.9]]": None,
    "[0, 1], [[0.1, 0.9], [0.8]]": None,
    "[], []": None,
}

SCRIPT = """
import json, math, pathlib, warnings
import numpy as np
import wandb
nan = math.nan
warnings.simplefilter("ignore")
rng = np.random.default_rng(4)
truths = rng.integers(0, 3, 200)
probas = rng.dirichlet(np.ones(3), 200)
ties = probas.round(1)
words = np.array(["cat", "dog", "owl"])
wandb.Table.MAX_ROWS = 1000
many = rng.integers(0, 3, 4000)
of_many = rng.dirichlet(np.ones(3), 4000)

def shown(chart):
    spec = chart.spec
    facts = [spec.spec_name, spec.fields, spec.string_fields, spec.split_table]
    return [*facts, chart.table.columns, [list(row) for row in chart.table.data]]

told = {}
for line in json.loads(pathlib.Path("lines.json").read_text()):
    try:
        told[line] = {"shown": shown(eval(line))}
    except Exception as err:
        told[line] = {"error": type(err).__name__, "message": str(err)}
plain = lambda value: value.item() if hasattr(value, "item") else str(value)
pathlib.Path("told.json").write_text(json.dumps(told, default=plain))
"""
REFUSED = [f"wandb.plot.{kind}({bad})" for kind in ("roc_curve", "pr_curve") for bad in BAD]


def told(client, folder):
    (folder / "lines.json").write_text(json.dumps([*CHARTS, *REFUSED]))
    done = run_script(client, folder, SCRIPT, timeout_secs=60)
    assert done.exit_code == 0, done.stderr
    return json.loads((folder / "told.json").read_text())


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    ours = replace(our_client(), interpreter=released_client(SKLEARN).interpreter)
    return told(ours, tmp_path_factory.mktemp("mine"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return told(released_client(SKLEARN), tmp_path_factory.mktemp("theirs"))


@pytest.mark.released
@pytest.mark.parametrize("line", CHARTS)
def test_a_curve_is_the_released_clients(mine, theirs, line):
    assert "error" not in theirs[line], theirs[line]
    assert same(mine[line], theirs[line])


@pytest.mark.released
@pytest.mark.parametrize("line", REFUSED)
def test_both_refuse_the_same(mine, theirs, line):
    case = BAD[line.partition("(")[2][:-1]]

    assert mine[line]["error"] == "ValueError"
    assert case is not None or theirs[line]["error"] == "ValueError"
    assert case is None or (declared(case) and theirs[line].get("error") != "ValueError")
