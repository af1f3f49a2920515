"""`wandb init` writes where runs of a folder go, as options or answers say."""

import pytest
from click.testing import CliRunner

from wandb._settings.sources import load
from wandb.cli import init as module
from wandb.cli.main import cli


class User:
    entity = "ann"
    teams = ()


class Named:
    def __init__(self, name):
        self.name = name


class Server:
    """Stands for `Api`."""

    viewer = User()
    names = ()

    def projects(self, entity):
        return [Named(name) for name in self.names]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "own"))
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://tracker.example")
    monkeypatch.setattr(module, "Api", Server)


def init(*words, answers=None):
    return CliRunner().invoke(cli, ["init", *words], input=answers)


def settings(tmp_path):
    return load({"WANDB_CONFIG_DIR": str(tmp_path / "own")}, cwd=str(tmp_path))


def test_options_are_written_without_a_word(tmp_path):
    done = init("-p", "digits", "-e", "team")

    assert (done.exit_code, done.output) == (0, "")
    assert (settings(tmp_path).project, settings(tmp_path).entity) == ("digits", "team")


def test_one_option_leaves_the_others(tmp_path):
    init("-p", "digits", "-e", "team")
    init("-m", "offline")

    found = settings(tmp_path)
    assert (found.project, found.entity, found.mode) == ("digits", "team", "offline")


def test_mode_that_is_none_changes_nothing(tmp_path):
    done = init("-p", "digits", "-m", "sideways")

    assert done.exit_code == 1
    assert settings(tmp_path).project is None


def test_reset_forgets(tmp_path):
    init("-p", "digits", "-e", "team", "-m", "disabled")
    init("--reset")

    found = settings(tmp_path)
    assert (found.project, found.entity, found.mode) == (None, None, "online")


def test_project_is_picked_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(Server, "names", ("first", "second"))

    done = init(answers="2\n")

    found = settings(tmp_path)
    assert done.exit_code == 0
    assert (found.entity, found.project, found.base_url) == (
        *("ann", "second"),
        "http://tracker.example",
    )
    assert (tmp_path / "wandb" / ".gitignore").read_text() == "*\n!settings\n"


@pytest.mark.parametrize(
    ("names", "answers", "project"),
    [
        ((), "fresh\n", "fresh"),
        (("first",), "0\nfresh\n", "fresh"),
        (("first",), "fresh\n", "fresh"),
        (("first", "7"), "7\n", "7"),
    ],
)
def test_project_may_be_a_new_one(tmp_path, monkeypatch, names, answers, project):
    monkeypatch.setattr(Server, "names", names)

    assert init(answers=answers).exit_code == 0
    assert settings(tmp_path).project == project


def test_team_is_asked_for_where_there_are_several(tmp_path, monkeypatch):
    monkeypatch.setattr(User, "teams", ("ann", "blue"))

    assert init(answers="2\np\n").exit_code == 0
    assert settings(tmp_path).entity == "blue"


@pytest.mark.parametrize("answer", ["9\n", ""])
def test_number_that_is_none_changes_nothing(tmp_path, monkeypatch, answer):
    monkeypatch.setattr(Server, "names", ("first",))

    assert init(answers=answer).exit_code == 1
    assert settings(tmp_path).project is None


@pytest.mark.parametrize(
    ("answer", "project"), [("n\n", "digits"), ("", "digits"), ("y\nnew\n", "new")]
)
def test_folder_that_was_set_up_is_asked_about(tmp_path, answer, project):
    init("-p", "digits")

    done = init(answers=answer)

    assert done.exit_code == (0 if project == "new" else 1)
    assert settings(tmp_path).project == project
