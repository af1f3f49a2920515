"""What a settings file sets."""

import os

import pytest

from wandb._settings import settings_file
from wandb._settings.settings import Settings
from wandb.errors import SettingsError


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Settings:
        folder = tmp_path / "wandb"
        folder.mkdir(exist_ok=True)
        (folder / "settings").write_bytes(text.encode("latin-1"))
        settings = Settings(root_dir=str(tmp_path))
        settings.update_from_workspace_config_file()
        return settings

    return write


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("[default]\n", {}),
        ("[other]\nproject = x\n", {}),
        ("[default]\nproject = p\nentity=e\n", {"project": "p", "entity": "e"}),
        ("[default]\nPROJECT: p\n", {"project": "p"}),
        ("[DEFAULT]\nproject = p\n", {"project": "p"}),
        ("[default]\n# a\n; b\nproject = p ; x\n", {"project": "p ; x"}),
        ("[default]\nignore_globs = a, b,c\n", {"ignore_globs": ("a", " b", "c")}),
        ("[default]\nbase_url = http://x/\n", {"base_url": "http://x"}),
        ("[default]\nrun_name = 50%% off\n", {"run_name": "50% off"}),
        ("[default]\nrun_name = 50% off\n", {"run_name": "50% off"}),
        ("[default]\nsilent = yes\n", {"silent": True}),
        ("[default]\nmode = disabled\n", {"mode": "disabled"}),
    ],
)
def test_lines_of_the_default_section_set_values(written, text, values):
    settings = written(text)

    assert {name: getattr(settings, name) for name in settings.model_fields_set} == {
        "root_dir": settings.root_dir,
        **values,
    }


def test_unknown_keys_are_left_out_with_one_notice(written, tmp_path):
    settings = written("[default]\nfoo = 1\nproject = p\nbar = 2\n")

    assert settings.project == "p"
    assert settings.take_notices() == [
        f"`foo`, `bar` are no settings and are left out: {tmp_path}/wandb/settings"
    ]


def test_refusal_names_the_file_and_the_setting(written, tmp_path):
    with pytest.raises(SettingsError) as caught:
        written("[default]\nsilent = maybe\n")

    assert f"file `{tmp_path}/wandb/settings`: `silent` must be" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("api_key = hunter2\n", 1),
        ("[default]\nproject = p\napi_key hunter2\n", 3),
        ("[default]\napi_key = hunter2\napi_key = hunter2\n", 3),
        ("[default]\n[default]\n", 2),
    ],
)
def test_file_of_another_form_is_refused_by_line_and_without_quoting_it(written, text, line):
    with pytest.raises(SettingsError) as caught:
        written(text)

    assert f"line {line}, can't be read as a settings file" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_file_that_is_not_utf_8_is_refused(written):
    with pytest.raises(SettingsError, match="not text in UTF-8"):
        written("[default]\nproject = \xff\n")


@pytest.mark.parametrize("path", ["missing", "missing/settings"])
def test_missing_file_sets_nothing(tmp_path, path):
    assert settings_file.entries(str(tmp_path / path)) == ([], [])


def test_file_that_cannot_be_opened_is_left_out_with_a_notice(tmp_path):
    entries, notices = settings_file.entries(str(tmp_path))

    assert entries == []
    assert notices == [
        f"The settings file can't be read and is left out (Is a directory): {tmp_path}"
    ]


def test_system_file_is_read_only_if_it_is_named(tmp_path):
    file = tmp_path / "settings"
    file.write_text("[default]\nproject = p\n")
    named, unnamed = Settings(settings_system=str(file)), Settings()

    named.update_from_system_config_file()
    unnamed.update_from_system_config_file()

    assert (named.project, unnamed.project) == ("p", None)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({}, "~/.config/wandb"),
        ({"WANDB_CONFIG_DIR": ""}, "~/.config/wandb"),
        ({"WANDB_CONFIG_DIR": os.sep + "etc"}, "/etc"),
    ],
)
def test_folder_of_the_system_file_can_be_moved(environ, folder):
    assert settings_file.folder(environ) == folder
