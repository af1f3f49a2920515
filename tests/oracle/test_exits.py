"""Semantics §6: the exit code of the process, and the one in the run's exit record."""

import json

import pytest

from oracle.compare import user_rows
from oracle.harness import run_script

KILLED = "process killed (SIGKILL, os._exit) before finish"
CLOSING = "closing lines at exit without finish"

START = "import os, signal, sys, threading, wandb\nrun = wandb.init()\nrun.log({'a': 1})\n"

ENDS = [
    ("normal end", "", 0, 0),
    ("sys.exit without a code", "sys.exit()", 0, 0),
    ("sys.exit with a code", "sys.exit(3)", 3, 3),
    ("sys.exit with a message", "sys.exit('message')", 1, 1),
    ("sys.exit with a large code", "sys.exit(257)", 1, 257),
    ("uncaught exception", "1 / 0", 1, 1),
    ("interrupt", "os.kill(os.getpid(), signal.SIGINT)", -2, 255),
    ("KeyboardInterrupt raised", "raise KeyboardInterrupt", -2, 255),
    ("finish with a code", "run.finish(exit_code=7)", 0, 7),
    ("wandb.finish with a code", "wandb.finish(exit_code=7)", 0, 7),
    ("finish, then sys.exit", "run.finish(); sys.exit(3)", 3, 0),
    ("finish, then an exception", "run.finish(); 1 / 0", 1, 0),
    (
        "exception in a thread",
        "t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        0,
        0,
    ),
    ("teardown with a code", "wandb.teardown(exit_code=6)", 0, 6),
    ("exception in a with block", "with run:\n    1 / 0", 1, 1),
]


@pytest.mark.parametrize(
    ("end", "process", "record"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS]
)
def test_exit_codes(script, end, process, record):
    ended = script(START + end + "\n")

    assert (ended.exit_code, ended.log.exit_code) == (process, record), ended.stderr
    assert user_rows(ended.log) == [{"a": 1, "_step": 0}]


@pytest.mark.parametrize("end", ["1 / 0", "raise KeyboardInterrupt"])
def test_traceback_is_printed_and_in_the_console_log(script, end):
    ended = script(START + end + "\n")

    assert "Traceback" in ended.stderr
    assert "Traceback" in ended.log.console("STDERR")
    name = "ZeroDivisionError" if "/" in end else "KeyboardInterrupt"
    assert name in ended.log.console("STDERR")


def test_open_row_is_written_at_exit(script):
    ended = script(START + "run.log({'b': 2}, step=5)\nrun.log({'c': 3}, commit=False)\n")

    assert user_rows(ended.log) == [{"a": 1, "_step": 0}, {"b": 2, "c": 3, "_step": 5}]


def test_open_row_is_written_after_an_exception(script):
    ended = script(START + "run.log({'b': 2}, commit=False)\n1 / 0\n")

    assert user_rows(ended.log) == [{"a": 1, "_step": 0}, {"b": 2, "_step": 1}]


def test_every_active_run_ends_with_the_process(script):
    ended = script(
        START + "other = wandb.init(reinit='create_new')\n"
        "other.log({'b': 2}, commit=False)\n"
        "sys.exit(3)\n"
    )

    assert [log.exit_code for log in ended.logs] == [3, 3]
    assert [user_rows(log) for log in ended.logs] == [
        [{"a": 1, "_step": 0}],
        [{"b": 2, "_step": 0}],
    ]


def test_rows_of_atexit_functions_are_kept(script):
    ended = script(START + "import atexit\natexit.register(lambda: run.log({'late': 1}))\n")

    assert user_rows(ended.log) == [{"a": 1, "_step": 0}, {"late": 1, "_step": 1}]


@pytest.mark.parametrize("before", [True, False])
def test_hooks_of_the_script_are_called_still(script, before):
    hook = (
        "def hook(kind, err, trace):\n"
        "    print('hook saw', kind.__name__)\n"
        "    before(kind, err, trace)\n"
        "before, sys.excepthook = sys.excepthook, hook\n"
    )
    source = "import sys\n" + hook + START if before else START + hook
    ended = script(source + "1 / 0\n")

    assert "hook saw ZeroDivisionError" in ended.stdout
    assert ended.log.exit_code == 1
    assert ended.exit_code == 1


def test_replaced_sys_exit_is_called_still(script):
    ended = script(
        "import sys\n"
        "real = sys.exit\n"
        "def wrapped(code=None):\n"
        "    print('exit saw', code)\n"
        "    real(code)\n"
        "sys.exit = wrapped\n" + START + "sys.exit(3)\n"
    )

    assert "exit saw 3" in ended.stdout
    assert (ended.exit_code, ended.log.exit_code) == (3, 3)


KILLS = [
    ("os._exit(5)", 5),
    ("os.kill(os.getpid(), signal.SIGKILL)", -9),
    ("os.kill(os.getpid(), signal.SIGTERM); signal.pause()", -15),
]


@pytest.mark.parametrize(("end", "process"), KILLS, ids=[row[0] for row in KILLS])
def test_killed_process_keeps_the_rows_that_were_logged(
    script, client, ours, tmp_path, end, process
):
    ended = script(START + "run.log({'b': 2})\nrun.log({'c': 3}, commit=False)\n" + end + "\n")

    assert ended.exit_code == process
    (journal,) = tmp_path.glob("wandb/*run-*/run-*.wandb")
    if not client.ours:
        assert journal.stat().st_size == 0
        return
    recovered = run_script(
        ours,
        tmp_path,
        "import json\n"
        "from wandb import _native\n"
        f"folder = {str(journal.parent)!r}\n"
        "_native.recover_folder(folder)\n"
        "snapshot = _native.read_folder(folder)\n"
        "print(json.dumps([snapshot.state, snapshot.exit_code, snapshot.history()]))\n",
    )
    state, exit_code, rows = json.loads(recovered.stdout)
    assert [{key: row[key] for key in row if not key.startswith("_")} for row in rows] == [
        {"a": 1},
        {"b": 2},
        {"c": 3},
    ]
    assert (state, exit_code) == ("crashed", None)


def test_closing_lines_go_to_stderr_and_are_plain(script, either):
    ended = script(START)

    printed = "wandb" in ended.stdout
    assert printed == either(CLOSING, original=True, ours=False)
    assert "\x1b[" not in ended.stderr


def test_finish_says_where_the_run_is(script):
    ended = script(START + "run.finish()\n")

    assert ended.log.journal.parent.name in ended.stderr
    assert "Run history:" in ended.stderr
    assert "Run summary:" in ended.stderr


@pytest.mark.parametrize("quiet", ["silent", "quiet"])
def test_quiet_settings_leave_stdout_and_stderr_alone(script, quiet):
    ended = script(START, environment={f"WANDB_{quiet.upper()}": "true"})

    if quiet == "silent":
        assert (ended.stdout, ended.stderr) == ("", "")
    assert "Run summary" not in ended.stdout + ended.stderr


def test_teardown_leaves_no_process_behind(script):
    ended = script(
        START + "run.finish()\n"
        "wandb.teardown()\n"
        "import glob\n"
        "lists = [open(path).read() for path in glob.glob('/proc/self/task/*/children')]\n"
        "print('children', ''.join(lists).split())\n"
    )

    assert "children []" in ended.stdout
