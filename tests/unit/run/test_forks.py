import sys

import pytest

from wandb._run.forks import ExitWatch, code_of_exit


@pytest.mark.parametrize(
    ("status", "code"), [(None, 0), (0, 0), (3, 3), (True, 1), ("message", 1), ([], 1)]
)
def test_exit_code_of_a_status(status, code):
    assert code_of_exit(status) == code


@pytest.fixture
def watch(monkeypatch):
    called = []
    monkeypatch.setattr(sys, "exit", lambda status=None: called.append(("exit", status)))
    monkeypatch.setattr(sys, "excepthook", lambda *args: called.append(("hook", args[0])))
    monkeypatch.setattr("atexit.register", lambda function: None)
    monkeypatch.setattr("os.register_at_fork", lambda **hooks: None)
    made = ExitWatch(session=None)
    made.install()
    made.install()
    return made, called


def test_exit_is_noted_and_passed_on_once(watch):
    made, called = watch

    sys.exit(3)

    assert made.exit_code == 3
    assert called == [("exit", 3)]


@pytest.mark.parametrize(("error", "code"), [(ValueError, 1), (KeyboardInterrupt, 255)])
def test_uncaught_error_is_noted_and_passed_on(watch, error, code):
    made, called = watch

    sys.excepthook(error, error(), None)

    assert made.exit_code == code
    assert called == [("hook", error)]
