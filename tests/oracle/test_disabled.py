"""Semantics §8: a disabled run behaves like a run and leaves nothing."""

import pytest

from oracle.harness import run_script

START = "run = wandb.init(mode='disabled', config={'a': 1})"

ATTRIBUTES = [
    ("type(run).__module__ + '.' + type(run).__name__", "wandb.sdk.wandb_run.Run"),
    ("len(run.id)", 8),
    ("run.name == 'dummy-' + run.id", True),
    ("(run.project, run.entity)", ("dummy", "dummy")),
    ("run.path == 'dummy/dummy/' + run.id", True),
    ("(run.url, run.project_url, run.sweep_url)", (None, None, None)),
    ("run.dir == __import__('tempfile').gettempdir()", True),
    ("(run.disabled, run.offline, run.resumed)", (True, False, False)),
    ("run.step", 0),
    ("run.starting_step", 0),
    ("run.tags", ()),
    ("(run.group, run.job_type, run.notes, run.sweep_id)", ("", "", None, None)),
    ("isinstance(run.settings.run_url, str)", True),
    ("run.start_time > 1.6e9", True),
    ("run.config.as_dict()", {"a": 1}),
    ("type(run.config).__name__", "Config"),
    ("type(run.summary).__name__", "SummaryDisabled"),
    ("isinstance(run.summary, dict)", True),
    ("wandb.run is run", True),
    ("wandb.config is run.config", True),
    ("__import__('copy').deepcopy(run) is run", True),
]


@pytest.mark.parametrize(("expression", "value"), ATTRIBUTES, ids=[row[0] for row in ATTRIBUTES])
def test_attributes(play, expression, value):
    played = play(START, expression, "run.finish()")

    assert not played.errors, played
    assert played[expression].value == value


def test_arguments_of_init_are_not_shown(play):
    arguments = "id='mine', name='n', project='p', group='g', tags=['t']"
    played = play(
        f"run = wandb.init(mode='disabled', {arguments})",
        "(run.id == 'mine', run.name == 'n', run.project, run.group, run.tags)",
        "run.finish()",
    )

    assert played.outcomes[1].value == (False, False, "dummy", "", ())


def test_log_only_updates_the_summary_and_checks_nothing(play):
    played = play(
        START,
        "run.log({1: 2, 'x': 1})",
        "run.log({'x': 2, 'o': object()}, step=5, commit=True)",
        "run.log({'y': 3}, step=1)",
        "wandb.log({'z': 4}, commit=False)",
        "run.step",
        "(run.summary[1], run.summary['x'], run.summary.y, wandb.summary['z'])",
        "('x' in run.summary, len(run.summary), run.summary.get('none', 7))",
        "run.finish()",
    )

    assert not played.errors, played
    assert played["run.step"].value == 0
    assert played.outcomes[-3].value == (2, 2, 3, 4)
    assert played.outcomes[-2].value == (True, 5, 7)


@pytest.mark.parametrize(
    ("row", "error"), [("[1]", "TypeError"), ("5", "TypeError"), ("'ab'", "ValueError")]
)
def test_log_of_no_mapping_raises_as_dict_update_does(play, row, error):
    played = play(START, f"run.log({row})", "run.finish()")

    assert error in played.outcomes[1].error


@pytest.mark.parametrize("read", ["run.summary['none']", "run.summary.none"])
def test_missing_summary_key_is_a_key_error(play, read):
    played = play(START, read, "run.finish()")

    assert "KeyError" in played[read].error


def test_summary_is_written_like_a_dict(play):
    played = play(
        START,
        "run.summary['n'] = {'q': 1}",
        "run.summary.update({'m': 2})",
        "run.summary.k = 3",
        "dict(run.summary)",
        "run.finish()",
    )

    assert not played.errors, played
    assert played["dict(run.summary)"].value == {"n": {"q": 1}, "m": 2, "k": 3}


def test_config_is_a_real_one(play):
    played = play(
        START,
        "run.config.a = 2",
        "run.config.update({'b': 2})",
        "run.config.as_dict()",
        "run.finish()",
    )

    assert played["run.config.a = 2"].error[:2] == ("ConfigError", "Error")
    assert played["run.config.as_dict()"].value == {"a": 1, "b": 2}


RETURNS = [
    ("run.use_artifact('x:latest')", None),
    ("run.save('x')", False),
    ("run.restore('x')", None),
    ("run.watch(None)", None),
    ("run.unwatch()", None),
    ("run.alert('title', 'text')", None),
    ("run.mark_preempting()", None),
    ("run.log_code()", None),
    ("run.link_artifact(None, 'x')", None),
    ("run.log_model('x')", None),
    ("run.use_model('x')", None),
    ("run.link_model('x', 'y')", None),
    ("run.upsert_artifact('x')", None),
    ("run.finish_artifact('x')", None),
    ("run.status()", None),
    ("run.display()", False),
    ("type(run.to_html()).__name__", "str"),
    ("type(run.define_metric('x', summary='bogus')).__name__", "Metric"),
    ("wandb.save('x')", False),
    ("wandb.alert('title', 'text')", None),
]


@pytest.mark.parametrize(("call", "value"), RETURNS, ids=[row[0] for row in RETURNS])
def test_methods_return_at_once(play, call, value):
    played = play(START, call, "run.finish()")

    assert not played.errors, played
    assert played[call].value == value


def test_logged_artifact_can_be_chained(play):
    chain = "artifact.wait().foo.bar(1).name is not None"
    played = play(START, "artifact = run.log_artifact('x')", chain, "run.finish()")

    assert not played.errors, played
    assert played[chain].value is True


def test_finish_returns_none_and_clears_the_globals(play):
    played = play(START, "run.finish()", "wandb.run", "wandb.log({'a': 1})")

    assert played["run.finish()"].value is None
    assert played["wandb.run"].value is None
    assert "Error" in played["wandb.log({'a': 1})"].error


def test_use_after_finish_raises_nothing(play):
    played = play(
        START,
        "run.finish()",
        "run.log({'z': 1})",
        "run.summary.update({'k': 1})",
        "run.config.update({'k': 1})",
        "run.define_metric('x')",
        "run.finish()",
        "run.id == run.name[6:]",
    )

    assert not played.errors, played


def test_with_block_ends_and_passes_exceptions(play):
    played = play("with wandb.init(mode='disabled') as run:\n    run.log({'a': 1})\n    1 / 0")

    assert "ZeroDivisionError" in played.outcomes[0].error


def test_nothing_is_left_and_nothing_is_printed(script, tmp_path):
    ended = script(
        "import wandb\n"
        "with wandb.init(mode='disabled', project='p') as run:\n"
        "    run.log({'a': 1})\n"
        "    run.config.b = 2\n"
    )

    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", "")
    assert not (tmp_path / "wandb").exists()


def test_environment_disables_too(script, tmp_path):
    ended = script(
        "import sys, wandb\nprint(wandb.init().disabled)\nsys.exit(4)\n",
        environment={"WANDB_MODE": "disabled"},
    )

    assert (ended.exit_code, ended.stdout.strip()) == (4, "True")
    assert not (tmp_path / "wandb").exists()


def test_no_file_is_opened_for_writing_and_nothing_is_started(ours, tmp_path):
    ended = run_script(
        ours,
        tmp_path,
        "import sys\n"
        "import wandb\n"
        "seen = []\n"
        "def hook(event, given):\n"
        "    if event in ('os.fork', 'subprocess.Popen', 'socket.connect', 'os.mkdir'):\n"
        "        seen.append(event)\n"
        "    if event == 'open' and isinstance(given[1], str) and set(given[1]) & set('wax+'):\n"
        "        seen.append(given[0])\n"
        "sys.addaudithook(hook)\n"
        "run = wandb.init(mode='disabled')\n"
        "run.log({'a': 1})\n"
        "run.finish()\n"
        "print('seen', seen)\n",
    )

    assert "seen []" in ended.stdout, ended.stderr
