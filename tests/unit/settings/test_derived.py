"""Folders, addresses and surroundings; checked against the released client."""

import sys
import time
import types

import pytest

from wandb._settings.settings import Settings

START = 1_700_000_000.5


@pytest.fixture(autouse=True)
def _in_utc():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(autouse=True)
def _plain_python(monkeypatch):
    for name in ("WANDB_APP_URL", "KAGGLE_KERNEL_RUN_TYPE", "AWS_LAMBDA_FUNCTION_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("IPython", "google.colab", "kaggle_environments"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_folders_of_a_run(tmp_path):
    settings = Settings(root_dir=str(tmp_path), run_id="a b", x_start_time=START)

    base, run = f"{tmp_path}/wandb", f"{tmp_path}/wandb/run-20231114_221320-a b"
    assert {
        "wandb_dir": f"{base}/",
        "sync_dir": run,
        "sync_file": f"{run}/run-a b.wandb",
        "files_dir": f"{run}/files",
        "_tmp_code_dir": f"{run}/tmp/code",
        "log_dir": f"{run}/logs",
        "log_user": f"{run}/logs/debug.log",
        "log_internal": f"{run}/logs/debug-internal.log",
        "sync_symlink_latest": f"{base}/latest-run",
        "log_symlink_user": f"{base}/debug.log",
        "log_symlink_internal": f"{base}/debug-internal.log",
        "resume_fname": f"{base}/wandb-resume.json",
        "settings_workspace": f"{base}/settings",
        "timespec": "20231114_221320",
        "_start_datetime": "20231114_221320",
    }.items() <= settings.model_dump().items()


def test_folders_before_the_run_has_an_id_and_a_time():
    assert Settings(root_dir="/r").sync_file == "/r/wandb/run--None/run-None.wandb"


@pytest.mark.parametrize(
    ("root", "folder"),
    [("rel", "rel/wandb/"), ("", "wandb/"), ("~/x", "/home/someone/x/wandb/")],
)
def test_root_may_be_relative_or_below_the_home_folder(monkeypatch, root, folder):
    monkeypatch.setenv("HOME", "/home/someone")

    assert Settings(root_dir=root).wandb_dir == folder


def test_hidden_folder_is_used_where_there_is_one(tmp_path):
    (tmp_path / ".wandb").mkdir()

    assert Settings(root_dir=str(tmp_path)).wandb_dir == f"{tmp_path}/.wandb/"


def test_files_folder_can_be_chosen():
    assert Settings(x_files_dir="ff").files_dir == "ff"


@pytest.mark.parametrize(
    ("mode", "offline", "noop", "shared", "run_mode"),
    [
        ("online", False, False, False, "run"),
        ("run", False, False, False, "run"),
        ("offline", True, False, False, "offline-run"),
        ("dryrun", True, False, False, "offline-run"),
        ("shared", False, False, True, "run"),
        ("disabled", False, True, False, "run"),
    ],
)
def test_mode_decides_what_the_run_is(mode, offline, noop, shared, run_mode):
    settings = Settings(mode=mode)

    found = (settings._offline, settings._noop, settings._shared, settings.run_mode)

    assert found == (offline, noop, shared, run_mode)


@pytest.mark.parametrize(
    ("base_url", "app"),
    [
        ("https://api.wandb.ai", "https://wandb.ai"),
        ("https://api.wandb.com", "https://wandb.com"),
        ("https://api.foo.com", "https://app.foo.com"),
        ("https://my.api.host", "https://my.api.host"),
        ("http://api-x.com", "http://api-x.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
    ],
)
def test_pages_are_beside_the_api(base_url, app):
    settings = Settings(base_url=base_url, entity="e", project="p")

    assert settings.project_url == f"{app}/e/p"


def test_pages_can_be_elsewhere(monkeypatch):
    monkeypatch.setenv("WANDB_APP_URL", "http://pages/x/")

    assert Settings(entity="e", project="p").project_url == "http://pages/x/e/p"


def test_addresses_of_pages_are_quoted():
    settings = Settings(
        base_url="http://h", entity="e é", project="p=+&$@", run_id="a b=+&$@ü", sweep_id="s w"
    )

    assert settings.project_url == "http://h/e%20%C3%A9/p%3D%2B%26%24%40"
    assert settings.run_url == f"{settings.project_url}/runs/a%20b=+&$@%C3%BC"
    assert settings.sweep_url == f"{settings.project_url}/sweeps/s%20w"


@pytest.mark.parametrize(
    ("values", "urls"),
    [
        ({"project": "p", "run_id": "r"}, ("", "", "")),
        ({"entity": "e", "run_id": "r"}, ("", "", "")),
        ({"entity": "e", "project": "p"}, ("http://h/e/p", "", "")),
        (
            {"entity": "e", "project": "p", "run_id": "r"},
            ("http://h/e/p", "http://h/e/p/runs/r", ""),
        ),
    ],
)
def test_page_is_empty_while_a_part_is_unknown(values, urls):
    settings = Settings(base_url="http://h", **values)

    assert (settings.project_url, settings.run_url, settings.sweep_url) == urls


@pytest.mark.parametrize(
    ("anonymous", "key", "query"),
    [
        ("allow", "KEY", "?apiKey=KEY"),
        ("must", "KEY", "?apiKey=KEY"),
        ("never", "KEY", ""),
        (None, "KEY", ""),
        ("must", None, ""),
    ],
)
def test_page_of_a_run_without_an_account_carries_its_key(anonymous, key, query):
    settings = Settings(entity="e", project="p", run_id="r", anonymous=anonymous, api_key=key)

    assert settings.run_url == f"https://wandb.ai/e/p/runs/r{query}"


def test_server_other_than_the_hosted_one_is_local():
    hosted, own = Settings(base_url="https://api.wandb.ai/"), Settings(base_url="http://x")

    assert (hosted.is_local, hosted.deployment) == (False, "cloud")
    assert (own.is_local, own.deployment) == (True, "local")


@pytest.mark.parametrize(
    ("shell_module", "jupyter", "ipython"),
    [
        (None, False, False),
        ("IPython.terminal.interactiveshell", False, True),
        ("ipykernel.zmqshell", True, False),
    ],
)
def test_shell_is_told_by_what_ipython_runs(monkeypatch, shell_module, jupyter, ipython):
    shell = type("Shell", (), {"__module__": shell_module})() if shell_module else None
    fake = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setattr(sys, "argv", ["train.py", "--lr", "1"])

    settings = Settings()

    assert (settings._jupyter, settings._ipython) == (jupyter, ipython)
    assert settings._notebook is (jupyter or ipython)
    assert settings._args == ([] if jupyter else ["--lr", "1"])


def test_colab_has_a_page_where_the_notebook_has_an_id(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))

    assert Settings()._colab
    assert Settings()._notebook
    assert Settings().colab_url is None
    assert (
        Settings(x_jupyter_path="fileId=abc").colab_url
        == "https://colab.research.google.com/notebook#fileId=abc"
    )


def test_kaggle_and_lambda_are_told_by_the_environment(monkeypatch):
    before = (Settings()._kaggle, Settings()._aws_lambda)
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")

    assert before == (False, False)
    assert (Settings()._kaggle, Settings()._aws_lambda) == (True, True)


def test_interpreter_and_system_are_named():
    settings = Settings()

    assert settings._python.startswith(f"CPython {sys.version_info.major}.")
    assert settings._platform.startswith("linux-") or sys.platform != "linux"
    assert settings._os
    assert settings._windows is (sys.platform == "win32")
