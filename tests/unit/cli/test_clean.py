"""`wandb sync --clean` removes what was sent whole and is old, and nothing else."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

import wandb
from wandb._service.folderlock import FolderLock
from wandb._service.syncstate import Identity, SyncState
from wandb.cli.main import cli

WHO = Identity("ann", "digits", "r1", "x", "name")
LONG_AGO = "20200102_030405"
OLD_SECS = 1_600_000_000


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def make(tmp_path):
    """Log an offline run of long ago; return its folder."""

    def log(run_id, *, old=True):
        with wandb.init(mode="offline", id=run_id, dir=str(tmp_path)) as run:
            run.log({"loss": 1})
            folder = Path(run.dir).parent
        wandb.teardown()
        if not old:
            return folder
        moved = folder.rename(folder.with_name(f"offline-run-{LONG_AGO}-{run_id}"))
        os.utime(moved / f"run-{run_id}.wandb", (OLD_SECS, OLD_SECS))
        return moved

    return log


def run_id_of(folder):
    return folder.name.rpartition("-")[2]


def mark(folder):
    (folder / f"run-{run_id_of(folder)}.wandb.synced").touch()


def send(folder, **facts):
    """Write down that a server has everything, but for what `facts` say."""
    state = SyncState(str(folder), run_id_of(folder), identity=WHO)
    for name, value in facts.items():
        setattr(state, name, value)
    state.finish({f"run-{run_id_of(folder)}.wandb": 1 << 40})
    if "finished" in facts:
        state.finished = facts["finished"]
        state.save()


def clean(*words, answer=None):
    return CliRunner().invoke(cli, ["sync", "--clean", *words], input=answer)


def test_what_was_sent_and_is_old_goes(make):
    marked, sent, waiting, young = make("r1"), make("r2"), make("r3"), make("r4", old=False)
    mark(marked)
    send(sent)
    mark(young)

    done = clean("--clean-force")

    assert done.exit_code == 0
    assert "Removed 2 runs" in done.output
    assert [one.exists() for one in (marked, sent, waiting, young)] == [False, False, True, True]


@pytest.mark.parametrize(
    "facts",
    [
        {"finished": False},
        {"unsent": ["picture.png"]},
        {"artifacts_left": 1},
        {"identity": None},
    ],
)
def test_what_was_not_sent_whole_stays_though_it_is_marked(make, facts):
    folder = make("r1")
    send(folder, **facts)
    mark(folder)

    clean("--clean-force", "--clean-old-hours", "0")

    assert folder.exists()


def test_journal_that_grew_after_its_mark_stays(make):
    folder = make("r1")
    mark(folder)
    later = (folder / "run-r1.wandb.synced").stat().st_mtime + 5
    os.utime(folder / "run-r1.wandb", (later, later))

    clean("--clean-force", "--clean-old-hours", "-1")

    assert folder.exists()


def test_run_that_is_written_or_sent_stays(make):
    written, sent = make("r1"), make("r2")
    mark(written)
    mark(sent)
    (written / "control").touch()
    lock = FolderLock(str(sent))
    assert lock.take()

    done = clean("--clean-force")
    lock.release(for_good=True)

    assert (written.exists(), sent.exists()) == (True, True)
    assert done.exit_code == 1
    assert "could not be removed" in done.output


@pytest.mark.parametrize(("answer", "gone"), [("y\n", True), ("n\n", False), ("", False)])
def test_user_is_asked(make, answer, gone):
    folder = make("r1")
    mark(folder)

    done = clean(answer=answer)

    assert folder.exists() is not gone
    assert done.exit_code == (0 if gone else 1)
    assert str(folder) in done.output


def test_path_and_patterns_say_which(make):
    folders = [make(f"r{number}") for number in range(4)]
    for folder in folders:
        mark(folder)

    clean(str(folders[0]), "--clean-force")
    clean("--exclude-globs", "*-r1,*-r2", "--clean-force")

    assert [one.exists() for one in folders] == [False, True, True, False]


def test_folder_with_other_things_stays(make, tmp_path):
    """A journal may lie anywhere: whoever copied one to a folder of theirs keeps that folder."""
    added, renamed, second = make("r1"), make("r2"), make("r3")
    (added / "thesis.tex").touch()
    renamed = renamed.rename(tmp_path / "thesis")
    (second / "run-r3b.wandb").touch()
    (renamed / "run-r2.wandb.synced").touch()
    for folder in (added, second):
        mark(folder)

    done = clean(str(tmp_path), "--clean-force")

    assert [one.exists() for one in (added, renamed, second)] == [True, True, True]
    assert f"no folder of a run alone: {renamed}" in done.output


def test_what_run_folders_hold_goes_with_them(make):
    folder = make("r1")
    folder = folder.rename(f"{folder}-2")  # the second run of one id in one second
    for name in ("run-r1.wandb.synced", "run-r1.wandb.syncstate", "sync-batch.77", "sync-lock"):
        (folder / name).touch()
    (folder / "writers").mkdir()

    clean("--clean-force")

    assert not folder.exists()


def test_none_is_said(make):
    make("r1")

    done = clean()

    assert (done.exit_code, "no synced runs older than 24 hours" in done.output) == (0, True)
