import errno
import os
import threading

import pytest

import wandb
from wandb import _native
from wandb._base.leftovers import recover
from wandb._run.session import session


def records(folder, kind):
    return _native.read_folder(folder).records(kind)


def folder_of(run):
    return run.settings.sync_dir


def kinds(folder):
    names = (
        next(iter(record.keys() - {"num"})) for record in _native.read_folder(folder).records()
    )
    return list(names)


def test_folder_has_the_usual_names():
    run = wandb.init(mode="offline", id="abc")
    run.finish()

    folder = folder_of(run)
    assert os.path.basename(folder).startswith("offline-run-")
    assert os.path.basename(folder).endswith("-abc")
    present = {
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    }
    assert present == {
        "run-abc.wandb",
        "files/requirements.txt",
        "files/output.log",
        "logs/debug.log",
        "logs/debug-internal.log",
    }
    assert os.path.isdir(os.path.join(folder, "tmp", "code"))
    assert run.dir == os.path.join(folder, "files")


def test_links_point_at_the_newest_run_relatively():
    first = wandb.init(mode="offline")
    first.finish()
    second = wandb.init(mode="offline")
    second.finish()

    name = os.path.basename(folder_of(second))
    assert os.readlink("wandb/latest-run") == name
    assert os.readlink("wandb/debug.log") == f"{name}/logs/debug.log"
    assert os.readlink("wandb/debug-internal.log") == f"{name}/logs/debug-internal.log"


def test_no_links_where_they_are_not_wanted():
    wandb.init(mode="offline", settings={"symlink": False}).finish()

    assert not os.path.lexists("wandb/latest-run")


def test_hidden_folder_is_used_if_it_is_there():
    os.mkdir(".wandb")

    run = wandb.init(mode="offline")

    assert os.path.dirname(folder_of(run)) == os.path.abspath(".wandb")


def test_two_runs_of_one_id_have_a_folder_each(monkeypatch):
    monkeypatch.setattr("wandb._run.init.time.time", lambda: 1_700_000_000.0)
    first = wandb.init(mode="offline", id="same")
    first.log({"a": 1})
    first.finish()
    second = wandb.init(mode="offline", id="same")
    second.log({"a": 2})
    second.finish()

    assert folder_of(second) == folder_of(first) + "-2"
    assert second.dir == os.path.join(folder_of(second), "files")
    rows = [_native.read_folder(folder_of(run)).history() for run in (first, second)]
    assert [row[0]["a"] for row in rows] == [1, 2]


def test_place_that_cannot_be_written_is_replaced(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    run = wandb.init(mode="offline", dir=tmp_path / "file" / "below")

    assert folder_of(run).startswith(str(tmp_path / "wandb"))
    assert "can be written" in capsys.readouterr().err


def test_journal_opens_in_the_usual_order():
    run = wandb.init(mode="offline", project="p", config={"lr": 0.1}, tags=["a"], name="n")
    run.finish()

    expected = ["header", "run", "environment", "environment", "files", "telemetry"]
    assert kinds(folder_of(run))[:6] == expected
    described = records(folder_of(run), "run")[0]
    described = described.get("run", described)
    assert (described["run_id"], described["project"]) == (run.id, "p")
    assert (described["display_name"], described["tags"]) == ("n", ["a"])


def test_run_goes_on_offline_when_the_local_server_cannot_be_had(capsys):
    run = wandb.init(mode="online")
    run.log({"a": 1})
    run.finish()

    assert run.offline
    assert capsys.readouterr().err.count("goes on offline") == 1
    assert os.path.basename(folder_of(run)).startswith("offline-run-")


def test_shared_run_keeps_no_steps():
    run = wandb.init(mode="shared")
    run.log({"a": 1})
    run.finish()

    (row,) = _native.read_folder(folder_of(run)).history()
    assert "_step" not in row


def test_arguments_win_over_settings_and_none_sets_nothing():
    run = wandb.init(
        mode="offline",
        project="argument",
        group=None,
        settings=wandb.Settings(project="settings", run_group="settings"),
    )

    assert (run.project, run.group) == ("argument", "settings")


def test_project_is_named_after_the_repository(monkeypatch):
    os.makedirs("repo/.git")
    os.makedirs("repo/deep/er")
    monkeypatch.setattr(
        "wandb._run.init.program_path", lambda: os.path.abspath("repo/deep/er/x.py")
    )

    assert wandb.init(mode="offline").project == "repo-deep_er"


def test_project_without_a_repository(monkeypatch):
    monkeypatch.setattr("wandb._run.init.program_path", lambda: None)

    assert wandb.init(mode="offline").project == "uncategorized"


def test_nothing_runs_on_after_finish():
    run = wandb.init(mode="offline")
    run.log({"a": 1})

    run.finish()

    assert [thread.name for thread in threading.enumerate() if "wandb" in thread.name] == []


def test_threads_that_log_on_are_told_and_lose_nothing():
    run = wandb.init(mode="offline")
    ends = []

    def work():
        rows = 0
        try:
            while True:
                run.log({"a": rows})
                rows += 1
        except wandb.UsageError:
            ends.append(rows)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    while run.step < 100:
        pass
    run.finish()
    for thread in threads:
        thread.join()

    assert len(ends) == 3
    assert _native.read_folder(folder_of(run)).rows == sum(ends)


def test_leftovers_of_a_dead_run_are_asked_after(tmp_path, monkeypatch):
    for name in ("offline-run-dead", "offline-run-done", "other"):
        (tmp_path / "wandb" / name).mkdir(parents=True)
    for name in ("offline-run-dead", "other"):
        (tmp_path / "wandb" / name / "control").write_text("")
    asked = []
    monkeypatch.setattr("wandb._run.background.recover", asked.append)

    run = wandb.init(mode="offline", dir=tmp_path)
    run._background._thread.join()

    assert asked == [str(tmp_path / "wandb" / "offline-run-dead")]


def test_runs_that_go_on_do_not_keep_from_older_leftovers(tmp_path, monkeypatch):
    living = {f"run-2026010{number}_000000-x" for number in range(2, 10)}
    for name in (*living, "run-20260101_000000-x"):
        (tmp_path / "wandb" / name).mkdir(parents=True)
        (tmp_path / "wandb" / name / "control").touch()
    asked = []

    def recover_folder(folder, **_):
        asked.append(os.path.basename(folder))
        return None if asked[-1] in living else {"rows": 1, "writers": 0}

    monkeypatch.setattr("wandb._run.background._MOST_LEFTOVERS", 4)
    monkeypatch.setattr("wandb._native.recover_folder", recover_folder)
    wandb.init(mode="offline", dir=tmp_path).finish()

    assert asked[-1] == "run-20260101_000000-x"


@pytest.mark.parametrize("answer", [None, {"rows": 5, "writers": 1}, OSError("no room")])
def test_recovery_never_disturbs_the_run(monkeypatch, answer):
    def recover_folder(folder, **_):
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr("wandb._native.recover_folder", recover_folder)

    recover("somewhere")


def test_environment_variables_changed_later_are_told_of(monkeypatch, capsys):
    wandb.setup()
    monkeypatch.setenv("WANDB_PROJECT", "late")

    run = wandb.init(mode="offline")

    assert "no effect" in capsys.readouterr().err
    assert run.project != "late"


def test_teardown_reads_the_environment_again(monkeypatch):
    wandb.setup()
    monkeypatch.setenv("WANDB_PROJECT", "late")
    wandb.teardown()

    assert wandb.init(mode="offline").project == "late"


def test_setup_takes_a_dict_or_settings():
    assert wandb.setup({"project": "dict"}).settings.project == "dict"
    assert wandb.setup(wandb.Settings(project="object")).settings.project == "object"
    assert wandb.init(mode="offline").project == "object"


def test_teardown_finishes_every_run():
    first = wandb.init(mode="offline")
    second = wandb.init(mode="offline", reinit="create_new")

    wandb.teardown(exit_code=3)

    assert session.runs == []
    assert wandb.run is None
    snapshots = [_native.read_folder(folder_of(run)) for run in (first, second)]
    assert [snapshot.exit_code for snapshot in snapshots] == [3, 3]


def test_run_describes_itself_again_when_it_is_renamed():
    run = wandb.init(mode="offline", name="old")
    run.name = "new"
    run.notes = "words"
    run.tags += ("t",)
    run.finish()

    assert (run.name, run.notes, run.tags) == ("new", "words", ("t",))
    assert kinds(folder_of(run)).count("run") == 4


@pytest.mark.parametrize(("name", "value"), [("name", 5), ("tags", [1]), ("notes", 1.5)])
def test_wrong_description_changes_nothing(name, value):
    run = wandb.init(mode="offline", name="n", notes="n", tags=["n"])
    before = getattr(run, name)

    with pytest.raises(wandb.UsageError):
        setattr(run, name, value)
    assert getattr(run, name) == before
    run.log({"still": "logging"})


def test_misspelled_attribute_is_refused():
    run = wandb.init(mode="offline")

    with pytest.raises(Exception, match="'nmae'"):
        run.nmae = "x"
    run._private = 1
    with pytest.raises(AttributeError):
        run.id = "x"
    with pytest.raises(AttributeError):
        run.config = {}


def test_run_copies_and_unpickles_to_itself():
    import copy
    import pickle

    run = wandb.init(mode="offline")

    assert copy.copy(run) is copy.deepcopy([run])[0] is pickle.loads(pickle.dumps(run)) is run


def test_summary_after_finish_is_the_last_one():
    run = wandb.init(mode="offline")
    run.log({"a": 1})
    run.log({"b": 2}, commit=False)
    run.finish()

    assert (run.summary["a"], run.summary["b"]) == (1, 2)
    with pytest.raises(wandb.UsageError, match=run.id):
        run.summary["c"] = 3


def test_methods_that_are_not_built_yet_say_so():
    run = wandb.init(mode="offline")

    with pytest.raises(wandb.UsageError, match=r"Run\.log_model.*not in this version"):
        run.log_model("model.bin")
    with pytest.raises(AttributeError, match=r"wandb\.sweep.*not in this version"):
        _ = wandb.sweep
    assert not hasattr(wandb, "sweep")


def test_silent_run_says_nothing(capsys):
    run = wandb.init(settings={"silent": True})
    run.log({"a": object()})
    run.finish()

    assert capsys.readouterr() == ("", "")


def test_arguments_without_effect_are_named(capsys):
    wandb.init(mode="offline", monitor_gym=True).finish()

    assert "monitor_gym has no effect" in capsys.readouterr().err


def test_word_of_an_unfinished_run_that_cannot_be_read_is_told(capsys, tmp_path):
    (tmp_path / "wandb").mkdir()
    word = tmp_path / "wandb" / "wandb-resume.json"
    for broken in ("garbage", "[]", '{"run_id": "a/b"}', '{"run_id": 5}'):
        word.write_text(broken)
        wandb.init(mode="offline", dir=tmp_path, resume="auto").finish()
        assert "can't be read, so a new one is started" in capsys.readouterr().err


def test_run_whose_journal_cannot_be_made_is_refused_and_leaves_no_folder(monkeypatch, tmp_path):
    def refuse(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("wandb._run.init.JournalWriter", refuse)

    with pytest.raises(wandb.Error, match=r"No space left.*no run was started.*Make room"):
        wandb.init(mode="offline", dir=str(tmp_path))

    assert list(tmp_path.glob("wandb/*run-*/")) == []
    assert wandb.run is None
