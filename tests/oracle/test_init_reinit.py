"""Semantics §5: `init`, `reinit`, several runs, and the attributes of a run."""

import re

import pytest

from oracle.compare import user_config, user_fields, user_rows

SAME_ID = "two offline runs with one id in one second"
INVALID = "settings errors"


def test_second_init_returns_the_first_run_and_takes_nothing(play):
    played = play(
        "a = init(name='one', config={'p': 1})",
        "b = wandb.init(mode='offline', project='other', name='two', config={'q': 1})",
        "(b is a, b.name, b.project, b.config.as_dict())",
    )

    assert played.outcomes[-1].value == (True, "one", "uncategorized", {"p": 1})
    assert len(played.logs) == 1


@pytest.mark.parametrize("reinit", ["'finish_previous'", "True"])
def test_finish_previous_finishes_all_active_runs(play, reinit):
    played = play(
        "a = init()",
        "b = init(reinit='create_new')",
        f"c = init(reinit={reinit})",
        "a.log({'x': 1})",
        "b.log({'x': 1})",
        "(wandb.run is c, c is a, c is b)",
    )

    assert [len(played.logs), played.outcomes[-1].value] == [3, (True, False, False)]
    for line in ("a.log({'x': 1})", "b.log({'x': 1})"):
        assert "UsageError" in played[line].error


@pytest.mark.parametrize("reinit", ["'return_previous'", "'default'", "False"])
def test_return_previous_returns_the_active_run(play, reinit):
    played = play("a = init()", f"b = init(reinit={reinit})", "b is a")

    assert played["b is a"].value is True


def test_create_new_leaves_the_globals_alone(play):
    played = play(
        "a = init(name='one')",
        "b = init(reinit='create_new', name='two')",
        "wandb.run is a",
        "b.log({'b': 1})",
        "wandb.log({'a': 1})",
        "a.finish()",
        "wandb.run",
        "b.log({'b': 2})",
        "b.finish()",
    )

    assert not played.errors, played
    assert played["wandb.run is a"].value is True
    assert played["wandb.run"].value is None
    names = {log.latest("display_name"): user_rows(log) for log in played.logs}
    assert names == {
        "one": [{"a": 1, "_step": 0}],
        "two": [{"b": 1, "_step": 0}, {"b": 2, "_step": 1}],
    }


def test_create_new_alone_sets_no_globals(play):
    played = play("a = init(reinit='create_new')", "wandb.run", "wandb.log({'b': 1})", "a.finish()")

    assert played["wandb.run"].value is None
    assert "Error" in played["wandb.log({'b': 1})"].error


def test_return_previous_means_the_newest_unfinished_run(play):
    played = play(
        "a = init()",
        "b = init(reinit='create_new')",
        "c = init()",
        "(c is b, c is a)",
        "b.finish()",
        "init() is a",
    )

    assert played["(c is b, c is a)"].value == (True, False)
    assert played["init() is a"].value is True


@pytest.mark.parametrize("reinit", ["'nonsense'", "5"])
def test_other_values_of_reinit_are_refused(play, either, reinit):
    played = play(f"init(reinit={reinit})", "wandb.run")

    assert (
        either(INVALID, original="ValidationError", ours="UsageError") in played.outcomes[0].error
    )
    assert "ValueError" in played.outcomes[0].error
    assert played["wandb.run"].value is None


def test_boolean_reinit_is_told_to_be_deprecated(script):
    ended = script("import wandb\nwandb.init()\nwandb.init(reinit=True)\nwandb.finish()\n")

    assert "deprecated" in ended.stderr
    assert "reinit" in ended.stderr


def test_finish_gives_the_globals_back(play):
    played = play(
        "run = init()",
        "wandb.run is run",
        "wandb.log({'a': 1})",
        "wandb.finish()",
        "wandb.run",
        "wandb.log({'a': 2})",
    )

    assert played["wandb.run is run"].value is True
    assert played["wandb.run"].value is None
    assert "Error" in played["wandb.log({'a': 2})"].error
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


def test_a_new_run_follows_a_finished_one(play):
    lines = [
        line
        for n in range(3)
        for line in (f"run = init(name='{n}')", f"wandb.log({{'n': {n}}})", "run.finish()")
    ]
    played = play(*lines)

    assert [user_rows(log) for log in played.logs] == [[{"n": n, "_step": 0}] for n in range(3)]


@pytest.mark.parametrize("call", ["wandb.finish()", "wandb.join()", "wandb.finish(exit_code=3)"])
def test_finish_without_a_run_does_nothing(play, call):
    played = play(call, "wandb.run")

    assert not played.errors, played
    assert played["wandb.run"].value is None


def test_two_runs_of_one_id_in_one_second(play, either):
    lines = [
        line
        for n in range(3)
        for line in ("run = init(id='twin')", f"run.log({{'n': {n}}})", "run.finish()")
    ]
    played = play(*lines)

    assert not played.errors, played
    kept = sorted(row["n"] for log in played.logs for row in log.rows)
    # The original keeps one run per second that the program lasted.
    least, most = either(SAME_ID, original=(1, 2), ours=(3, 3))
    assert least <= len(kept) <= most
    assert all(log.journal.name == "run-twin.wandb" for log in played.logs)


def test_with_block_finishes(play):
    played = play("with init() as run:\n    run.log({'a': 1})", "wandb.run")

    assert not played.errors, played
    assert played["wandb.run"].value is None
    assert played.log.exit_code == 0
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


def test_exception_in_a_with_block_is_recorded_and_goes_on(play):
    played = play("with init() as run:\n    run.log({'a': 1})\n    1 / 0", "wandb.run")

    assert "ZeroDivisionError" in played.outcomes[0].error
    assert "ZeroDivisionError" in played.terminal
    assert played["wandb.run"].value is None
    assert played.log.exit_code == 1
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


READABLE = "(run.id, run.name, run.project, run.tags, run.step, run.path, run.entity, run.group)"


def test_finished_run_stays_readable(play):
    played = play(
        "run = init(id='my-id', name='n', project='p', tags=['t'], entity='e', group='g')",
        "run.log({'a': 1})",
        "run.finish()",
        READABLE,
        "run.dir.split('/')[-1]",
        "run.finish()",
        "wandb.finish()",
    )

    assert not played.errors, played
    assert played[READABLE].value == ("my-id", "n", "p", ("t",), 1, "e/p/my-id", "e", "g")
    assert played["run.dir.split('/')[-1]"].value == "files"


AFTER_FINISH = [
    "run.log({'a': 1})",
    "run.define_metric('x')",
    "run.config.x = 1",
    "run.summary['x'] = 1",
    "run.name = 'new'",
    "run.tags = ('a',)",
    "run.save('x')",
    "run.alert('title', 'text')",
    "run.mark_preempting()",
    "run.log_code('.')",
]


@pytest.mark.parametrize("line", AFTER_FINISH)
def test_use_after_finish_is_a_usage_error_that_names_run_and_call(play, line):
    played = play("run = init(id='over')", "run.finish()", line)

    assert played[line].error[:2] == ("UsageError", "Error"), played
    assert "over" in played[line].message
    assert "finished" in played[line].message
    if line.startswith("run.") and "config" not in line and "summary" not in line:
        assert re.match(r"run\.(\w+)", line)[1] in played[line].message


ASSIGNED = [
    ("run.foo = 5", "Exception"),
    ("run.id = 'q'", "AttributeError"),
    ("run.group = 'q'", "AttributeError"),
    ("run.job_type = 'q'", "AttributeError"),
    ("run.config = {}", "AttributeError"),
    ("run.step = 5", "AttributeError"),
    ("run.tags = None", "TypeError"),
]


@pytest.mark.parametrize(("line", "error"), ASSIGNED)
def test_attributes_that_cannot_be_set(play, line, error):
    played = play("run = init()", line, "run.log({'a': 1})")

    assert error in played[line].error, played
    name = line.split(".")[1].split(" ")[0]
    if name != "tags":
        assert name in played[line].message
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


def test_attributes_that_can_be_set_are_recorded(play):
    played = play(
        "run = init()",
        "run.name = 'n'",
        "run.notes = 'two\\nlines'",
        "run.tags = ['x', 'y']",
        "run.tags += ('z',)",
        "(run.name, run.notes, run.tags)",
    )

    assert played.outcomes[-1].value == ("n", "two\nlines", ("x", "y", "z"))
    fields = user_fields(played.log)
    assert (fields["display_name"], fields["notes"], fields["tags"]) == (
        "n",
        "two\nlines",
        ["x", "y", "z"],
    )


DEFAULTS = [
    ("run.name", None),
    ("run.notes", None),
    ("run.tags", ()),
    ("run.group", ""),
    ("run.job_type", ""),
    ("run.entity", ""),
    ("run.project", "uncategorized"),
    ("run.path == f'uncategorized/{run.id}'", True),
    ("run.url", None),
    ("run.project_url", None),
    ("run.sweep_url", None),
    ("run.sweep_id", None),
    ("run.offline", True),
    ("run.disabled", False),
    ("run.resumed", False),
    ("run.starting_step", 0),
    ("run.step", 0),
    ("run.settings.mode", "offline"),
    ("len(run.id)", 8),
    ("set(run.id) <= set('abcdefghijklmnopqrstuvwxyz0123456789')", True),
    ("run.start_time > 1.6e9", True),
    ("hasattr(run, 'foo')", False),
    ("__import__('copy').deepcopy(run) is run", True),
    ("type(run).__module__ + '.' + type(run).__name__", "wandb.sdk.wandb_run.Run"),
]


@pytest.mark.parametrize(("expression", "value"), DEFAULTS, ids=[row[0] for row in DEFAULTS])
def test_attributes_of_an_offline_run(play, expression, value):
    played = play("run = init()", expression)

    assert not played.errors, played
    assert played[expression].value == value


def test_arguments_of_init_are_recorded(play):
    played = play(
        "run = init(id='my-id', name='nm', notes='nt', tags=['t1', 't2'], group='g', "
        "job_type='j', entity='e', project='p')"
    )

    assert user_fields(played.log) == {
        "display_name": "nm",
        "notes": "nt",
        "tags": ["t1", "t2"],
        "run_group": "g",
        "job_type": "j",
        "project": "p",
        "entity": "e",
    }
    assert played.log.journal.name == "run-my-id.wandb"
    assert played.log.latest("run_id") == "my-id"


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ("('a', 'b')", ["a", "b"]),
        ("['a', 'a', '']", ["a", "a", ""]),
        ("'abc'", ["a", "b", "c"]),
        ("['t' * 70]", ["t" * 70]),
        ("()", None),
    ],
)
def test_tags_are_taken_as_given(play, given, tags):
    played = play(f"run = init(tags={given})")

    assert played.log.latest("tags") == tags


def test_folder_of_an_offline_run(play):
    played = play("run = init(id='my-id')", "run.log({'a': 1})")

    folder = played.log.journal.parent
    base = played.folder / "wandb"
    assert folder.parent == base
    assert folder.name.startswith("offline-run-")
    assert folder.name.endswith("-my-id")
    assert {"files", "logs"} <= {path.name for path in folder.iterdir()}
    assert (base / "latest-run").readlink().name == folder.name
    assert not (base / "latest-run").readlink().is_absolute()
    for unsent in ("wandb-metadata.json", "config.yaml", "wandb-summary.json"):
        assert not (folder / "files" / unsent).exists()


def test_folder_named_dot_wandb_is_used_where_it_exists(play):
    played = play("import os; os.mkdir('.wandb')", "run = init()")

    assert played.log.journal.parent.parent.name == ".wandb"


def test_records_begin_with_header_and_run(play):
    played = play("run = init(config={'a': 1})")

    first, second = played.log.records[:2]
    assert "header" in first
    assert second["run"]["run_id"] == played.log.journal.stem.removeprefix("run-")
    assert [record["num"] for record in played.log.records] == list(
        range(1, len(played.log.records) + 1)
    )
    assert user_config(played.log) == {"a": 1}


def test_unknown_argument_of_init_is_a_type_error(play):
    played = play("init(nonsense=1)", "wandb.run")

    assert "TypeError" in played.outcomes[0].error
    assert "nonsense" in played.outcomes[0].message


def test_missing_dir_is_made(play):
    played = play("run = init(dir=f'{folder}/new/base')", "run.finish()")

    assert not played.errors, played
    assert list((played.folder / "new" / "base" / "wandb").glob("offline-run-*"))
