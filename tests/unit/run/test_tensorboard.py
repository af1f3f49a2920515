"""Rows of TensorBoard's events come while a run goes on; its writers are heard of."""

import importlib
import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

import wandb
from wandb._run import sharing
from wandb._run.session import session

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from service import event_bytes as made

HOST = "somewhere"


class EventFileWriter:
    """A writer as TensorBoard's, that keeps events until it is flushed."""

    made = 0

    def __init__(self, logdir, started_at=4_000_000_000):
        EventFileWriter.made += 1
        name = f"events.out.tfevents.{started_at}.{HOST}.{EventFileWriter.made}"
        self.path, self.waiting = Path(logdir, name), []
        made.write(self.path)

    def add(self, step, *parts):
        self.waiting.append(made.record(made.event(step, *parts)))

    def flush(self):
        with self.path.open("ab") as file:
            file.write(b"".join(self.waiting))
        self.waiting.clear()


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch):
    """The only library for TensorBoard that is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("socket.gethostname", lambda: HOST)
    module = types.ModuleType("tensorboardX.writer")
    module.EventFileWriter = EventFileWriter
    monkeypatch.setitem(sys.modules, "tensorboardX", types.ModuleType("tensorboardX"))
    monkeypatch.setitem(sys.modules, "tensorboardX.writer", module)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    yield module
    wandb.tensorboard.unpatch()
    wandb.teardown()


def start(**arguments):
    return wandb.init(mode="offline", project="p", **arguments)


def rows_of(run):
    found = wandb.Api(overrides={"base_url": run._folder}).run(run.id)
    return [
        {name: value for name, value in row.items() if name not in ("_runtime", "_timestamp")}
        for row in found.scan_history()
    ]


def test_events_become_rows_and_the_writer_is_as_it_was_afterwards(library):
    run = start(sync_tensorboard=True)
    known = [list(one) for one in wandb.patched["tensorboard"]]
    writer = library.EventFileWriter("logs")
    writer.add(1, made.scalar("loss", 0.5), made.scalar("acc", 0.25))
    writer.add(1, made.scalar("late", 1))
    writer.flush()
    writer.add(2, made.scalar("loss", 0.125))  # nobody flushes this one

    run.finish()

    assert known == [["tensorboardX.writer", "EventFileWriter"]]
    assert wandb.patched["tensorboard"] == []
    assert library.EventFileWriter is EventFileWriter
    assert rows_of(run) == [
        {"loss": 0.5, "acc": 0.25, "global_step": 1, "_step": 0},
        {"late": 1, "global_step": 1, "_step": 1},
        {"loss": 0.125, "global_step": 2, "_step": 2},
    ]
    assert run.summary["loss"] == 0.125


def test_attached_process_loses_no_event_at_its_end(library):
    run = start()
    attached = wandb.Run.__new__(wandb.Run)
    sharing.join(attached, run.id, run._folder)
    wandb.tensorboard.patch()
    writer = library.EventFileWriter("logs")
    writer.add(1, made.scalar("last", 0.5))

    attached._end_with_process(0)
    session.forget(attached)
    run.finish()

    assert [row["last"] for row in rows_of(run)] == [0.5]


def test_folders_have_names_by_their_path_from_the_root(library, tmp_path):
    wandb.tensorboard.patch(root_logdir="logs")
    run = start()
    for folder in ("logs/train", tmp_path / "logs" / "val" / "deep", "elsewhere/x"):
        writer = library.EventFileWriter(folder)
        writer.add(3, made.scalar("loss", 1))
        writer.flush()

    run.finish()

    names = [set(row) - {"_step"} for row in rows_of(run)]
    assert names == [
        {"train/loss", "train/global_step"},
        {"val/deep/loss", "val/deep/global_step"},
        {"elsewhere/x/loss", "elsewhere/x/global_step"},
    ]


def test_event_files_are_kept_with_the_run(library):
    run = start(sync_tensorboard=True)
    library.EventFileWriter("logs").flush()
    writer = library.EventFileWriter("logs/val")
    run.finish()

    kept = Path(run.dir, "val", writer.path.name)
    assert kept.read_bytes() == writer.path.read_bytes()


def test_files_of_earlier_runs_are_left_alone(library):
    old = EventFileWriter("logs", started_at=1_000_000_000)
    old.add(1, made.scalar("old", 1))
    old.flush()
    run = start(sync_tensorboard=True)
    writer = library.EventFileWriter("logs")
    writer.add(1, made.scalar("new", 1))
    writer.flush()

    run.finish()

    assert [set(row) for row in rows_of(run)] == [{"new", "global_step", "_step"}]


def test_steps_of_the_script_itself_have_no_effect(library, capsys):
    run = start(sync_tensorboard=True)
    library.EventFileWriter("logs")
    run.log({"mine": 1}, step=70)
    run.log({"mine": 2}, step=71)

    run.finish()

    assert [row["_step"] for row in rows_of(run)] == [0, 1]
    assert capsys.readouterr().err.count("`step` has no effect") == 1


def test_what_is_not_taken_over_is_told_in_one_line(library, capsys):
    run = start(sync_tensorboard=True)
    writer = library.EventFileWriter("logs")
    writer.add(1, made.image("a"), made.image("b"), made.scalar("c", 1))
    run.finish()

    said = capsys.readouterr().err
    assert "left out: images (2)" in said
    assert len(rows_of(run)) == 1


def test_writer_without_a_run_is_told_of(library, capsys):
    wandb.tensorboard.patch()
    library.EventFileWriter("logs")

    assert "call wandb.init before it" in capsys.readouterr().err


def test_writer_that_outlives_the_run_goes_on(library):
    run = start(sync_tensorboard=True)
    writer = library.EventFileWriter("logs")
    patched = library.EventFileWriter
    run.finish()
    writer.add(1, made.scalar("a", 1))
    writer.flush()
    patched("logs/again")

    assert rows_of(run) == []


def test_upward_paths_are_kept_inside_the_run(library, tmp_path):
    (tmp_path / "work").mkdir()
    os.chdir(tmp_path / "work")
    run = start(sync_tensorboard=True, settings={"x_files_dir": str(tmp_path / "kept")})
    library.EventFileWriter("logs")
    for folder in ("x/../../beside", "../up", "./plain"):
        writer = library.EventFileWriter(folder)
        writer.add(1, made.scalar("loss", 1))
        writer.flush()
    run.finish()

    links = [path for path in tmp_path.rglob("events*") if path.is_symlink()]
    assert len(links) == 4
    assert all(tmp_path / "kept" in path.parents for path in links)
    assert any("plain/loss" in row for row in rows_of(run))
    assert not any(".." in name for row in rows_of(run) for name in row)


def test_event_files_in_the_runs_own_folder_are_kept_without_a_word(library, capsys):
    run = start(sync_tensorboard=True)
    path = library.EventFileWriter(run.dir).path
    run.finish()

    assert path.exists()
    assert "not kept" not in capsys.readouterr().err


def test_writers_stay_patched_until_the_last_run_that_asked(library):
    first = start(sync_tensorboard=True)
    second = start(sync_tensorboard=True, reinit="create_new")
    first.finish()
    writer = library.EventFileWriter("logs")
    writer.add(1, made.scalar("loss", 0.5))
    writer.flush()
    second.finish()

    assert [row["loss"] for row in rows_of(second)] == [0.5]
    assert library.EventFileWriter is EventFileWriter


def test_what_the_script_patched_stays_so(library):
    wandb.tensorboard.patch()
    start(sync_tensorboard=True).finish()

    assert library.EventFileWriter is not EventFileWriter


def test_class_that_another_library_kept_has_the_options_of_the_last_patch(library):
    run = start(sync_tensorboard=True)
    kept = library.EventFileWriter
    run.finish()
    wandb.tensorboard.patch(save=False, root_logdir="logs")
    run = start()
    writer = kept("logs/val")
    writer.add(1, made.scalar("loss", 1))
    run.finish()

    assert list(Path(run.dir).rglob("events*")) == []
    assert [set(row) for row in rows_of(run)] == [{"val/loss", "val/global_step", "_step"}]


def test_pytorchs_module_is_not_loaded_for_it(library, tmp_path, monkeypatch):
    package = tmp_path / "torch" / "utils" / "tensorboard"
    package.mkdir(parents=True)
    for folder in (package.parent.parent, package.parent, package):
        (folder / "__init__.py").touch()
    (package / "writer.py").write_text("from tensorboardX.writer import EventFileWriter")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("torch", "torch.utils", "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, name, None)  # and away with it at the test's end
        del sys.modules[name]
        importlib.import_module(name)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard.writer", None)
    del sys.modules["torch.utils.tensorboard.writer"]
    run = start(sync_tensorboard=True)
    assert "torch.utils.tensorboard.writer" not in sys.modules
    later = importlib.import_module("torch.utils.tensorboard.writer")
    writer = later.EventFileWriter("logs")
    writer.add(1, made.scalar("loss", 1))
    run.finish()

    assert len(rows_of(run)) == 1


def test_writer_that_hangs_does_not_keep_the_run_from_ending(library, monkeypatch, capsys):
    monkeypatch.setattr("wandb._run.eventwatch._LAST_SECS", 0.1)
    run = start(sync_tensorboard=True)
    writer, released = library.EventFileWriter("logs"), threading.Event()
    monkeypatch.setattr(writer, "flush", lambda: released.wait(20))
    run.finish()
    watch = threading.enumerate()
    released.set()

    assert any(thread.name == "wandb-tensorboard" for thread in watch)
    assert "not all taken over" in capsys.readouterr().err


def test_writer_of_a_forked_child_is_heard(library, capfd):
    run = start(sync_tensorboard=True)
    child = os.fork()
    if not child:
        writer = library.EventFileWriter("logs")
        writer.add(1, made.scalar("loss", 8))
        run.log({"own": 1}, step=70)
        run._end_with_process(0)
        os._exit(0)
    os.waitpid(child, 0)
    run.finish()

    assert "no run was active" not in capfd.readouterr().err
    kept = rows_of(run)
    assert {"own", "loss"} <= {name for row in kept for name in row}
    assert max(row["_step"] for row in kept) < 70


def test_steps_have_no_effect_in_a_process_that_attached(library, capsys):
    run = start()
    wandb.tensorboard.patch()
    code = (
        "import sys, wandb\n"
        "sys.path.insert(0, 'libs')\n"
        "run = wandb.attach(run_id=sys.argv[1])\n"
        "wandb.tensorboard.patch()\n"
        "from tensorboardX.writer import EventFileWriter\n"
        "EventFileWriter('logs')\n"
        "run.log({'a': 1}, step=50); run.log({'a': 2}, step=60)\n"
        "assert run.step < 50, run.step\n"
    )
    package = Path("libs", "tensorboardX")
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "writer.py").write_text(
        "class EventFileWriter:\n    def __init__(self, logdir): pass\n    flush = print\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, run.id], capture_output=True, text=True, check=False
    )
    run.finish()

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("`step` has no effect") == 1


def test_log_takes_a_summary_as_bytes():
    run = start()
    wandb.tensorboard.log(made.scalar("loss", 0.5), step=4, namespace="val")
    wandb.tensorboard.log(b"\xff no summary", step=5)
    run.finish()

    assert rows_of(run) == [{"val/loss": 0.5, "val/global_step": 4, "_step": 0}]


def test_library_that_is_missing_is_told(library, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorboardX.writer", None)
    start(sync_tensorboard=True).finish()

    assert "found no writer" in capsys.readouterr().err
