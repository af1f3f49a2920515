"""What follows from the machine and the way the script was started."""

import os
import sys
import types

import pytest

from wandb._settings.settings import Settings


@pytest.fixture
def script(tmp_path, monkeypatch):
    file = tmp_path / "repo" / "sub" / "train.py"
    file.parent.mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()
    file.touch()
    main = types.SimpleNamespace(__file__=str(file), __spec__=None)
    monkeypatch.setitem(sys.modules, "__main__", main)
    return file


def inferred(cwd, environ=None, **given):
    settings = Settings(**given)
    settings.update_from_env_vars(environ or {})
    settings.update_from_system_environment(environ or {}, cwd=str(cwd))
    return settings


def programs(settings):
    return settings.program, settings.program_relpath, settings.program_abspath


def test_main_file_is_the_program_below_the_top_of_the_repository(script):
    settings = inferred(script.parent)

    assert programs(settings) == (str(script), "sub/train.py", str(script))


def test_main_file_is_relative_to_the_working_folder_where_git_is_off(script):
    settings = inferred(script.parent, disable_git=True)

    assert settings.program_relpath == "train.py"


def test_main_file_outside_the_working_folder_has_no_relative_path(script, tmp_path):
    other = tmp_path / "other"
    other.mkdir()

    assert programs(inferred(other)) == (str(script), None, str(script))


def test_module_started_by_name_is_told_by_name(script):
    sys.modules["__main__"].__spec__ = types.SimpleNamespace(name="pk.__main__")

    assert programs(inferred(script.parent)) == ("-m pk.__main__", None, None)


def test_interpreter_without_a_script_says_so(script):
    sys.modules["__main__"].__file__ = None

    assert programs(inferred(script.parent)) == ("<python with no main file>", None, None)


def test_given_program_is_looked_for_from_the_working_folder(script):
    settings = inferred(script.parent, program="train.py")

    assert programs(settings) == ("train.py", "sub/train.py", str(script))


def test_given_program_that_is_no_file_stays_as_it_is(script):
    assert programs(inferred(script.parent, program="x.py")) == ("x.py", None, None)


def test_given_relative_path_is_left_alone(script):
    assert inferred(script.parent, program_relpath="z").program_relpath == "z"


def test_machine_and_interpreter_are_filled_in_where_nobody_set_them(script):
    found = inferred(script.parent)
    given = inferred(script.parent, host="h", x_executable="py")

    assert (found.host, found.x_executable) == (os.uname().nodename, sys.executable)
    assert (given.host, given.x_executable) == ("h", "py")


@pytest.mark.parametrize(
    ("environ", "saves"),
    [
        ({}, None),
        ({"SAVE_CODE": "true"}, True),
        ({"SAVE_CODE": "false"}, False),
        ({"DISABLE_CODE": "true"}, False),
        ({"DISABLE_CODE": "false"}, False),
        ({"SAVE_CODE": "yes", "DISABLE_CODE": "1"}, False),
        ({"SAVE_CODE": "true", "DISABLE_CODE": "false"}, True),
    ],
)
def test_code_is_saved_if_one_variable_asks_and_the_other_does_not_object(script, environ, saves):
    variables = {f"WANDB_{name}": text for name, text in environ.items()}

    assert inferred(script.parent, variables).save_code is saves
