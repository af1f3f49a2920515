"""The commands that change settings, and what each loads."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from wandb._base.credentials import find_key
from wandb._settings.sources import load
from wandb.cli.main import cli, main

KEY = "a" * 40


@pytest.fixture
def run():
    def invoke(*arguments):
        return CliRunner().invoke(cli, arguments)

    return invoke


def settings(tmp_path):
    return load({"WANDB_CONFIG_DIR": str(tmp_path)}, cwd=str(tmp_path))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        ("offline", "offline"),
        ("off", "offline"),
        ("disabled", "disabled"),
        ("enabled", "online"),
        ("online", "online"),
    ],
)
def test_mode_of_the_folder_is_changed(run, tmp_path, command, mode):
    run("offline")
    done = run(command)

    assert (done.exit_code, settings(tmp_path).mode) == (0, mode)
    assert done.output.count("\n") == 1


def test_other_lines_of_the_settings_file_stay(run, tmp_path):
    path = tmp_path / "wandb" / "settings"
    path.parent.mkdir()
    path.write_text("# mine\n[default]\nproject = digits\nmode = disabled\nentity = ann\n")

    run("offline")
    run("online")

    assert path.read_text() == "# mine\n[default]\nproject = digits\nentity = ann\n"


def test_login_keeps_the_key_and_the_host(run, tmp_path):
    done = run("login", "--host", "http://tracker.example", KEY)

    assert done.exit_code == 0
    assert settings(tmp_path).base_url == "http://tracker.example"
    assert find_key("http://tracker.example") == KEY
    assert KEY not in done.output


def test_status_tells_settings_and_no_key(run, tmp_path):
    run("login", "--host", "http://tracker.example", KEY)

    text = run("status").output

    shown = json.loads(text.partition("\n")[2])
    assert shown["base_url"] == "http://tracker.example"
    assert shown["api_key"] == "configured"
    assert KEY not in text
    assert run("status", "--no-settings").output == ""


def test_version_and_help_are_there(run):
    assert run("--version").output == "wandb, version 0.21.3+ferrule.1\n"
    assert "sync" in run().output
    assert run().exit_code == 0
    assert run("nonsense").exit_code == 2


def test_error_is_a_sentence_and_exit_code_1(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["wandb", "login", "short"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Error: An API key has 40")


def test_help_loads_no_command():
    script = (
        "import sys\nfrom wandb.cli.main import cli\ncli(['--help'], standalone_mode=False)\n"
        "print([name for name in sys.modules if name in ('aiohttp', 'wandb.cli.sync')])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.endswith("[]\n"), done.stderr
