"""The judge itself: each kind of fault is seen, and only it."""

import pytest

from chaos.programs import PROGRAMS
from chaos.verdict import Promise, judge, judge_clock, judge_steps

ROWS, PARTS, STEPS = PROGRAMS["rows"], PROGRAMS["parts"], PROGRAMS["steps"]


def logged(program, calls, writer=0):
    return [program.row(writer, row, calls) for row in range(program.rows(calls))]


def faults(rows, *promises):
    findings = judge(rows, promises, source="test")
    kinds = ("lost", "doubled", "damaged", "invented", "misplaced")
    return {kind: getattr(findings, kind) for kind in kinds if getattr(findings, kind)}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_what_was_promised_is_clean(program):
    assert faults(logged(program, 7), Promise(0, program, 7, 7)) == {}


def test_a_row_that_began_but_did_not_return_may_be_there_or_not():
    promise = Promise(0, ROWS, 4, 5)

    assert faults(logged(ROWS, 4), promise) == {}
    assert faults(logged(ROWS, 5), promise) == {}


def test_an_open_row_needs_the_parts_that_returned():
    promise = Promise(0, PARTS, 5, 6)

    assert faults(logged(PARTS, 5), promise) == {}
    assert faults(logged(PARTS, 6), promise) == {}
    assert faults(logged(PARTS, 4), promise) == {"damaged": 1}


def test_a_missing_row_is_lost():
    rows = logged(ROWS, 5)

    assert faults(rows[:2] + rows[3:], Promise(0, ROWS, 5, 5)) == {"lost": 1}


def test_a_row_found_twice_is_doubled():
    rows = logged(ROWS, 3)

    assert faults([*rows, rows[2]], Promise(0, ROWS, 3, 3)) == {"doubled": 1}


def test_a_changed_value_is_damage():
    rows = logged(ROWS, 3)
    rows[1]["x"] += 1

    assert faults(rows, Promise(0, ROWS, 3, 3)) == {"damaged": 1}


def test_a_row_that_never_began_is_invented():
    assert faults(logged(ROWS, 6), Promise(0, ROWS, 4, 5)) == {"invented": 1}
    assert faults([{"loss": 1}], Promise(0, ROWS, 0, 0)) == {"invented": 1}


def test_order_matters_within_a_writer_only():
    rows = logged(ROWS, 3)
    other = logged(ROWS, 2, writer=1)

    assert faults([other[0], *rows, other[1]], Promise(0, ROWS, 3, 3), Promise(1, ROWS, 2, 2)) == {}
    assert faults([rows[1], rows[0], rows[2]], Promise(0, ROWS, 3, 3)) == {"misplaced": 1}


def test_a_loose_promise_asks_only_that_what_is_there_is_whole():
    promise = Promise(0, PARTS, 9, 9, loose=True)

    assert faults(logged(PARTS, 9)[:1], promise) == {}
    assert faults([{**PARTS.row(0, 0, 9), "part0": 0.5}], promise) == {"damaged": 1}


def test_steps_are_checked_as_given_and_as_counted():
    given = [{**row, "_step": 2 * row["n"]} for row in logged(STEPS, 6)]
    counted = [{**row, "_step": 7} for row in logged(ROWS, 2)]

    assert judge_steps(given, [Promise(0, STEPS, 6, 6)], source="test") == []
    assert judge_steps(counted, [Promise(0, ROWS, 2, 2)], source="test")


def test_a_runtime_that_goes_back_is_seen():
    rows = [{"w": 0, "_runtime": 2.0}, {"w": 0, "_runtime": 1.0}]

    assert judge_clock(rows, [Promise(0, ROWS, 2, 2)], source="test")
