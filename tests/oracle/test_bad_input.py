"""Bad input: refused by name, with what is wrong, why, and what to do; nothing else is lost.

The class of each error is compared with the released client's. The words are ours alone.
"""

import pytest

from oracle.compare import user_config, user_rows, user_summary
from oracle.harness import run_script

INVALID = "settings errors"
UNKNOWN = "unknown key in a settings file"
PATHS = "WANDB_CONFIG_PATHS"
REJECTED = (
    "values that 0.21.3 rejects and 0.31.0 logs (dataclass, Decimal, complex, timedelta, range)"
)


@pytest.fixture
def tells(client):
    """Check that a message of ours has all these words; the released client's words are its own."""

    def check(message, *words):
        if client.ours:
            missing = [word for word in words if word.lower() not in message.lower()]
            assert not missing, f"{missing} missing from: {message}"

    return check


@pytest.mark.parametrize("key", ["5", "None", "('a', 'b')", "b'bytes'", "1.5"])
def test_key_that_is_no_text(play, tells, key):
    line = f"run.log({{'before': 1, {key}: 2}})"
    played = play(
        "run = init()", "run.log({'open': 1}, commit=False)", line, "run.log({'next': 3})"
    )

    assert "TypeError" in played[line].error
    tells(played[line].message, "key", "str", type(eval(key)).__name__)
    assert user_rows(played.log) == [{"open": 1, "next": 3, "_step": 0}]


@pytest.mark.parametrize("row", ["[1]", "5", "'text'", "None"])
def test_row_that_is_no_mapping(play, tells, row):
    line = f"run.log({row})"
    played = play("run = init()", line, "run.log({'next': 1})")

    assert "TypeError" in played[line].error
    tells(played[line].message, "dict", type(eval(row)).__name__)
    assert user_rows(played.log) == [{"next": 1, "_step": 0}]


@pytest.mark.parametrize("step", ["1.5", "'3'", "[1]", "np.float64(2)", "{}"])
def test_step_of_a_wrong_type(play, tells, step):
    line = f"run.log({{'lost': 1}}, step={step})"
    played = play("run = init()", line, "run.step", "run.log({'next': 1})")

    assert "TypeError" in played[line].error
    tells(played[line].message, "step", "int")
    assert played["run.step"].value == 0
    assert user_rows(played.log) == [{"next": 1, "_step": 0}]


def test_commit_of_a_wrong_type(play, tells):
    line = "run.log({'lost': 1}, commit='yes')"
    played = play("run = init()", line, "run.log({'next': 1})")

    assert "TypeError" in played[line].error
    tells(played[line].message, "commit", "True", "False")
    assert user_rows(played.log) == [{"next": 1, "_step": 0}]


def test_value_that_cannot_be_encoded_is_named_once(client, script, either):
    ended = script(
        "import wandb\n"
        "class Strange: pass\n"
        "run = wandb.init()\n"
        "for n in range(3):\n"
        "    try:\n"
        "        run.log({'kept': n, 'odd/one': Strange()})\n"
        "    except TypeError:\n"
        "        pass\n"
        "run.finish()\n"
    )

    rows = [{"kept": n, "_step": n} for n in range(3)]
    assert user_rows(ended.log) == either(REJECTED, original=[], ours=rows)
    if client.ours:
        (line,) = [line for line in ended.stderr.splitlines() if "odd/one" in line]
        assert "Strange" in line


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("''", ["empty"]),
        ("' x'", ["space"]),
        ("'x '", ["space"]),
        ("'a/b'", ["/"]),
        ("'a:b'", [":"]),
        ("'a?b'", ["?"]),
        ("'a#b'", ["#"]),
    ],
)
def test_forbidden_run_id(play, tells, given, words):
    played = play(f"init(id={given})", "wandb.run", "run = init()", "run.log({'a': 1})")

    refused = played.outcomes[0]
    assert "UsageError" in refused.error
    tells(refused.message, "id", *words)
    assert played["wandb.run"].value is None
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


@pytest.mark.parametrize(
    ("given", "words"), [("'a/b'", ["/"]), ("'a%b'", ["%"]), ("'p' * 129", ["128"])]
)
def test_forbidden_project_name(play, tells, given, words):
    played = play(f"init(project={given})", "wandb.run")

    assert "UsageError" in played.outcomes[0].error
    tells(played.outcomes[0].message, "project", *words)
    assert played["wandb.run"].value is None


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("id=5", ["id", "text", "5"]),
        ("name=5", ["name", "text", "5"]),
        ("notes=[]", ["notes", "text"]),
        ("group=5", ["group", "text", "5"]),
        ("job_type=5", ["job_type", "text", "5"]),
        ("tags=[1]", ["tags", "text", "1"]),
        ("tags=[None]", ["tags", "text"]),
        ("project=5", ["project", "text", "5"]),
        ("entity=5", ["entity", "text", "5"]),
        ("mode='weird'", ["mode", "weird", "offline", "online"]),
        ("resume='weird'", ["resume", "weird", "allow"]),
        ("reinit='weird'", ["reinit", "weird", "finish_previous"]),
        ("anonymous='weird'", ["anonymous", "weird", "never"]),
        ("force='x'", ["force", "true"]),
    ],
)
def test_argument_of_init_of_a_wrong_kind(play, either, tells, argument, words):
    played = play(f"init({argument})", "wandb.run", "run = init()", "run.log({'a': 1})")

    refused = played.outcomes[0]
    assert either(INVALID, original="ValidationError", ours="UsageError") in refused.error, refused
    assert "ValueError" in refused.error
    tells(refused.message, *words)
    assert played["wandb.run"].value is None
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


def test_tags_that_are_no_sequence(play):
    played = play("init(tags=5)", "wandb.run")

    assert {"TypeError", "ValueError"} & set(played.outcomes[0].error)
    assert played["wandb.run"].value is None


SETTINGS = [
    ("{'nonsense': 1}", ["nonsense"]),
    ("{'mode': 'weird'}", ["mode", "weird", "offline"]),
    ("{'init_timeout': 'abc'}", ["init_timeout", "abc", "number"]),
    ("{'console': 'weird'}", ["console", "weird", "wrap"]),
    ("{'silent': 'maybe'}", ["silent", "maybe", "true"]),
    ("{'run_tags': 5}", ["run_tags", "5"]),
]


@pytest.mark.parametrize("source", ["init(settings={})", "wandb.Settings(**{})"])
@pytest.mark.parametrize(("given", "words"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_wrong_setting(play, either, tells, source, given, words):
    line = source.replace("{}", given)
    played = play(line, "wandb.run")

    refused = played.outcomes[0]
    assert either(INVALID, original="ValidationError", ours="UsageError") in refused.error, refused
    assert "ValueError" in refused.error
    tells(refused.message, *words)
    assert played["wandb.run"].value is None


@pytest.mark.parametrize("line", ["s.mode = 'weird'", "s.nonsense = 5", "s.init_timeout = 'abc'"])
def test_wrong_assignment_to_settings(play, either, tells, line):
    played = play("s = wandb.Settings()", line, "(s.mode, s.init_timeout)")

    refused = played[line]
    assert either(INVALID, original="ValidationError", ours="UsageError") in refused.error, refused
    assert "ValueError" in refused.error
    tells(refused.message, line.split()[0][2:])
    assert played.outcomes[-1].value == ("online", 90.0)


ENVIRONMENT = [
    ("WANDB_MODE", "weird", ["offline"]),
    ("WANDB_MODE", "", ["offline"]),
    ("WANDB_SILENT", "maybe", ["true"]),
    ("WANDB_INIT_TIMEOUT", "abc", ["number"]),
    ("WANDB_CONSOLE", "weird", ["wrap"]),
    ("WANDB_RUN_ID", "a/b", ["/"]),
    ("WANDB_RUN_ID", "", ["empty"]),
    ("WANDB_RESUME", "true", ["allow"]),
]

CAUGHT = (
    "import json, wandb\n"
    "try:\n"
    "    run = wandb.init()\n"
    "except Exception as err:\n"
    "    print(json.dumps([[kind.__name__ for kind in type(err).__mro__], str(err)]))\n"
)


@pytest.mark.parametrize(
    ("name", "value", "words"), ENVIRONMENT, ids=[f"{row[0]}={row[1]}" for row in ENVIRONMENT]
)
def test_wrong_setting_in_the_environment(script, either, tells, tmp_path, name, value, words):
    ended = script(CAUGHT, environment={name: value})

    refused, message = eval(ended.stdout)
    if name == "WANDB_RUN_ID":
        assert "UsageError" in refused
    else:
        expected = either(INVALID, original="ValidationError", ours="UsageError")
        assert expected in refused
        assert "ValueError" in refused
    tells(message, name, *words)
    assert not list(tmp_path.glob("wandb/*run-*"))


FILES = [".config/wandb/settings", "wandb/settings"]


def settings_file(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(text)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("console = weird", ["console", "weird", "wrap"]),
        ("init_timeout = abc", ["init_timeout", "number"]),
    ],
)
def test_wrong_setting_in_a_file(script, either, tells, tmp_path, name, line, words):
    settings_file(tmp_path, name, f"[default]\n{line}\n")
    ended = script(CAUGHT)

    refused, message = eval(ended.stdout)
    expected = either(INVALID, original="ValidationError", ours="UsageError")
    assert expected in refused
    assert "ValueError" in refused
    tells(message, name, *words)


@pytest.mark.parametrize("name", FILES)
def test_unknown_setting_in_a_file_is_a_warning(client, script, either, tmp_path, name):
    settings_file(tmp_path, name, "[default]\nnonsense = 1\nproject = from-file\n")
    ended = script(
        "import wandb\nrun = wandb.init()\nprint(run.project)\nrun.log({'a': 1})\nrun.finish()\n"
    )

    assert ended.exit_code == either(UNKNOWN, original=1, ours=0)
    if client.ours:
        assert "from-file" in ended.stdout
        assert ended.stderr.count("nonsense") == 1
        assert name in ended.stderr
        assert user_rows(ended.log) == [{"a": 1, "_step": 0}]


def test_config_paths_are_read_in_order(client, script, either, tmp_path):
    (tmp_path / "a.yaml").write_text("lr:\n  value: 1\ndepth:\n  value: 2\n")
    (tmp_path / "b.yaml").write_text("lr:\n  value: 3\n")
    ended = script(
        "import wandb\nrun = wandb.init()\nrun.finish()\n",
        environment={"WANDB_CONFIG_PATHS": "a.yaml,b.yaml"},
    )

    assert ended.exit_code == either(PATHS, original=1, ours=0)
    if client.ours:
        assert user_config(ended.log) == {"lr": 3, "depth": 2}


BEFORE_INIT = [
    "wandb.log({'a': 1})",
    "wandb.config.x",
    "wandb.config['x']",
    "wandb.config.x = 1",
    "wandb.config.update({'a': 1})",
    "wandb.summary['x']",
    "wandb.summary['x'] = 1",
    "wandb.summary.x",
    "wandb.define_metric('a')",
    "wandb.save('x')",
    "wandb.watch(None)",
    "wandb.log_artifact('x')",
    "wandb.use_artifact('x')",
]


@pytest.mark.parametrize("line", BEFORE_INIT)
def test_call_before_init_names_itself_and_init(play, line):
    played = play(line, "wandb.run", "run = init()", "run.log({'a': 1})")

    refused = played[line]
    assert "Error" in refused.error[:2], refused
    assert "wandb.init" in refused.message
    assert line.split("(")[0].split(" ")[0].split("[")[0] in refused.message
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]


AFTER_FINISH = [
    "run.log({'a': 1})",
    "run.log({})",
    "run.config.x = 1",
    "run.config.update({'x': 1})",
    "run.summary['x'] = 1",
    "run.summary.update({'x': 1})",
    "run.define_metric('x')",
    "run.name = 'new'",
    "run.notes = 'new'",
    "run.tags = ('new',)",
]


@pytest.mark.parametrize("line", AFTER_FINISH)
def test_call_after_finish_changes_nothing(play, tells, line):
    played = play("run = init(id='over')", "run.log({'kept': 1})", "run.finish()", line)

    assert played[line].error[:2] == ("UsageError", "Error"), played
    tells(played[line].message, "over", "finished", "init")
    assert user_rows(played.log) == [{"kept": 1, "_step": 0}]
    assert user_summary(played.log.summary) == {"kept": 1, "_step": 0}
    assert user_config(played.log) == {}


def test_folder_that_cannot_be_made_is_told_and_replaced(script, tells, tmp_path):
    # Tests run as root, whom permissions don't bind: what is below a file nobody can make.
    (tmp_path / "plain").write_text("")
    (tmp_path / "temporary").mkdir()
    ended = script(
        "import wandb\nrun = wandb.init(dir='plain/below')\nrun.log({'a': 1})\nrun.finish()\n",
        environment={"TMPDIR": str(tmp_path / "temporary")},
    )

    assert ended.exit_code == 0
    assert "plain/below" in ended.stderr
    assert str(tmp_path / "temporary") in ended.stderr
    (journal,) = (tmp_path / "temporary").glob("wandb/offline-run-*/run-*.wandb")
    assert journal.stat().st_size > 0


def test_file_in_place_of_the_wandb_folder_is_told(script, client, tmp_path):
    (tmp_path / "wandb").write_text("")
    (tmp_path / "temporary").mkdir()
    ended = script(
        "import wandb\nrun = wandb.init()\nrun.log({'a': 1})\nrun.finish()\nprint('end')\n",
        environment={"TMPDIR": str(tmp_path / "temporary")},
    )

    kept = list((tmp_path / "temporary").glob("wandb/offline-run-*/run-*.wandb"))
    # An error, or another folder: both say where it did not work.
    assert (ended.exit_code != 0) or kept
    assert str(tmp_path) in ended.stderr
    if not client.ours:
        assert "NotADirectoryError" in ended.stderr


@pytest.mark.parametrize("when", ["before a row", "before finish"])
def test_folder_that_vanished_ends_no_training(script, when):
    # Again where a file came into it meanwhile: what describes the machine is written beside it.
    vanish = "while os.path.exists('wandb'): shutil.rmtree('wandb', ignore_errors=True)\n"
    ended = script(
        "import os, shutil, wandb\n"
        "run = wandb.init()\n"
        "run.log({'a': 1})\n"
        + (vanish if when == "before a row" else "")
        + "run.log({'b': 1})\n"
        + (vanish if when == "before finish" else "")
        + "run.finish()\n"
        "print('end')\n"
    )

    assert (ended.exit_code, ended.stdout.splitlines()[-1:]) == (0, ["end"]), ended.stderr
    assert "Traceback" not in ended.stderr


def test_folder_that_vanished_is_told(ours, tmp_path):
    # The original says that all is well.
    ended = run_script(
        ours,
        tmp_path,
        "import shutil, wandb\n"
        "run = wandb.init()\n"
        "run.log({'a': 1})\n"
        "shutil.rmtree('wandb')\n"
        "run.finish()\n",
    )

    assert any(word in ended.stderr for word in ("gone", "vanished", "missing", "no longer")), ended


@pytest.mark.parametrize("exit_code", ["'x'", "1.5", "[1]"])
def test_exit_code_of_a_wrong_type(play, exit_code):
    line = f"run.finish(exit_code={exit_code})"
    played = play("run = init()", "run.log({'a': 1})", line)

    assert "TypeError" in played[line].error
