import os
import tempfile
import threading

import pytest

import wandb
from wandb._run.later import METHODS
from wandb._run.summary import SummaryDisabled


@pytest.fixture
def run():
    made = wandb.init(mode="disabled", config={"a": 1})
    yield made
    made.finish()


def test_run_is_a_run_with_made_up_names(run):
    assert type(run) is wandb.Run
    assert run.name == f"dummy-{run.id}"
    assert run.path == f"dummy/dummy/{run.id}"
    assert (run.disabled, run.offline, run.url, run.step) == (True, False, None, 0)
    assert run.dir == tempfile.gettempdir()


def test_nothing_is_written_and_nothing_is_started(run):
    threads = threading.active_count()

    run.log({"a": 1})
    run.config.update({"b": 2})
    run.summary["c"] = 3
    run.define_metric("d", summary="nonsense")
    run.name = "other"

    assert os.listdir() == []
    assert threading.active_count() == threads
    assert "FERRULE_RUNS" not in os.environ


def test_log_fills_the_summary_without_checks(run):
    run.log({1: 2}, step="x", commit=5)
    wandb.log({"a": {"b": 1}})

    assert isinstance(run.summary, SummaryDisabled)
    assert run.summary == {1: 2, "a": {"b": 1}}
    assert run.summary.a.b == 1
    assert run.step == 0


def test_config_keeps_its_rules(run):
    with pytest.raises(wandb.Error, match="allow_val_change"):
        run.config.a = 2


def test_globals_follow_it(run):
    assert wandb.run is run
    assert wandb.config is run.config

    wandb.finish()
    assert wandb.run is None
    run.log({"after": 1})
    assert run.summary["after"] == 1


@pytest.mark.parametrize("name", METHODS)
def test_methods_do_nothing(run, name):
    returned = getattr(run, name)("x")

    if name == "log_artifact":
        assert returned.wait().anything(5) is returned
    else:
        assert returned == METHODS[name]


def test_disabled_run_does_not_disturb_an_active_one():
    active = wandb.init(mode="offline")

    disabled = wandb.init(mode="disabled", reinit="finish_previous")
    disabled.finish()

    active.log({"still": 1})
    assert active.step == 1
