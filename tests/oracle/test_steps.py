"""Semantics §1, steps: which row a call goes to, and what `run.step` says."""

import pytest

from oracle.compare import user_rows

BACK = "log with a step lower than the current one"


@pytest.fixture
def logged(play):
    """Play calls of `log`; return the rows by step and `run.step` after each call."""

    def run(*calls):
        lines = [line for call in calls for line in (f"run.log({call})", "run.step")]
        played = play("run = init()", *lines, "run.finish()")
        assert not played.errors, played
        return user_rows(played.log), played.values("run.step")

    return run


TABLE = [
    ("a call writes its row", ["{'a': 1}", "{'b': 2}"], [{"a": 1}, {"b": 2}], [1, 2]),
    (
        "commit=False keeps the row open",
        ["{'a': 1}, commit=False", "{'b': 2}"],
        [{"a": 1, "b": 2}],
        [0, 1],
    ),
    ("commit=True writes", ["{'a': 1}, commit=True", "{'b': 2}"], [{"a": 1}, {"b": 2}], [1, 2]),
    (
        "a step alone keeps its row open",
        ["{'a': 1}, step=0", "{'b': 2}"],
        [{"a": 1, "b": 2}],
        [0, 1],
    ),
    ("the empty dict writes a row", ["{}", "{'a': 1}"], [{}, {"a": 1}], [1, 2]),
    ("the empty dict closes an open row", ["{'a': 1}, step=0", "{}"], [{"a": 1}], [0, 1]),
    ("finish writes the open row", ["{'a': 1}, commit=False"], [{"a": 1}], [0]),
    ("an open row without keys is written", ["{}, commit=False"], [{}], [0]),
    (
        "of a key's two values the last stays",
        ["{'a': 1}, commit=False", "{'a': 2}"],
        [{"a": 2}],
        [0, 1],
    ),
    (
        "dicts merge leaf by leaf",
        ["{'d': {'x': 1, 'y': 1}}, commit=False", "{'d': {'y': 2, 'z': {'w': 3}}}"],
        [{"d": {"x": 1, "y": 2, "z": {"w": 3}}}],
        [0, 1],
    ),
    (
        "a dict replaces a scalar",
        ["{'a': 1}, commit=False", "{'a': {'b': 2}}"],
        [{"a": {"b": 2}}],
        [0, 1],
    ),
    ("a scalar replaces a dict", ["{'a': {'b': 2}}, commit=False", "{'a': 1}"], [{"a": 1}], [0, 1]),
    ("numpy steps count", ["{'a': 1}, step=np.int64(0)", "{'b': 1}"], [{"a": 1, "b": 1}], [0, 1]),
    ("True is step 1", ["{'a': 1}, step=True", "{'b': 1}"], [{"a": 1, "b": 1}], [1, 2]),
    (
        "commit takes 0 and 1",
        ["{'a': 1}, commit=0", "{'b': 1}, commit=1"],
        [{"a": 1, "b": 1}],
        [0, 1],
    ),
]


@pytest.mark.parametrize(
    ("calls", "rows", "steps"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_steps_of_the_table(logged, calls, rows, steps):
    found, seen = logged(*calls)

    first = 1 if "step=True" in calls[0] else 0
    assert found == [{**row, "_step": step} for step, row in enumerate(rows, first)]
    assert seen == steps


def test_a_higher_step_writes_the_open_row_and_opens_its_own(logged):
    rows, steps = logged(
        "{'a': 1}, commit=False", "{'b': 2}, step=5", "{'c': 3}, step=5", "{'d': 4}"
    )

    assert rows == [{"a": 1, "_step": 0}, {"b": 2, "c": 3, "d": 4, "_step": 5}]
    assert steps == [0, 5, 5, 6]


def test_a_step_with_commit_writes_at_once(logged):
    rows, steps = logged(
        "{'a': 1}, step=5, commit=True", "{'b': 2}", "{'c': 3}, step=7, commit=False"
    )

    assert rows == [{"a": 1, "_step": 5}, {"b": 2, "_step": 6}, {"c": 3, "_step": 7}]
    assert steps == [6, 7, 7]


def test_a_higher_step_leaves_no_row_for_what_was_not_opened(logged):
    rows, _ = logged("{'a': 1}", "{'b': 1}, step=3", "{'c': 1}, step=2**40")

    assert [row["_step"] for row in rows] == [0, 3, 2**40]


VERIFIED = (
    "{'a': 1}, commit=False",
    "{'b': 1}",
    "{'c': 1}, step=5",
    "{'d': 1}, step=5",
    "{'e': 1}",
    "{'f': 1}, step=2",
    "{'g': 1}, step=10, commit=True",
    "{'g2': 1}, step=10",
    "{}",
    "{'h': 1}, commit=False",
    "{'i': 1}, step=20, commit=False",
)


def test_the_verified_sequence(logged, either):
    rows, steps = logged(*VERIFIED)

    kept = [{"_step": 2, "f": 1}, {"_step": 10, "g2": 1}]
    in_order = [row for row in rows if row not in kept]
    late = [row for row in rows if row in kept]
    assert [(row.pop("_step"), sorted(row)) for row in in_order] == [
        (0, ["a", "b"]),
        (5, ["c", "d", "e"]),
        (10, ["g"]),
        (11, []),
        (12, ["h"]),
        (20, ["i"]),
    ]
    assert late == either(BACK, original=[], ours=kept)
    assert steps == [0, 1, 5, 5, 6, 6, 11, 11, 12, 12, 20]


def test_a_row_that_came_late_is_no_part_of_the_open_row(logged, either):
    rows, steps = logged("{'a': 1}, step=5", "{'late': 1}, step=3", "{'b': 2}")

    assert {"a": 1, "b": 2, "_step": 5} in rows
    late = [row for row in rows if "late" in row]
    assert late == either(BACK, original=[], ours=[{"late": 1, "_step": 3}])
    assert steps == [5, 5, 6]


def test_a_late_row_with_commit_does_not_move_the_steps_stored(logged, either):
    rows, steps = logged(
        "{'a': 1}, step=5, commit=True", "{'late': 1}, step=2, commit=True", "{'b': 1}"
    )

    assert [row["_step"] for row in rows if "late" not in row] == [5, 6]
    # The original's own counter moves, and from then on differs from the steps stored.
    assert steps == either(BACK, original=[6, 7, 8], ours=[6, 6, 7])


def test_a_negative_step_is_late(logged, either):
    rows, _ = logged("{'late': 1}, step=-1", "{'a': 1}")

    late = [row["_step"] for row in rows if "late" in row]
    assert late == either(BACK, original=[], ours=[-1])


def test_going_back_is_told_with_both_steps(script):
    ended = script(
        "import wandb\n"
        "run = wandb.init()\n"
        "run.log({'a': 1}, step=7)\n"
        "run.log({'b': 1}, step=3)\n"
        "run.finish()\n"
    )

    (line,) = [line for line in ended.stderr.splitlines() if " 3 " in f" {line} " or "(3" in line]
    assert "7" in line
    assert "step" in line.lower()


def test_strict_steps_raise(ours, drivers):
    played = drivers.of(ours).play(
        "run = init(settings={'strict_steps': True})",
        "run.log({'a': 1}, step=5)",
        "run.log({'b': 1}, step=3)",
        "run.log({'c': 1})",
    )

    refused = played["run.log({'b': 1}, step=3)"]
    assert "ValueError" in refused.error
    assert "3" in refused.message
    assert "5" in refused.message
    assert user_rows(played.log) == [{"a": 1, "c": 1, "_step": 5}]


REFUSED = [
    ("[1, 2]", "TypeError"),
    ("'text'", "TypeError"),
    ("None", "TypeError"),
    ("3.5", "TypeError"),
    ("{1: 2}", "TypeError"),
    ("{'a': 1, None: 2}", "TypeError"),
    ("{b'a': 1}", "TypeError"),
    ("{'a': 1}, step=1.5", "TypeError"),
    ("{'a': 1}, step='1'", "TypeError"),
    ("{'a': 1}, step=np.float64(1)", "TypeError"),
    ("{'a': 1}, step=[1]", "TypeError"),
    ("{'a': 1}, commit='yes'", "TypeError"),
    ("{'a': 1}, sync=True", "TypeError"),
    ("", "TypeError"),
]


@pytest.mark.parametrize(("call", "error"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_wrong_call_is_refused_and_costs_nothing_else(play, call, error):
    line = f"run.log({call})"
    played = play(
        "run = init()", "run.log({'open': 1}, commit=False)", line, "run.step", "run.log({})"
    )

    assert error in played[line].error, played
    assert played["run.step"].value == 0
    assert user_rows(played.log) == [{"open": 1, "_step": 0}]


def test_any_mapping_may_be_logged(play):
    mapping = "import collections, types; row = types.MappingProxyType({'a': 1})"
    played = play(
        "run = init()", mapping, "run.log(row)", "run.log(collections.ChainMap({'b': 2}))"
    )

    assert user_rows(played.log) == [{"a": 1, "_step": 0}, {"b": 2, "_step": 1}]


def test_threads_lose_no_row(play):
    played = play(
        "run = init()",
        "import threading",
        "work = lambda n: [run.log({f'thread{n}': i, 'same': [n, i]}) for i in range(50)]",
        "threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]",
        "[thread.start() for thread in threads] and None",
        "[thread.join() for thread in threads] and None",
        "run.step",
    )

    rows = user_rows(played.log)
    assert [row["_step"] for row in rows] == list(range(200))
    assert sorted(row["same"] for row in rows) == [[n, i] for n in range(4) for i in range(50)]
    assert played["run.step"].value == 200


def test_internal_keys_are_the_clients_but_for_the_time(play):
    played = play(
        "run = init()",
        "run.log({'_step': 99, '_runtime': 5, '_timestamp': 3.5, '_own': 4})",
        "run.log({'a': 1})",
    )

    first, second = played.log.rows
    assert (first["_step"], first["_timestamp"], first["_own"]) == (0, 3.5, 4)
    assert first["_runtime"] != 5
    assert second["_step"] == 1
    assert second["_timestamp"] > 1.6e9
    assert 0 <= first["_runtime"] <= second["_runtime"]


def test_history_records_repeat_their_step(play):
    played = play("run = init()", "run.log({'a': 1})", "run.log({'a': 1}, step=7)")

    assert [row["step"] for row in played.log.of_kind("history")] == [{}, {"num": 7}]
