"""The order of the layers."""

import sys

import pytest

from wandb._settings.settings import Settings
from wandb._settings.sources import load
from wandb.errors import SettingsError


@pytest.fixture
def place(tmp_path):
    """Files of two layers in a folder of their own, and the environment that leads there."""

    class Place:
        cwd = tmp_path / "work"
        environ = {"WANDB_CONFIG_DIR": str(tmp_path / "config")}  # noqa: RUF012

        def system(self, text: str) -> None:
            self._write(tmp_path / "config" / "settings", text)

        def workspace(self, text: str, folder: str = "work") -> None:
            self._write(tmp_path / folder / "wandb" / "settings", text)

        def _write(self, path, text: str) -> None:
            path.parent.mkdir(parents=True)
            path.write_text(f"[default]\n{text}\n")

        def load(self, **variables: str) -> Settings:
            return load({**self.environ, **variables}, cwd=str(self.cwd))

    Place.cwd.mkdir()
    return Place()


def test_later_layers_win(place):
    place.system("project = system\nentity = system\nrun_group = system")
    place.workspace("project = workspace\nentity = workspace")

    settings = place.load(WANDB_PROJECT="environment")

    assert settings.project == "environment"
    assert settings.entity == "workspace"
    assert settings.run_group == "system"


def test_each_value_knows_its_layer(place):
    place.workspace("entity = e")

    settings = place.load(WANDB_PROJECT="p")

    assert settings.origin("entity") == f"file `{place.cwd}/wandb/settings`"
    assert settings.origin("project") == "environment variable `WANDB_PROJECT`"
    assert settings.origin("host") == "the system"
    assert settings.origin("mode") is None


def test_nothing_set_leaves_the_defaults_in_the_given_folder(place):
    settings = place.load()

    assert settings.root_dir == str(place.cwd)
    assert "root_dir" not in settings.model_fields_set
    assert settings.take_notices() == []


def test_workspace_file_is_looked_for_before_the_environment_moves_the_folder(place, tmp_path):
    place.workspace("project = here")
    place.workspace("project = there", folder="elsewhere")

    settings = place.load(WANDB_DIR=str(tmp_path / "elsewhere"))

    assert settings.project == "here"
    assert settings.root_dir == str(tmp_path / "elsewhere")


def test_workspace_file_is_looked_for_where_the_system_file_says(place, tmp_path):
    place.system(f"root_dir = {tmp_path / 'elsewhere'}")
    place.workspace("project = there", folder="elsewhere")

    assert place.load().project == "there"


def test_notices_of_all_layers_wait_together(place):
    place.system("foo = 1")
    place.workspace("bar = 1")

    notices = place.load(WANDB_START_METHOD="fork").take_notices()

    assert [notice.split()[0] for notice in notices] == ["`foo`", "`bar`", "The"]


def test_files_conflicting_with_the_environment_are_both_named(place):
    place.workspace("resume = must")

    with pytest.raises(SettingsError) as caught:
        place.load(WANDB_FORK_FROM="a?_step=1")

    assert "`fork_from` (environment variable `WANDB_FORK_FROM`)" in str(caught.value)
    assert f"`resume` (file `{place.cwd}/wandb/settings`)" in str(caught.value)


def test_what_the_script_says_wins_over_all(place):
    settings = place.load(WANDB_PROJECT="environment", WANDB_MODE="offline")

    settings.update_from_settings(Settings(project="object", run_group="object"))
    settings.update_from_dict({"project": "argument"}, source="argument of `wandb.init`")

    assert (settings.project, settings.run_group, settings.mode) == (
        "argument",
        "object",
        "offline",
    )


def test_loading_needs_no_parser_where_there_is_no_file(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "configparser", None)  # importing it would now fail

    assert place.load(WANDB_MODE="offline").mode == "offline"
