import json

import pytest

from wandb._base.credentials import save_key
from wandb._settings.server_choice import HOSTED_API, ServerChoice, choose
from wandb._settings.settings import Settings

KEY, OTHER, LOCAL = "a" * 40, "b" * 40, "local-" + "c" * 40
ADDRESS = "http://127.0.0.1:8765"


@pytest.fixture
def environ(tmp_path):
    return {"FERRULE_DATA_DIR": str(tmp_path / "data"), "NETRC": str(tmp_path / "netrc")}


@pytest.fixture
def local(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "server.json").write_text(json.dumps({"port": 8765, "pid": 1}))
    (folder / "api-key").write_text(f"{LOCAL}\n")


def test_named_address_wins_and_takes_its_own_key(environ, local):
    save_key("https://tracker.example", OTHER, environ=environ)
    save_key(HOSTED_API, KEY, environ=environ)

    choice = choose(Settings(base_url="https://tracker.example"), environ)

    assert choice == ServerChoice("named", "https://tracker.example", OTHER)


def test_given_key_goes_before_a_kept_one(environ):
    save_key("https://tracker.example", OTHER, environ=environ)

    choice = choose(Settings(base_url="https://tracker.example", api_key=KEY), environ)

    assert choice.api_key == KEY


def test_hosted_address_given_by_hand_is_a_named_server(environ, local):
    assert choose(Settings(base_url=HOSTED_API), environ) == ServerChoice("named", HOSTED_API, None)


@pytest.mark.parametrize("given", ["setting", "netrc"])
def test_key_alone_means_the_hosted_service(environ, local, given):
    settings = Settings(api_key=KEY) if given == "setting" else Settings()
    if given == "netrc":
        save_key(HOSTED_API, KEY, environ=environ)

    assert choose(settings, environ) == ServerChoice("hosted", HOSTED_API, KEY)


@pytest.mark.parametrize("given", ["setting", "netrc"])
def test_key_of_the_local_server_never_leads_to_the_hosted_service(environ, local, given):
    settings = Settings(api_key=LOCAL) if given == "setting" else Settings()
    if given == "netrc":
        save_key(HOSTED_API, LOCAL, environ=environ)

    assert choose(settings, environ) == ServerChoice("local", ADDRESS, LOCAL)


def test_nothing_configured_means_the_local_server(environ, local):
    assert choose(Settings(), environ) == ServerChoice("local", ADDRESS, LOCAL)


def test_local_server_that_never_ran_has_no_address_yet(environ):
    assert choose(Settings(), environ) == ServerChoice("local", "", None)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"port": "x"}'])
def test_unreadable_facts_of_the_local_server_are_as_good_as_none(
    environ, local, tmp_path, content
):
    (tmp_path / "data" / "server.json").write_text(content)

    assert choose(Settings(), environ).base_url == ""


def test_address_of_the_local_server_needs_no_key_by_hand(environ, local):
    assert choose(Settings(base_url=ADDRESS), environ) == ServerChoice("named", ADDRESS, LOCAL)
