"""Settings files by section and key."""

import pytest

from wandb._settings.oldfiles import Settings, wandb_dir


def test_folders_file_wins_over_the_users(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))
    Settings().set("default", "project", "user", globally=True, persist=True)
    Settings().set("default", "entity", "user", globally=True, persist=True)
    Settings().set("default", "project", "folder", persist=True)

    found = Settings()

    assert found.items() == {"section": "default", "project": "folder", "entity": "user"}
    assert found.get("default", "project") == "folder"


def test_what_is_not_persisted_stays_in_the_object():
    found = Settings()
    found.set("default", "project", "here")

    assert found.get("default", "project") == "here"
    assert Settings().get("default", "project", fallback=None) is None


def test_cleared_value_is_gone_from_the_file():
    found = Settings()
    found.set("default", "project", "100%", persist=True)
    assert Settings().get("default", "project") == "100%"

    found.clear("default", "project", persist=True)

    with pytest.raises(KeyError, match="project"):
        Settings().get("default", "project")


def test_folder_of_runs(tmp_path):
    assert wandb_dir(str(tmp_path)) == f"{tmp_path}/wandb/"
