"""A run that is asked to end is closed, whatever goes wrong on the way."""

import sys
import threading

import pytest

import wandb
from wandb import _native
from wandb._run import ending
from wandb._run.forks import ExitWatch, in_turn
from wandb._run.session import session
from wandb._run.teardown import TeardownHook, TeardownStage

QUIET = {"console": "off", "silent": True}


def start(**arguments):
    return wandb.init(settings=QUIET, **arguments)


def exit_codes(run):
    records = _native.read_folder(run._folder).records("exit")
    return [one["exit"].get("exit_code", 0) for one in records]


def raising(error):
    def fail(*_args, **_options):
        raise error

    return fail


def add_hook(run, stage):
    run._set_teardown_hooks([TeardownHook(raising(ValueError("hook")), stage)])


def test_every_step_is_taken_and_the_first_error_is_raised():
    taken = []

    with pytest.raises(ValueError, match="first"):
        in_turn(
            lambda: taken.append(1),
            raising(ValueError("first")),
            raising(KeyboardInterrupt()),
            lambda: taken.append(2),
        )

    assert taken == [1, 2]


@pytest.mark.parametrize("stage", TeardownStage)
def test_hook_that_raises_keeps_no_run_from_ending(stage):
    runs = [start(), start(reinit="create_new")]
    add_hook(runs[1], stage)

    with pytest.raises(ValueError, match="hook"):
        wandb.teardown(3)

    assert [exit_codes(run) for run in runs] == [[3], [3]]
    assert session.runs == []


def test_hook_that_raises_keeps_no_earlier_run_from_ending_before_the_next():
    runs = [start(), start(reinit="create_new")]
    add_hook(runs[1], TeardownStage.EARLY)

    with pytest.raises(ValueError, match="hook"):
        start(reinit="finish_previous")

    assert [run._is_finished for run in runs] == [True, True]


def test_run_that_fails_to_end_keeps_no_other_from_ending_with_the_process():
    ended = []

    class Ended:
        def __init__(self, end):
            self._end_with_process = end

    made = ExitWatch(session)
    made._session = type(
        "Other", (), {"runs": [Ended(ended.append), Ended(raising(OSError("no more")))]}
    )

    with pytest.raises(OSError, match="no more"):
        made._at_exit()

    assert ended == [0]


def test_interrupt_while_the_service_is_waited_for_leaves_a_closed_run(monkeypatch):
    run = start()
    run.log({"x": 1})
    end = run._sampling.end
    monkeypatch.setattr(run._sampling, "end", lambda: [end(), raising(KeyboardInterrupt())()])

    with pytest.raises(KeyboardInterrupt):
        run.finish()

    assert exit_codes(run) == [0]
    assert run.summary["x"] == 1
    with pytest.raises(wandb.UsageError, match="finished"):
        run.log({"x": 2})


def test_finish_in_the_middle_of_finish_returns_at_once():
    run, stages = start(), []

    def again():
        run.finish(7)
        stages.append(run._is_finished)

    run._set_teardown_hooks([TeardownHook(again, TeardownStage.EARLY)])
    run.finish(2)

    assert stages == [False]
    assert exit_codes(run) == [2]


def test_other_threads_wait_for_the_one_that_finishes():
    turn, order = ending.Turn(), []
    assert turn.take()
    assert not turn.take()
    asks = threading.Thread(target=lambda: order.append(turn.take()))
    asks.start()

    order.append("ends")
    turn.end()
    asks.join()

    assert order == ["ends", False]


# --- `init` ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OverflowError("too much"), KeyboardInterrupt()])
def test_run_whose_journal_cannot_be_begun_leaves_nothing(monkeypatch, tmp_path, error):
    monkeypatch.setattr("wandb._run.continuing.branch", raising(error))

    with pytest.raises(type(error)):
        start(dir=str(tmp_path))

    assert list(tmp_path.glob("wandb/*run-*/")) == []
    assert (session.runs, wandb.run) == ([], None)


@pytest.mark.parametrize("place", ["footer.opening", "capture.start", "sharing.announce"])
def test_run_that_fails_on_its_way_out_is_over(monkeypatch, place):
    made, real = [], ending.undo
    monkeypatch.setattr(f"wandb._run.{place}", raising(RuntimeError("late")))
    monkeypatch.setattr(ending, "undo", lambda run: [made.append(run), real(run)])
    write = sys.stdout.write

    with pytest.raises(RuntimeError, match="late"):
        wandb.init(settings={"silent": True})

    assert made[0]._is_finished
    assert exit_codes(made[0]) == [1]
    assert (session.runs, wandb.run, sys.stdout.write) == ([], None, write)


def test_moment_beyond_what_steps_can_count_is_refused():
    with pytest.raises(wandb.UsageError, match="fork_from"):
        start(fork_from="abc?_step=99999999999999999999")
