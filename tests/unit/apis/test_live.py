"""Runs read by one process while another writes them."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from wandb.apis.public import Api

ROOT = Path(__file__).resolve().parents[3]

# Logs one row for each line on stdin and says so; ends well at the end of stdin.
WRITER = """
import sys
import wandb

with wandb.init(project="live", id="r1", mode="offline", config={"lr": 0.1}) as run:
    print("ready", flush=True)
    for number, line in enumerate(sys.stdin):
        run.log({"number": number, "text": line.strip()})
        print("logged", number, flush=True)
"""


@contextmanager
def writing(folder):
    """Start the writer; give what logs a line, and the process."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    # An editable install is not everywhere where these tests run.
    env["PYTHONPATH"] = str(ROOT / "python")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], cwd=folder, env=env, text=True, bufsize=1, **pipes
    ) as child:
        assert child.stdout.readline() == "ready\n"

        def log(text):
            child.stdin.write(f"{text}\n")
            return child.stdout.readline()

        try:
            yield log, child
        finally:
            child.stdin.close()
            child.stdout.close()


def texts(run):
    return [row["text"] for row in run.scan_history()]


def test_row_is_there_as_soon_as_its_log_returned(tmp_path):
    with writing(tmp_path) as (log, _):
        run = Api(tmp_path).run("live/r1")
        for number in range(50):
            log(f"row {number}")
            assert texts(run) == [f"row {n}" for n in range(number + 1)]
            assert run.lastHistoryStep == number
        run.load(force=True)
        assert (run.state, run.summary["number"], run.config["lr"]) == ("running", 49, 0.1)

    run.load(force=True)
    assert (run.state, run.exit_code) == ("finished", 0)
    assert len(texts(run)) == 50


def test_console_is_there_while_the_run_goes_on(tmp_path):
    with writing(tmp_path) as (log, _):
        log("one")
        log("two")
        printed = [line.content for line in Api(tmp_path).run("r1").console_logs()]
        assert [line for line in printed if line.startswith("logged")] == ["logged 0", "logged 1"]


def test_killed_run_keeps_every_row_and_reads_as_crashed(tmp_path):
    with writing(tmp_path) as (log, child):
        for number in range(20):
            log(f"row {number}")
        child.kill()
        child.wait()

    run = Api(tmp_path).run("r1")
    assert run.state == "crashed"
    assert texts(run) == [f"row {n}" for n in range(20)]
    assert run.summary["number"] == 19


@pytest.mark.parametrize("looks", [30])
def test_reading_never_changes_what_is_written(tmp_path, looks):
    with writing(tmp_path) as (log, _):
        api = Api(tmp_path)
        for number in range(looks):
            log(f"row {number}")
            api.run("r1").history(pandas=False)

    assert texts(Api(tmp_path).run("r1")) == [f"row {n}" for n in range(looks)]
