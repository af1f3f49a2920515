"""A disk that fills up while a run goes on: the script goes on, is told once, and loses nothing.

The limit on a file's size stands in for the disk: it needs no rights, and a `write` that goes
beyond it fails as one on a full disk does. `tests/chaos` fills real file systems.
"""

import hashlib

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


IMAGES = """
import numpy as np
noise = np.random.default_rng(0)
images = [noise.integers(0, 256, (64, 64), dtype=np.uint8) for _ in range(20)]
# Room for the pixels as they are, and for no PNG file of them.
resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 64 + 100, resource.RLIM_INFINITY))
for number, image in enumerate(images):
    run.log({"image": wandb.Image(image), "y": number})
"""


def test_images_whose_files_found_no_room_are_made_once_there_is_some(outcome):
    done = outcome(SCRIPT + IMAGES + WAIT + FREED)

    assert done.exit_code == 0, done.stderr
    assert done.stderr.count(WORDS) == 1
    (run,) = run_folders(done.folder)
    rows = [row for row in read_folder(str(run)).history() if "image" in row]
    assert [row["y"] for row in rows] == list(range(20))
    for row in rows:
        content = (run / "files" / row["image"]["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["image"]["sha256"]
        assert len(content) > 64 * 64 + 100
    assert values(done.folder) == list(range(5000))
    assert not list(run.glob("spill-*"))
