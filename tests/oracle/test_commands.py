"""The commands that change settings, beside the released client: exit codes, files, JSON keys."""

import configparser
import json
import subprocess

import pytest

# Each start of the released command takes a second and more.
pytestmark = pytest.mark.timeout(180)
MODES = ("off", "on", "disabled", "enabled")


@pytest.fixture
def command(client, tmp_path):
    """Run a command in one folder; return exit code and standard output."""

    def run(*words, **variables):
        done = subprocess.run(
            [client.interpreter, "-m", "wandb", *words],
            env=client.environment(tmp_path, **variables),
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


def settings(folder):
    parser = configparser.ConfigParser()
    parser.read(folder / "wandb" / "settings")
    return dict(parser["default"]) if parser.has_section("default") else {}


def test_modes_are_written_to_the_folders_settings(command, tmp_path):
    written = []
    for mode in MODES:
        code, said = command(mode)
        written.append(settings(tmp_path).get("mode"))
        assert (code, said.count("\n")) == (0, 1)

    assert written == ["offline", None, "disabled", "online"]


def test_init_with_options_writes_them_and_says_nothing(command, tmp_path):
    said = [command("init", "-p", "P", "-e", "E"), command("init", "-m", "offline", "-p", "P2")]
    written = settings(tmp_path)
    said += [command("init", "--reset")]

    assert said == [(0, "")] * 3
    assert written == {"entity": "E", "project": "P2", "mode": "offline"}
    assert {"entity", "project"}.isdisjoint(settings(tmp_path))


def test_init_asks_again_and_gives_up_without_an_answer(command):
    command("init", "-p", "P")

    assert command("init")[0] == 1


def test_status_is_json_of_known_keys(client, command):
    command("offline")
    code, said = command("status", WANDB_BASE_URL="http://127.0.0.1:9", WANDB_ENTITY="ann")
    heading, _, rest = said.partition("\n")
    found = json.loads(rest)

    assert (code, heading) == (0, "Current Settings")
    original = {
        *("_extra_http_headers", "_proxies", "api_key", "base_url", "entity", "git_remote"),
        *("ignore_globs", "mode", "organization", "project", "root_dir", "section"),
    }
    assert original <= found.keys() if client.ours else original == found.keys()
    assert found["base_url"] == "http://127.0.0.1:9"
    assert (found["mode"], found["section"], found["git_remote"]) == (
        *("offline", "default"),
        "origin",
    )
    assert (found["root_dir"], found["ignore_globs"]) == (None, [])
    assert command("status", "--no-settings") == (0, "")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nonsense",), 2),
        (("sync", "nowhere"), 2),
        (("sync", "--show", "x"), 2),
        (("beta", "sync"), 2),
        ((), 0),
    ],
)
def test_exit_codes_of_usage(command, words, code):
    assert command(*words)[0] == code


def test_nothing_to_sync_is_no_failure(command):
    key = {"WANDB_API_KEY": "a" * 40, "WANDB_BASE_URL": "http://127.0.0.1:9"}

    assert [command("sync", *words, **key)[0] for words in ((), ("--clean",))] == [0, 0]


def test_list_and_removal_need_no_key(command, either):
    case = "`wandb sync` and `--clean` without a PATH and without an API key"
    nobody = {"WANDB_BASE_URL": "http://127.0.0.1:9"}

    expected = either(case, original=[1, 1], ours=[0, 0])
    assert [command("sync", *words, **nobody)[0] for words in ((), ("--clean",))] == expected


def test_every_option_of_the_original_is_known(client, command):
    """The whole table of the original's `sync`, hidden ones too."""
    words = [
        *("--view", "--verbose", "--id", "x", "-p", "p", "-e", "e", "--job_type", "j"),
        *("--no-sync-tensorboard", "--include-globs", "*", "--exclude-globs", "x"),
        *("--no-include-online", "--no-include-offline", "--no-include-synced"),
        *("--no-mark-synced", "--sync-all", "--clean", "--clean-old-hours", "1", "--clean-force"),
        *("--ignore", "x", "--show", "1", "--append", "--skip-console", "--replace-tags", "a=b"),
    ]
    key = {"WANDB_API_KEY": "a" * 40, "WANDB_BASE_URL": "http://127.0.0.1:9"}

    assert command("sync", *words, **key)[0] in (0, 1)
