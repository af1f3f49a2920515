"""`wandb.login`."""

import pytest

import wandb
from wandb._base.credentials import find_key, save_key
from wandb._run import keyprompt
from wandb._run import login as logging_in
from wandb._run.session import session
from wandb.errors import AuthenticationError, UsageError

KEY, OTHER = "a" * 40, "b" * 40
HOST = "http://tracker.example:8080"


@pytest.fixture(autouse=True)
def no_mode(sent_nowhere, monkeypatch):
    """Logging in is for runs that are sent."""
    monkeypatch.delenv("WANDB_MODE")


@pytest.fixture
def typed(monkeypatch):
    """Be a terminal on which somebody types lines; None is somebody who does not answer."""
    lines = []

    def line(*_):
        text = lines.pop(0)
        if text is None:
            raise TimeoutError
        return text

    monkeypatch.setattr(keyprompt, "_can_ask", lambda: True)
    monkeypatch.setattr(keyprompt, "_line", line)
    monkeypatch.setattr(keyprompt, "_hidden_line", line)
    return lines


@pytest.fixture
def viewer(monkeypatch):
    """Answer whom a key belongs to."""
    known = {}

    class Server:
        def __init__(self, choice, settings):
            self._key = choice.api_key

        def ask(self, name):
            assert name == "CheckKey"
            return {"viewer": known.get(self._key)}

    monkeypatch.setattr("wandb.apis.public.server.connect", Server)
    return known


def test_nothing_configured_needs_no_login(capsys):
    assert wandb.login() is True
    assert "needs no login" in capsys.readouterr().err


def test_given_key_is_kept_for_the_host():
    assert wandb.login(key=KEY, host=HOST) is True

    assert find_key(HOST) == KEY
    assert (session.settings.base_url, session.settings.api_key) == (HOST, KEY)


def test_host_holds_in_later_processes():
    wandb.login(key=KEY, host=HOST)

    wandb.teardown()

    assert session.settings.base_url == HOST


def test_hosted_service_again_takes_the_host_out():
    wandb.login(key=KEY, host=HOST)
    wandb.login(key=OTHER, host="https://api.wandb.ai")

    wandb.teardown()

    assert session.settings.origin("base_url") is None
    assert find_key("https://api.wandb.ai") == OTHER


def test_kept_key_is_enough(monkeypatch):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    save_key(HOST, KEY)

    assert wandb.login() is True


def test_missing_key_without_a_terminal_is_an_error(monkeypatch):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)

    with pytest.raises(UsageError, match=r"no-tty.*wandb login KEY"):
        wandb.login()


def test_short_key_is_refused_and_not_kept():
    with pytest.raises(ValueError, match="40"):
        wandb.login(key="short", host=HOST)

    assert find_key(HOST) is None


def test_key_is_asked_for_until_it_can_be_one(monkeypatch, typed, capsys):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    typed += ["2", "short", "", KEY]

    assert wandb.login() is True

    assert find_key(HOST) == KEY
    assert KEY not in capsys.readouterr().err


@pytest.mark.parametrize("line", ["3", None])
def test_no_key_typed_means_offline(monkeypatch, typed, line):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    typed.append(line)

    assert wandb.login(timeout=1) is False
    assert session.settings.mode == "offline"


def test_relogin_asks_although_there_is_a_key(monkeypatch, typed):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    save_key(HOST, KEY)
    typed += ["2", OTHER]

    wandb.login(relogin=True)

    assert find_key(HOST) == OTHER


def test_forced_login_offers_nothing_but_a_key(monkeypatch, typed):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    typed.append(KEY)

    assert wandb.login(force=True) is True


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "", "²", "1.5"])
def test_choice_that_is_none_is_asked_for_again(monkeypatch, typed, capsys, number):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    typed += [number, "1", KEY]

    assert wandb.login() is True

    assert "from 1 to 3" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["WANDB_RELOGIN", "WANDB_FORCE", "WANDB_LOGIN_TIMEOUT"])
def test_settings_stand_for_arguments_that_are_not_given(monkeypatch, typed, name):
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    monkeypatch.setenv(name, "1")
    asked = []
    monkeypatch.setattr(logging_in, "typed_key", lambda choice, **how: asked.append(how) or KEY)
    save_key(HOST, OTHER) if name == "WANDB_RELOGIN" else None

    wandb.login()

    expected = {"force": name == "WANDB_FORCE", "timeout_secs": None}
    if name == "WANDB_LOGIN_TIMEOUT":
        expected["timeout_secs"] = 1.0
    assert asked == [expected]


def test_word_on_anonymous_accounts_is_checked():
    with pytest.raises(ValueError, match="anonymous"):
        wandb.login(anonymous="perhaps")


def test_verified_key_names_its_owner(viewer, capsys):
    viewer[KEY] = {"username": "ann"}

    wandb.login(key=KEY, host=HOST, verify=True)

    assert "Logged in as ann" in capsys.readouterr().err


def test_key_that_the_server_does_not_know_is_not_kept(viewer):
    with pytest.raises(AuthenticationError, match="does not know"):
        wandb.login(key=KEY, host=HOST, verify=True)

    assert find_key(HOST) is None


def test_key_that_the_server_does_not_know_is_not_used_in_this_process(viewer):
    viewer[KEY] = {"username": "ann"}
    wandb.login(key=KEY, host=HOST, verify=True)

    with pytest.raises(AuthenticationError):
        wandb.login(key=OTHER, verify=True)

    assert session.settings.api_key == KEY


def test_key_of_one_server_is_not_given_to_another():
    wandb.login(key=KEY, host=HOST)

    with pytest.raises(UsageError, match="no API key"):
        wandb.login(host="http://other.example")

    assert session.settings.api_key is None


def test_key_of_one_server_is_not_given_to_that_of_a_single_run():
    wandb.login(key=KEY, host=HOST)

    with pytest.raises(UsageError, match="no API key"):
        wandb.init(settings={"base_url": "http://other.example"})

    assert session.settings.api_key == KEY


def test_key_stays_while_the_host_does():
    wandb.login(key=KEY, host=HOST)

    assert wandb.login(host=HOST) is True
    assert session.settings.api_key == KEY


def test_key_of_the_environment_is_for_every_host(monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", OTHER)
    wandb.login(host=HOST)

    assert session.settings.api_key == OTHER


@pytest.mark.parametrize(("mode", "result"), [("offline", False), ("disabled", True)])
def test_mode_without_a_server_needs_no_key(monkeypatch, mode, result):
    monkeypatch.setenv("WANDB_MODE", mode)
    monkeypatch.setenv("WANDB_BASE_URL", HOST)

    assert wandb.login() is result


def test_login_during_a_run_changes_nothing(capsys):
    with wandb.init(mode="offline"):
        assert wandb.login(key=KEY, host=HOST) is True

    assert "no effect" in capsys.readouterr().err
    assert find_key(HOST) is None


def test_key_of_the_own_server_is_not_written_for_the_hosted_one():
    wandb.login(key=f"local-{KEY}")

    assert find_key("https://api.wandb.ai") is None
