import argparse

import pytest

from wandb._run.configsource import chosen_values, default_values, dict_from_config_file
from wandb.errors import ConfigError, UsageError

GOOD = "wandb_version: 1\na:\n  desc: null\n  value: 1\nb: {value: [1]}\n"


@pytest.fixture
def config_file(tmp_path):
    def write(text, name="config.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_values_are_read_from_entries(config_file):
    assert dict_from_config_file(config_file(GOOD)) == {"a": 1, "b": [1]}


def test_missing_file_is_none_or_an_error(tmp_path):
    missing = str(tmp_path / "none.yaml")

    assert dict_from_config_file(missing) is None
    with pytest.raises(ConfigError, match="does not exist"):
        dict_from_config_file(missing, must_exist=True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: 1\n", TypeError),
        ("a: {val: 1}\n", KeyError),
        ("[1, 2]\n", TypeError),
        ("a: [\n", ConfigError),
        ("wandb_version: 2\na: {value: 1}\n", ConfigError),
    ],
)
def test_bad_file_is_an_error_that_names_it(config_file, text, error):
    path = config_file(text)

    with pytest.raises(error, match=path):
        dict_from_config_file(path)


def test_folder_in_place_of_a_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        dict_from_config_file(str(tmp_path))


def test_empty_defaults_file_is_a_warning(config_file, tmp_path, capsys):
    config_file("", "config-defaults.yaml")

    assert default_values(str(tmp_path)) == {}
    assert "empty" in capsys.readouterr().err


def test_later_files_win_over_the_defaults(config_file, tmp_path):
    config_file("a: {value: 1}\nb: {value: 1}\n", "config-defaults.yaml")
    first, second = (
        config_file("b: {value: 2}\nc: {value: 2}\n"),
        config_file("c: {value: 3}\n", "second.yaml"),
    )

    assert default_values(str(tmp_path), [first, second]) == {"a": 1, "b": 2, "c": 3}


def test_keys_are_chosen(config_file):
    values = {"a": 1, "b": 2}

    assert chosen_values(values, include=["a"]) == {"a": 1}
    assert chosen_values(values, exclude=["a"]) == {"b": 2}
    assert chosen_values(config_file(GOOD), exclude=["a"]) == {"b": [1]}
    assert chosen_values(argparse.Namespace(q=1)) == {"q": 1}
    with pytest.raises(UsageError, match="config_exclude_keys"):
        chosen_values(values, exclude=["a"], include=["b"])


@pytest.mark.parametrize("nothing", [None, "", 0, [], {}])
def test_nothing_gives_no_values(nothing):
    assert chosen_values(nothing) == {}
