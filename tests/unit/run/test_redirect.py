"""Redirected streams are put back, whatever goes wrong; each test has a process to redirect."""

import os
import subprocess
import sys
from contextlib import suppress
from threading import Timer

import pytest

from wandb._run import heir

START = """
import os, signal, subprocess, sys
import wandb
from wandb._run import redirect
from wandb._run.session import session

before = os.fstat(1).st_ino

def start():
    return wandb.init(mode="offline", settings={"console": "redirect", "silent": True})

def fail(*_):
    raise KeyboardInterrupt

def check():
    assert session.redirection is None
    assert os.fstat(1).st_ino == before
    assert redirect.VARIABLE not in os.environ
    print("as before")
"""


def play(script):
    done = subprocess.run(
        [sys.executable, "-c", START + script], capture_output=True, text=True, timeout=25
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "as before"


@pytest.mark.parametrize("place", ["settle", "dismiss"])
def test_interrupt_while_streams_are_put_back(place):
    play(
        f"""
run = start()
redirect.Redirection.{place} = fail
try:
    run.finish()
except KeyboardInterrupt:
    check()
assert run._is_finished
"""
    )


def test_handler_of_a_signal_may_finish_the_run_that_is_just_finishing():
    play(
        """
run = start()
other = wandb.init(reinit="create_new", settings={"console": "redirect", "silent": True})
signal.signal(signal.SIGTERM, lambda *_: wandb.teardown())
for name in ("settle", "put_back", "dismiss"):
    def interrupted(self, *args, real=getattr(redirect.Redirection, name)):
        signal.raise_signal(signal.SIGTERM)
        return real(self, *args)
    setattr(redirect.Redirection, name, interrupted)
run.finish()
assert other._is_finished
check()
"""
    )


@pytest.mark.parametrize("lack", ["sys.executable = None", "os.pipe = socket.socketpair = fail"])
def test_run_goes_on_without_what_reads_after_its_death(lack):
    play(
        f"""
import socket
def fail(*_):
    raise OSError("no more")
{lack}
run = start()
assert session.redirection is not None
run.finish()
check()
"""
    )


def test_streams_are_put_back_when_the_rest_fails():
    play(
        """
redirect._SizeWatch = fail
try:
    start()
except KeyboardInterrupt:
    check()
"""
    )


def test_child_of_a_fork_keeps_nobody_waiting_for_the_parents_end():
    play(
        """
run = start()
sleeps = subprocess.Popen(["sleep", "20"])
run.finish()
assert len(redirect._Heir._kept) == 1
pid = os.fork()
if pid == 0:
    os._exit(len(redirect._Heir._kept))
assert os.waitpid(pid, 0)[1] == 0
one = redirect._Heir._kept[0]
sleeps.kill()
one._process.wait()  # nobody writes any more, so it leaves
start().finish()
assert redirect._Heir._kept == []
check()
"""
    )


# --- what waits for the end of a process --------------------------------------------------------


@pytest.fixture
def ends():
    """A control and a source: what is read of each, and what is written."""
    made = [*os.pipe(), *os.pipe()]
    yield made
    for descriptor in made:
        with suppress(OSError):
            os.close(descriptor)


def test_heir_leaves_when_nobody_writes_any_more(ends):
    control, _, source, writes = ends
    os.close(writes)

    assert heir.wait_for_death(control, [source]) is None


def test_heir_stays_for_text_that_a_dead_process_has_not_read(ends):
    control, says, source, writes = ends
    os.write(says, b"+\0folder\0id\0\n")
    os.write(writes, b"last words")
    os.close(writes)
    Timer(0.05, os.close, [says]).start()

    assert heir.wait_for_death(control, [source]) == {"folder": "id"}


def test_heir_leaves_when_the_process_has_read_the_rest(ends):
    control, _, source, writes = ends
    os.write(writes, b"rest")
    os.close(writes)
    Timer(0.05, os.read, [source, 10]).start()

    assert heir.wait_for_death(control, [source]) is None
