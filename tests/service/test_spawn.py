"""Processes of our own, started from scripts whose surroundings may hold anything."""

import sys
import time
from pathlib import Path

import pytest

from wandb._service import spawn
from wandb._service.spawn import run_module, spawn_detached

PROGRAM = """
import os, queue, sys, typing
import wandb.errors
with open(sys.argv[1] + ".new", "w") as file:
    print(typing.__file__, queue.__file__, wandb.errors.__file__, file=file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
"""


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A folder like `site-packages`, in which something old and a program of ours lie."""
    folder = tmp_path / "installed"
    folder.mkdir()
    (folder / "typing.py").write_text("raise SystemExit('the wrong one')")
    (folder / "prog.py").write_text(PROGRAM)
    (folder / "wandb").symlink_to(Path(spawn.__file__).resolve().parents[1])
    monkeypatch.setattr(spawn, "_PACKAGES", str(folder))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return folder


def started(tmp_path, **options):
    """Start the program; return what it found."""
    target, here = tmp_path / "found", tmp_path / "here"
    here.mkdir()
    log = tmp_path / "log"
    process = spawn_detached("prog", [str(target)], log=str(log), cwd=str(here), **options)
    last = time.monotonic() + 20
    while not target.exists():
        assert time.monotonic() < last, log.read_text()
        assert not process.ended or target.exists(), log.read_text()
        time.sleep(0.01)
    return target.read_text()


def test_packages_beside_ours_do_not_hide_those_of_python(packages, tmp_path):
    found = started(tmp_path)

    assert str(packages / "typing.py") not in found
    assert str(packages / "wandb") in found


def test_what_is_printed_while_python_starts_is_no_process_number(packages, tmp_path, monkeypatch):
    loud = tmp_path / "loud"
    loud.mkdir()
    (loud / "sitecustomize.py").write_text("print('77 trombones', flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(loud))

    started(tmp_path)

    assert "trombones" in (tmp_path / "log").read_text()


def test_process_that_does_not_start_in_time_is_an_error(packages, tmp_path, monkeypatch):
    with pytest.raises(OSError, match="did not start"):
        started(tmp_path, within_secs=0.0)


def test_failure_to_start_is_an_error(packages, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(OSError, match="code 1"):
        started(tmp_path)


def test_module_is_run_away_from_the_scripts_folder(packages, tmp_path, monkeypatch):
    script = tmp_path / "script"
    script.mkdir()
    (script / "queue.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(script)
    found = tmp_path / "found"

    code = run_module("prog", [str(found)], cwd=str(packages.parent), timeout_secs=20)

    assert code == 0
    assert str(script) not in found.read_text()
