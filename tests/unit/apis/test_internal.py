"""`wandb.api`: what older code asks of it."""

import pickle

import pytest

import wandb
from wandb._base.credentials import save_key
from wandb.errors import CommError

KEY, HOST = "a" * 40, "http://tracker.example:8080"


@pytest.fixture(autouse=True)
def named(monkeypatch):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)


def test_key_is_found_whenever_it_is_asked_for():
    assert wandb.api.api_key is None
    assert not wandb.api.is_authenticated

    save_key(HOST, KEY)

    assert wandb.api.api_key == KEY
    assert wandb.api.is_authenticated


def test_addresses():
    assert wandb.api.api_url == HOST
    assert wandb.api.app_url == f"{HOST}/"


def test_settings_are_those_of_files_and_environment(monkeypatch):
    monkeypatch.setenv("WANDB_ENTITY", "ann")
    api = wandb.InternalApi()
    api.set_setting("project", "digits")

    assert (api.settings("entity"), api.settings("project")) == ("ann", "digits")
    assert api.settings()["base_url"] == HOST
    assert api.format_project("digits") == "ann/digits"
    api.clear_setting("project")
    assert api.settings("project") is None


@pytest.mark.parametrize(
    ("slug", "found"), [("p/r", ("p", "r")), ("e/p/r", ("p", "r")), ("r", ("mine", "r"))]
)
def test_slug(slug, found):
    assert wandb.InternalApi().parse_slug(slug, project="mine") == found


def test_slug_without_a_run():
    with pytest.raises(CommError, match="names no run"):
        wandb.InternalApi().parse_slug("")


def test_key_that_cannot_be_asked_about_is_no_good_one():
    assert wandb.InternalApi().validate_api_key() is False


def test_method_that_is_not_here_is_an_attribute_error_with_words():
    assert not hasattr(wandb.api, "upsert_run")
    with pytest.raises(wandb.UsageError, match="not in this version"):
        wandb.api.upsert_run()


def test_it_can_be_pickled():
    assert pickle.loads(pickle.dumps(wandb.InternalApi(api_key=KEY))).api_key == KEY
