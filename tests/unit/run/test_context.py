"""What an agent leaves for a run: read, or told what is wrong with it."""

import pytest

from wandb._run.context import keep_identity, launch_values, sweep_values
from wandb._settings.settings import Settings
from wandb.errors import ConfigError


def test_nothing_outside_of_agents(tmp_path):
    (tmp_path / "p.yaml").write_text("a:\n  value: 1\n")
    chosen = Settings(sweep_param_path=tmp_path / "p.yaml", project="mine")

    keep_identity(chosen, Settings(project="theirs"))

    assert (sweep_values(chosen), launch_values(chosen)) == ({}, {})
    assert chosen.project == "mine"


def test_missing_file_of_a_sweep(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.yaml"):
        sweep_values(Settings(sweep_id="s", sweep_param_path=tmp_path / "gone.yaml"))


@pytest.mark.parametrize("text", ["[1]", "{", "5"])
def test_variable_of_a_launch_agent_that_is_no_dict(monkeypatch, text):
    monkeypatch.setenv("WANDB_CONFIG", text)

    with pytest.raises(ConfigError, match="WANDB_CONFIG"):
        launch_values(Settings(launch=True))


@pytest.mark.parametrize("text", ["{}", '{"overrides": 5}', '{"overrides": {"run_config": []}}'])
def test_file_of_a_launch_agent_without_values(tmp_path, text):
    (tmp_path / "l.json").write_text(text)

    assert launch_values(Settings(launch=True, launch_config_path=str(tmp_path / "l.json"))) == {}


def test_agent_that_named_nothing_leaves_nothing(capsys):
    chosen = Settings(sweep_id="s", project="mine")

    keep_identity(chosen, Settings(sweep_id="s"))

    assert chosen.project is None
    assert "project 'mine'" in capsys.readouterr().err
