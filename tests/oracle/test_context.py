"""A run that an agent started: the agent says which run it is, and its values are locked."""

import json

import pytest

from oracle.compare import user_config

SCRIPT = (
    "import wandb\n"
    "run = wandb.init(project='mine', entity='mine', id='mine', config={'lr': 5, 'other': 1})\n"
    "run.config.update({'lr': 9, 'other': 2}, allow_val_change=True)\n"
    "run.config.lr = 3\n"
    "print(repr((run.project, run.entity, run.id, dict(run.config))))\n"
    "run.finish()\n"
)
AGENTS = {"WANDB_PROJECT": "theirs", "WANDB_ENTITY": "theirs", "WANDB_RUN_ID": "theirs"}


@pytest.fixture
def sweep(tmp_path):
    """Be a sweep's agent: leave its file and return its variables."""
    chosen = tmp_path / "chosen.yaml"
    chosen.write_text("wandb_version: 1\nlr:\n  value: 0.1\nnew:\n  value: 7\n")
    return {"WANDB_SWEEP_ID": "s1", "WANDB_SWEEP_PARAM_PATH": str(chosen)}


def warnings(ended):
    return [line for line in ended.stderr.splitlines() if "WARNING" in line]


@pytest.mark.parametrize("agents", [{}, AGENTS], ids=["unnamed", "named"])
def test_run_of_a_sweep(script, sweep, agents):
    ended = script(SCRIPT, environment={**sweep, **agents})

    project, entity, run_id, config = eval(ended.stdout.splitlines()[0])
    assert (project, entity) == (("theirs", "theirs") if agents else ("uncategorized", ""))
    assert run_id == "theirs" if agents else run_id != "mine"
    assert config == {"lr": 0.1, "other": 2, "new": 7}
    assert user_config(ended.log) == config
    told = warnings(ended)
    assert len(told) == 5, told
    assert all(any(name in line for line in told[:3]) for name in ("project", "entity", "run_id"))
    assert all("'lr'" in line and "'sweep'" in line for line in told[3:])


def test_settings_of_init_are_left_out_too(script, sweep):
    ended = script(
        "import wandb\n"
        "mine = wandb.Settings(project='mine', run_id='mine', run_name='mine')\n"
        "run = wandb.init(settings=mine)\n"
        "print(run.project, run.id, run.name)\n"
        "run.finish()\n",
        environment={**sweep, **AGENTS},
    )

    assert ended.stdout.splitlines()[0] == "theirs theirs mine"
    assert len(warnings(ended)) == 2


@pytest.mark.parametrize("by", ["file", "variable", "both"])
def test_run_of_a_launch_agent(script, tmp_path, by):
    left = tmp_path / "launch.json"
    left.write_text(json.dumps({"overrides": {"run_config": {"lr": 0.1}}}))
    file = {"WANDB_LAUNCH_CONFIG_PATH": str(left)} if by != "variable" else {}
    variable = {"WANDB_CONFIG": '{"lr": 0.2}'} if by != "file" else {}

    ended = script(SCRIPT, environment={"WANDB_LAUNCH": "1", **AGENTS, **file, **variable})

    _, _, run_id, config = eval(ended.stdout.splitlines()[0])
    assert run_id == "theirs"
    assert config == {"lr": 0.1 if by == "file" else 0.2, "other": 2}
    assert len([line for line in warnings(ended) if "'launch'" in line]) == 2
