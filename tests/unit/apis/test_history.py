import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb.apis.public.history import lookup, merge_steps, overlay, thin


def losses(rows):
    return [row["loss"] for row in rows]


def test_rows_come_in_order_of_steps_whatever_order_they_were_logged_in(make_run, open_run):
    make_run("r1").log(7, loss=7).log(3, loss=3).log(8, loss=8)
    run = open_run()

    assert losses(run.scan_history()) == [3, 7, 8]
    assert losses(run.history(pandas=False)) == [3, 7, 8]
    assert run.lastHistoryStep == 8


def test_scan_keeps_rows_of_one_step_apart_and_history_folds_them(make_run, open_run):
    make_run("r1").log(1, loss=1, val={"a": 1, "b": 1}).log(2, loss=2).log(1, loss=9, val={"b": 2})
    run = open_run()

    assert losses(run.scan_history()) == [1, 9, 2]
    folded = run.history(pandas=False)
    assert losses(folded) == [9, 2]
    assert folded[0]["val"] == {"a": 1, "b": 2}


def test_keys_cut_rows_down_and_leave_out_rows_without_them(make_run, open_run):
    make_run("r1").log(0, loss=1, acc=0.5).log(1, loss=2).log(2, loss=3, acc=0.7)
    run = open_run()

    assert list(run.scan_history(keys=["acc"])) == [{"acc": 0.5}, {"acc": 0.7}]
    assert run.history(keys=["acc"], pandas=False) == [
        {"_step": 0, "acc": 0.5},
        {"_step": 2, "acc": 0.7},
    ]
    assert run.history(keys=["loss"], x_axis="acc", pandas=False) == [
        {"acc": 0.5, "loss": 1},
        {"acc": 0.7, "loss": 3},
    ]


def test_dotted_key_reaches_into_nested_values(make_run, open_run):
    make_run("r1").log(0, val={"top": {"one": 0.5}}, **{"a.b": 1})

    assert list(open_run().scan_history(keys=["val.top.one", "a.b"])) == [
        {"val.top.one": 0.5, "a.b": 1}
    ]


def test_scan_takes_the_first_step_and_stops_before_the_last(make_run, open_run):
    made = make_run("r1")
    for step in range(10):
        made.log(step, loss=step)

    assert losses(open_run().scan_history(min_step=3, max_step=6)) == [3, 4, 5]


def test_scan_is_an_iterator_too(make_run, open_run):
    make_run("r1").log(0, loss=1).log(1, loss=2)
    scan = open_run().scan_history()

    assert (next(scan)["loss"], scan.next()["loss"]) == (1, 2)
    with pytest.raises(StopIteration):
        next(scan)


def test_rows_logged_without_steps_are_numbered_as_they_came(make_run, open_run):
    make_run("r1").log_stepless(loss=1).log_stepless(loss=2)

    assert [(row["_step"], row["loss"]) for row in open_run().scan_history()] == [(0, 1), (1, 2)]


def test_samples_are_spread_evenly_and_keep_both_ends(make_run, open_run):
    made = make_run("r1")
    for step in range(9):
        made.log(step, loss=step)

    assert losses(open_run().history(samples=3, pandas=False)) == [0, 4, 8]
    assert losses(open_run().history(samples=3, keys=["loss"], pandas=False)) == [0, 4, 8]


@pytest.mark.parametrize("keys", ["loss", [1]])
def test_keys_of_a_wrong_kind_give_no_rows_and_a_line(make_run, open_run, capsys, keys):
    make_run("r1").log(0, loss=1)
    run = open_run()

    assert run.history(keys=keys) == []
    assert list(run.scan_history(keys=keys)) == []
    assert "must be a list of strings" in capsys.readouterr().err


def test_system_stream_gives_the_machines_metrics(make_run, open_run):
    made = make_run("r1", started=1_750_000_000.0)
    made.stats(1_750_000_015, cpu=4.5).stats(1_750_000_030, cpu=5.5, memory_percent=10.0)
    run = open_run()

    assert run.history(stream="system", pandas=False) == [
        {"_timestamp": 1_750_000_015.0, "_runtime": 15.0, "system.cpu": 4.5},
        {
            "_timestamp": 1_750_000_030.0,
            "_runtime": 30.0,
            "system.cpu": 5.5,
            "system.memory_percent": 10.0,
        },
    ]
    assert run.system_metrics == {"system.cpu": 5.5, "system.memory_percent": 10.0}


def test_with_pandas_history_is_a_frame(make_run, open_run):
    make_run("r1").log(0, loss=1).log(1, loss=2)

    assert list(open_run().history()["loss"]) == [1, 2]


def test_without_pandas_history_is_a_list_and_says_so(make_run, open_run, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    make_run("r1").log(0, loss=1)

    assert losses(open_run().history()) == [1]
    assert "pandas is not installed" in capsys.readouterr().err


def test_values_that_json_lacks_come_back(make_run, open_run):
    make_run("r1").log(0, loss=float("inf"), big=2**53 + 1, none=None)

    row = next(open_run().scan_history())
    assert (row["loss"], row["big"], row["none"]) == (float("inf"), 2**53 + 1, None)


def test_media_values_are_replaced_whole():
    row = {"img": {"_type": "image-file", "path": "a", "caption": "x"}}

    overlay(row, {"img": {"_type": "image-file", "path": "b"}})

    assert row == {"img": {"_type": "image-file", "path": "b"}}


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.integers())))
def test_merged_rows_hold_the_last_value_of_each_step_and_key(logged):
    logged.sort(key=lambda entry: entry[0])
    rows = [{"_step": step, key: value} for step, key, value in logged]
    latest = {}
    for step, key, value in logged:
        latest.setdefault(step, {"_step": step})[key] = value

    assert list(merge_steps(rows)) == list(latest.values())


@given(st.integers(0, 200), st.integers(0, 50))
def test_thinned_rows_are_as_many_as_asked_for_and_in_order(count, samples):
    kept = list(thin(iter(range(count)), count, samples))

    assert len(kept) == min(count, samples)
    assert kept == sorted(set(kept))
    if samples > 1 and count:
        assert (kept[0], kept[-1]) == (0, count - 1)


def test_literal_key_goes_before_a_nested_one():
    assert lookup({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert lookup({"a.b": {"c": 3}}, "a.b.c") == 3
    assert lookup({"a": 1}, "a.b", None) is None


@pytest.mark.parametrize("steps", [[0, 1, 2, 3, 4], [4, 1, 3, 1, 0], [5, 6, 7, 2, 8]])
def test_long_runs_are_read_in_pages_with_the_same_result(make_run, open_run, monkeypatch, steps):
    made = make_run("r1")
    for number, step in enumerate(steps):
        made.log(step, loss=number)
    at_once = list(open_run().scan_history())
    monkeypatch.setattr("wandb.apis.public.local._HELD_ROWS", 2)
    monkeypatch.setattr("wandb.apis.public.local._PAGE_ROWS", 2)

    assert list(open_run().scan_history()) == at_once
    assert [row["_step"] for row in at_once] == sorted(steps)
    assert open_run().lastHistoryStep == max(steps)
    assert len(open_run().history(samples=2, pandas=False)) == 2
