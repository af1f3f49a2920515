"""A disk that fills up while a run goes on: the script goes on, is told once, and loses nothing.

The limit on a file's size stands in for the disk: it needs no rights, and a `write` that goes
beyond it fails as one on a full disk does. `tests/chaos` fills real file systems.
"""

import pytest

from oracle.decode import run_folders
from oracle.harness import our_client, run_script
from wandb._native import read_folder

SCRIPT = """
import os, resource, signal, sys, time, wandb
from wandb._run import writer
told = []
class Heard(writer.Notices):
    def say(self, kind, facts):
        told.append(kind)
        super().say(kind, facts)
writer.Notices = Heard
run = wandb.init(project="full", mode="offline")
for number in range(1000):
    run.log({"x": number})
assert run.summary["x"] == 999  # the rows above are in the journal now
size = os.path.getsize(f"{run._folder}/run-{run.id}.wandb")
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, resource.RLIM_INFINITY))
for number in range(1000, 4000):
    run.log({"x": number})
print("trained on")
"""
# Without this, room may come back before anything was to be written.
WAIT = """
while "disk" not in told:
    run.log({"waited": True})
    time.sleep(0.01)
"""
FREED = """
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for number in range(4000, 5000):
    run.log({"x": number})
run.finish()
"""
WORDS = "can't be written at the moment"


@pytest.fixture
def outcome(tmp_path):
    def run(source):
        return run_script(our_client(), tmp_path, source)

    return run


def values(folder):
    (run,) = run_folders(folder)
    return [row["x"] for row in read_folder(str(run)).history() if "x" in row]


def test_rows_wait_for_room_and_the_script_is_told_once(outcome):
    done = outcome(SCRIPT + WAIT + FREED)

    assert done.exit_code == 0, done.stderr
    assert "trained on" in done.stdout
    assert done.stderr.count(WORDS) == 1
    assert values(done.folder) == list(range(5000))


def test_what_was_written_before_is_whole_though_the_disk_stays_full(outcome):
    done = outcome(SCRIPT)

    assert done.exit_code == 0, done.stderr
    assert done.stderr.count(WORDS) == 1
    assert values(done.folder)[:1000] == list(range(1000))
