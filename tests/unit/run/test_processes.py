"""One run in several processes; each test is a script of its own."""

import json
import subprocess
import sys

import pytest

from wandb import _native

START = """
import json, os, sys
import wandb

run = wandb.init(mode="offline", config={"a": 1}, settings={"silent": True})
run.log({"parent": 1})
print(json.dumps(run.settings.sync_dir), flush=True)
"""


def play(script, *, code=0):
    """Run a script that prints its run's folder first; return that folder's snapshot."""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=25
    )
    assert done.returncode == code, done.stderr
    return _native.read_folder(json.loads(done.stdout.splitlines()[0])), done


def column(snapshot, key):
    return [row[key] for row in snapshot.history() if key in row]


def test_forked_child_has_steps_of_the_same_run():
    snapshot, _ = play(
        START
        + """
pid = os.fork()
if pid == 0:
    run.log({"child": 1})
    run.config.update({"b": 2})
    os._exit(0)
os.waitpid(pid, 0)
run.log({"parent": 2})
run.finish()
"""
    )

    assert column(snapshot, "parent") == [1, 2]
    assert column(snapshot, "child") == [1]
    assert sorted(column(snapshot, "_step")) == [0, 1, 2]


def test_child_that_finishes_leaves_the_run_to_its_parent():
    snapshot, done = play(
        START
        + """
pid = os.fork()
if pid == 0:
    run.log({"child": 1})
    run.finish(exit_code=5)
    print("child has", wandb.run)
    try:
        run.log({})
    except wandb.UsageError:
        print("and logs no more", flush=True)
    os._exit(0)
os.waitpid(pid, 0)
run.log({"parent": 2})
run.finish()
"""
    )

    assert "child has None\nand logs no more" in done.stdout
    assert snapshot.exit_code == 0
    assert column(snapshot, "parent") == [1, 2]


def test_child_of_multiprocessing_loses_nothing():
    snapshot, _ = play(
        START
        + """
import multiprocessing
def work(number):
    for n in range(50):
        run.log({"child": number})
context = multiprocessing.get_context("fork")
children = [context.Process(target=work, args=(n,)) for n in range(2)]
[child.start() for child in children]
[child.join() for child in children]
run.finish()
"""
    )

    assert sorted(column(snapshot, "child")) == [0] * 50 + [1] * 50
    assert sorted(column(snapshot, "_step")) == list(range(101))


def test_child_that_only_inherits_the_run_writes_nothing():
    snapshot, _ = play(
        START
        + """
pid = os.fork()
if pid == 0:
    print("nothing of this is kept", flush=True)
    sys.exit(0)
os.waitpid(pid, 0)
assert not os.path.exists(os.path.join(run.settings.sync_dir, "writers"))
run.finish()
"""
    )

    assert "nothing of this" not in str(snapshot.records("output_raw"))


def test_threads_that_log_first_in_a_child_share_a_journal():
    snapshot, done = play(
        START
        + """
import threading, time
from wandb._run import sharing

class Slow(sharing.ChildWriter):
    def __init__(self, *args, **options):
        time.sleep(0.05)
        super().__init__(*args, **options)

sharing.ChildWriter = Slow
pid = os.fork()
if pid == 0:
    threads = [threading.Thread(target=run.log, args=({"child": n},)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(os.listdir(run._folder + "/writers")), flush=True)
    sys.exit(0)
os.waitpid(pid, 0)
run.finish()
"""
    )

    assert done.stdout.splitlines()[1] == "1"
    assert sorted(column(snapshot, "child")) == [0, 1, 2]


def test_child_takes_over_nothing_that_is_the_parents_to_end():
    play(
        START
        + """
from wandb._run.teardown import TeardownHook, TeardownStage

run._set_teardown_hooks([TeardownHook(lambda: os._exit(9), TeardownStage.EARLY)])
run._cells = object()
pid = os.fork()
if pid == 0:
    assert run._sampling is None
    run.log({"child": 1})
    run.finish()
    os._exit(5)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
run._cells = None
run._set_teardown_hooks([])
run.finish()
"""
    )


def test_init_in_a_child_that_used_the_run_returns_it():
    play(
        START
        + """
pid = os.fork()
if pid == 0:
    run.log({})
    os._exit(0 if wandb.init() is run else 1)
assert os.waitpid(pid, 0)[1] == 0
run.finish()
"""
    )


def test_child_reads_its_own_environment():
    play(
        START
        + """
run.finish()
pid = os.fork()
if pid == 0:
    os.environ["WANDB_PROJECT"] = "of-the-child"
    own = wandb.init(mode="offline")
    os._exit(0 if own.project == "of-the-child" else 1)
assert os.waitpid(pid, 0)[1] == 0
"""
    )


def test_process_attaches_by_the_runs_id():
    child = """
import wandb, sys
run = wandb.attach(sys.argv[1])
assert wandb.run is run and dict(run.config) == {} and run.step == 0
run.log({"child": 1})
run.log({"child": 2})
assert run.step == 2
"""
    snapshot, _ = play(
        START
        + f"""
import subprocess
subprocess.run([sys.executable, "-c", {child!r}, run.id], check=True)
run.log({{"parent": 2}})
run.finish()
assert "FERRULE_RUNS" not in os.environ
"""
    )

    assert column(snapshot, "child") == [1, 2]
    assert column(snapshot, "parent") == [1, 2]


def test_unpickled_run_attaches_when_it_is_used():
    child = """
import pickle, sys, wandb
run = pickle.load(sys.stdin.buffer)
assert wandb.run is None
run.log({"child": 1})
assert wandb.run is run and run.project == "uncategorized"
"""
    snapshot, _ = play(
        START
        + f"""
import pickle, subprocess
subprocess.run([sys.executable, "-c", {child!r}], input=pickle.dumps(run), check=True)
run.finish()
"""
    )

    assert column(snapshot, "child") == [1]


def test_child_of_a_run_that_is_over_is_told_so():
    _, done = play(
        START
        + """
ready, go = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(go)
    os.read(ready, 1)
    try:
        run.log({"late": 1})
    except wandb.UsageError as err:
        print(err, flush=True)
    os._exit(0)
os.close(ready)
run.finish()
os.close(go)
os.waitpid(pid, 0)
"""
    )

    assert "was finished by the process that started it" in done.stdout


@pytest.mark.parametrize("arguments", ["", "'nobody'"])
def test_attaching_to_nothing_is_a_usage_error(arguments):
    done = subprocess.run(
        [sys.executable, "-c", f"import wandb; wandb.attach({arguments})"],
        capture_output=True,
        text=True,
        timeout=25,
    )

    assert "UsageError" in done.stderr
