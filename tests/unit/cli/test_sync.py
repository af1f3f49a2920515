"""What `wandb sync` finds, says and sends."""

import os

import pytest
from click.testing import CliRunner

import wandb
from wandb._service.replay import Outcome, Replay
from wandb._service.syncstate import Identity
from wandb.cli.main import cli

KEY = "a" * 40
WHO = Identity("ann", "digits", "r1", "x", "name")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_BASE_URL", "http://tracker.example")
    monkeypatch.setenv("WANDB_API_KEY", KEY)


@pytest.fixture
def make(tmp_path):
    """Log an offline run; return its folder."""

    def log(run_id):
        with wandb.init(mode="offline", id=run_id, dir=str(tmp_path)) as run:
            run.log({"loss": 1})
            folder = os.path.dirname(run.dir)
        wandb.teardown()
        return folder

    return log


@pytest.fixture
def sent(monkeypatch):
    """Take plans instead of sending them."""
    plans = []

    async def run(self, client):
        plans.append(self._plan)
        return Outcome(WHO, ended=True)

    monkeypatch.setattr(Replay, "run", run)
    return plans


def run(*arguments):
    return CliRunner().invoke(cli, ["sync", *arguments])


def test_runs_that_wait_are_listed_and_nothing_is_sent(make, sent):
    folders = [make(f"r{number}") for number in range(3)]
    open(os.path.join(folders[0], "run-r0.wandb.synced"), "w").close()

    done = run("--show", "1")

    assert done.exit_code == 0
    assert "2 runs to sync" in done.output
    assert folders[1] in done.output
    assert folders[2] not in done.output
    assert "1 more" in done.output
    assert sent == []


def test_nothing_to_sync_is_said(sent):
    assert "no runs to sync" in run().output
    assert run("--sync-all").exit_code == 0


def test_all_that_wait_are_sent(make, sent):
    folders = [make("r1"), make("r2")]
    open(os.path.join(folders[0], "run-r1.wandb.synced"), "w").close()

    run("--sync-all")
    run("--sync-all", "--include-synced")

    assert [plan.folder for plan in sent] == [folders[1], *folders]


def test_online_runs_are_sent_when_asked_for(make, sent, tmp_path):
    folder = make("r1")
    online = folder.replace("offline-run-", "run-")
    os.rename(folder, online)

    run("--sync-all")
    run("--sync-all", "--include-online")

    assert [plan.folder for plan in sent] == [online]


@pytest.mark.parametrize("spelled", ["{folder}", "{folder}/run-r1.wandb", "wandb"])
def test_path_may_be_a_folder_a_journal_or_above(make, sent, spelled):
    folder = make("r1")

    done = run(spelled.format(folder=folder))

    assert [(plan.folder, plan.run_id) for plan in sent] == [(folder, "r1")]
    assert done.output == "Syncing: http://tracker.example/ann/digits/runs/r1 ... done\n"


def test_options_become_the_plan(make, sent):
    folder = make("r1")

    run(folder, "--id", "x", "-p", "p", "-e", "e", "--skip-console", "--no-mark-synced", "--append")

    (plan,) = sent
    assert plan.overrides == {"run_id": "x", "project": "p", "entity": "e"}
    assert (plan.skip_console, plan.mark, plan.append) == (True, False, True)
    assert plan.server == "http://tracker.example"


def test_one_id_is_not_for_many_runs(make, sent):
    make("r1")
    make("r2")

    assert run("wandb", "--id", "x").exit_code == 1
    assert sent == []


def test_failure_is_a_sentence_and_exit_code_1(make, monkeypatch):
    async def fail(self, client):
        return Outcome(error="the server is away", warnings=("a row was left out",))

    monkeypatch.setattr(Replay, "run", fail)

    done = run(make("r1"))

    assert done.exit_code == 1
    assert "not whole: the server is away" in done.output
    assert "a row was left out" in done.output


def test_view_tells_what_is_in_the_folders(make, sent):
    make("r1")

    done = run("--view")

    assert "(r1), project" in done.output
    assert "1 rows, not synced" in done.output
    assert sent == []


def test_missing_path_is_a_usage_error():
    assert run("nowhere").exit_code == 2


def test_missing_key_is_told(make, sent, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY")

    done = run(make("r1"))

    assert done.exit_code == 1
    assert "no API key" in str(done.exception)
