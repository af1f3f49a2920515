"""States of runs follow from what came, and from what did not."""

import pytest

from ferrule.ingest.heartbeat import state_after, state_of_recovered, state_of_silent
from ferrule.ports.history import Receipt, RunFacts


@pytest.mark.parametrize(
    ("state", "receipt", "after"),
    [
        ("running", Receipt(history=1), "running"),
        ("running", Receipt(), "running"),
        ("running", Receipt(complete=True, exit_code=0), "finished"),
        ("running", Receipt(complete=True), "finished"),
        ("running", Receipt(complete=True, exit_code=1), "failed"),
        ("running", Receipt(preempting=True), "preempting"),
        ("preempting", Receipt(history=1), "preempting"),
        ("preempting", Receipt(complete=True, exit_code=0), "finished"),
        ("preempting", Receipt(complete=True, exit_code=1), "preempted"),
        ("finished", Receipt(repeated=4), "finished"),
        ("finished", Receipt(), "finished"),
        ("finished", Receipt(complete=True, exit_code=0, repeated=3), "finished"),
        ("finished", Receipt(history=1), "running"),
        ("failed", Receipt(console=1), "running"),
        ("crashed", Receipt(), "running"),
        ("crashed", Receipt(history=1), "running"),
        ("preempted", Receipt(events=1), "running"),
        ("pending", Receipt(), "running"),
    ],
)
def test_state_follows_from_what_came(state, receipt, after):
    assert state_after(state, receipt) == after


def test_late_lines_of_another_writer_begin_no_run_anew():
    assert state_after("finished", Receipt(history=1), shared=True) == "finished"
    assert state_after("running", Receipt(history=1), shared=True) == "running"


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("running", "crashed"),
        ("preempting", "preempted"),
        ("finished", "finished"),
        ("failed", "failed"),
    ],
)
def test_silent_run_has_crashed_or_was_preempted(state, after):
    assert state_of_silent(state) == after


def test_recovered_run_is_in_the_state_that_the_log_tells():
    assert state_of_recovered(RunFacts(1, 1.0)) is None
    assert state_of_recovered(RunFacts(1, 1.0, complete=True, exit_code=2)) == "failed"
    assert state_of_recovered(RunFacts(1, 1.0, preempting=True)) == "preempting"
