"""What `wandb sync` finds, says and sends."""

import json
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


def test_paths_are_sent_by_age_however_they_are_named(make, sent):
    """A later folder may go on with the run of an earlier one."""
    younger, older = make("r1"), make("r2")
    moved = os.path.join(os.path.dirname(older), "run-20200102_030405-r2")
    os.rename(older, moved)

    run(younger, moved)

    assert [plan.folder for plan in sent] == [moved, younger]


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


def test_patterns_choose_runs(make, sent):
    for run_id in ("a1", "a2", "b1"):
        make(run_id)

    run("--sync-all", "--include-globs", "*-a?, nothing", "--exclude-globs", "*2")
    run("--sync-all", "--ignore", "*-a*")
    run("wandb", "--exclude-globs", "*a1")

    assert [plan.run_id for plan in sent] == ["a1", "b1", "a2", "b1"]


def test_tags_are_renamed_by_pairs(make, sent):
    folder = make("r1")

    done = run(folder, "--replace-tags", "old=new, older = newer")

    assert (done.exit_code, sent[0].replace_tags) == (0, {"old": "new", "older": "newer"})


@pytest.mark.parametrize("given", ["foo", "=new", "old=", "a=b,c"])
def test_renaming_that_is_none_is_a_usage_error(make, sent, given):
    assert run(make("r1"), "--replace-tags", given).exit_code == 2
    assert sent == []


def test_records_are_dumped(make, sent):
    done = run(make("r1"), "--view", "--verbose")

    kinds = {next(iter(json.loads(line))) for line in done.output.splitlines()[1:]}
    assert {"header", "run", "history", "exit"} <= kinds
    assert sent == []


def test_run_that_goes_on_is_told(make, monkeypatch):
    async def send_part(self, client):
        return Outcome(WHO, live=True)

    monkeypatch.setattr(Replay, "run", send_part)

    done = run(make("r1"))

    assert done.exit_code == 0
    assert "sync it again when it has ended" in done.output


def test_empty_journal_is_passed_over(make, monkeypatch):
    async def send_nothing(self, client):
        return Outcome(empty=True)

    monkeypatch.setattr(Replay, "run", send_nothing)

    done = run(make("r1"), "--live")

    assert (done.exit_code, "holds no run" in done.output) == (0, True)


def test_beta_sync_takes_online_runs_too(make, sent):
    folder = make("r1")
    os.rename(folder, folder.replace("offline-run-", "run-"))
    make("r2")

    listed = CliRunner().invoke(cli, ["beta", "sync", "wandb", "--dry-run"])
    done = CliRunner().invoke(cli, ["beta", "sync", "wandb", "-e", "*r2", "-p", "x"])

    assert "2 runs to sync" in listed.output
    assert (done.exit_code, [plan.run_id for plan in sent]) == (0, ["r1"])
    assert sent[0].overrides == {"project": "x"}
    assert CliRunner().invoke(cli, ["beta", "sync"]).exit_code == 2


def test_sizes_of_requests_are_the_settings(make, sent, monkeypatch):
    monkeypatch.setenv("WANDB_X_FILE_STREAM_MAX_BYTES", "1000")

    run(make("r1"))

    assert sent[0].sizes == {"x_file_stream_max_bytes": 1000}
