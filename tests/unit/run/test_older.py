"""Members of a run for others' sake, and what is called when it ends."""

import pytest

import wandb
from wandb._run.older import _label_options
from wandb.sdk.lib import telemetry
from wandb.sdk.wandb_run import TeardownHook, TeardownStage


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    run = wandb.init()
    yield run
    run.finish()


def test_hooks_are_called_before_and_after_the_end(run):
    ended = []
    run._set_teardown_hooks(
        [TeardownHook(lambda: ended.append(run._is_finished), stage) for stage in TeardownStage]
    )

    run.finish()

    assert ended == [False, True]


def test_features_are_noted(run):
    with telemetry.context(run=run) as note:
        note.feature.keras = True
        note.feature.watch = False
        note.env.jupyter = True

    assert run._telemetry.fields()["feature"]["keras"] is True
    assert "watch" not in run._telemetry.fields()["feature"]


def test_note_without_a_run_goes_nowhere():
    with telemetry.context() as note:
        note.feature.keras = True

    assert note.features() == ["keras"]


def test_label_of_a_notebook_is_found(run):
    cells = [{"source": ["import x"]}, {"source": '# @wandbcode{digits, v=1.2, repo="examples"}'}]

    run._label_probe_notebook({"cells": cells})

    assert run._telemetry._label == {
        "code_string": "digits",
        "code_version": "1.2",
        "repo_string": "examples",
    }


@pytest.mark.parametrize("notebook", [None, {}, {"cells": [None, {}, {"source": 5 * ["x"]}]}])
def test_notebook_without_a_label(run, notebook):
    run._label_probe_notebook(notebook)

    assert run._telemetry._label == {}


def test_wrong_options_of_a_label_are_left_out():
    assert _label_options(', x=1, v="un, repo') == {"code_version": '"un'}
