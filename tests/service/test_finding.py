"""The Finder: every run folder once, whatever else is there."""

import os

import pytest

from wandb._service.inplace.finding import Finder
from wandb._service.inplace.folder import Head, Life, life_of, mark_of
from wandb._service.inplace.shown import Names


@pytest.fixture
def told():
    return []


def run_folder(above, run_id, changed_at=1_000.0):
    folder = above / f"offline-run-20260101_000000-{run_id}"
    folder.mkdir(parents=True)
    journal = folder / f"run-{run_id}.wandb"
    journal.write_bytes(b"")
    os.utime(journal, (changed_at, changed_at))
    return folder


def ids(found):
    return [one.run_id for one in found]


def test_runs_are_found_at_any_depth_the_one_written_last_first(tmp_path, told):
    run_folder(tmp_path / "a" / "wandb", "old", 1.0)
    run_folder(tmp_path / "b" / "c" / "wandb", "new", 3.0)
    run_folder(tmp_path / ".wandb", "hidden", 2.0)
    run_folder(tmp_path / "node_modules", "skipped")
    run_folder(tmp_path / ".git", "skipped")

    assert ids(Finder(str(tmp_path), told.append).look()) == ["new", "hidden", "old"]
    assert told == []


def test_path_may_be_a_run_itself(tmp_path, told):
    folder = run_folder(tmp_path, "one")
    run_folder(tmp_path, "beside")

    assert ids(Finder(str(folder), told.append).look()) == ["one"]


def test_new_run_is_found_once(tmp_path, told):
    run_folder(tmp_path / "wandb", "first")
    finder = Finder(str(tmp_path), told.append)
    assert ids(finder.look()) == ["first"]
    assert finder.look() == []

    folder = run_folder(tmp_path / "wandb", "second")

    assert ids(finder.look()) == ["second"]
    assert finder.look() == []
    finder.forget(str(folder))
    assert ids(finder.look()) == ["second"]


def test_link_gives_no_run_twice_and_leads_into_no_circle(tmp_path, told):
    folder = run_folder(tmp_path / "wandb", "one")
    (tmp_path / "wandb" / "latest-run").symlink_to(folder)
    (tmp_path / "wandb" / "run-link").symlink_to(folder)
    (folder.parent / "wandb").symlink_to(tmp_path)
    run_folder(tmp_path.with_name(tmp_path.name + "-scratch") / "wandb", "linked")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "wandb").symlink_to(
        tmp_path.with_name(tmp_path.name + "-scratch") / "wandb"
    )

    assert sorted(ids(Finder(str(tmp_path), told.append).look())) == ["linked", "one"]


def test_journal_that_is_no_file_is_none(tmp_path, told):
    folder = tmp_path / "wandb" / "run-pipe"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "run-pipe.wandb")
    (tmp_path / "wandb" / "run-dangling").mkdir()
    (tmp_path / "wandb" / "run-dangling" / "run-x.wandb").symlink_to(tmp_path / "none")

    assert Finder(str(tmp_path), told.append).look() == []


def test_folder_that_can_not_be_read_is_told(tmp_path, told, monkeypatch):
    run_folder(tmp_path / "wandb", "one")
    (tmp_path / "closed").mkdir()
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)

    assert ids(Finder(str(tmp_path), told.append).look()) == ["one"]
    assert len(told) == 1
    assert "Permission denied" in told[0]


def test_life_is_told_by_locks_and_no_lock_stays(tmp_path):
    import fcntl

    assert life_of(str(tmp_path)) is Life.QUIET
    with open(tmp_path / "control", "wb") as control:
        assert life_of(str(tmp_path)) is Life.DEAD
        fcntl.flock(control, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert life_of(str(tmp_path)) is Life.LIVES
    assert life_of(str(tmp_path)) is Life.DEAD
    assert mark_of(str(tmp_path / "none")) is None


def head(run_id="one", project="p", **options):
    return Head(run_id, project, None, "", True, options)


def test_second_folder_of_an_id_gets_another_one_and_keeps_it(told):
    names = Names(told.append)

    claimed = [names.claim(folder, head()) for folder in ("/a", "/b", "/a", "/b", "/c")]

    assert claimed == ["one", "one-2", "one", "one-2", "one-3"]
    assert names.claim("/d", head(project="q")) == "one"
    assert names.claim("/e", head(shared=True)) == "one"
    names.release("/a")
    assert names.claim("/f", head()) == "one"
