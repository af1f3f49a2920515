"""Semantics §3: metric definitions, and what they do to rows and summary."""

from math import inf, nan

import pytest

from oracle.compare import same, user_metrics, user_rows, user_summary

BEST = "define_metric summary=best or copy"
TWO_GLOBS = "two define_metric globs match a key"


@pytest.fixture
def defined(play):
    """Play definitions and rows; return rows, summary and definitions."""

    def run(*lines):
        played = play("run = init()", *lines, "run.finish()")
        assert not played.errors, played
        log = played.log
        return user_rows(log), user_summary(log.summary), user_metrics(log)

    return run


def test_definition_returns_a_metric_with_its_properties(play):
    played = play(
        "run = init()",
        "m = run.define_metric('a', step_metric='e', hidden=True, "
        "summary='max,min', goal='maximize')",
        "type(m).__name__",
        "(m.name, m.step_metric, m.step_sync, m.hidden, m.goal)",
        "sorted(m.summary)",
        "w = wandb.define_metric('b')",
        "(w.name, w.step_metric, w.step_sync, w.hidden, w.goal, w.summary)",
        "run.define_metric('c', step_metric=m).step_metric",
    )

    assert played["type(m).__name__"].value == "Metric"
    properties = played["(m.name, m.step_metric, m.step_sync, m.hidden, m.goal)"].value
    assert properties == ("a", "e", True, True, "maximize")
    assert played["sorted(m.summary)"].value == ["max", "min"]
    plain = played["(w.name, w.step_metric, w.step_sync, w.hidden, w.goal, w.summary)"].value
    assert plain == ("b", None, False, None, None, None)
    assert played.outcomes[-1].value == "a"


REFUSED = [
    "''",
    "5",
    "None",
    "'a*b'",
    "'*a'",
    "'a**'",
    "'a', summary='median'",
    "'a', summary='min,median'",
    "'a', summary='min, max'",
    "'a', summary=['min']",
    "'a', goal='upwards'",
    "'a', hidden='yes'",
    "'a', hidden=1",
    "'a', step_sync='yes'",
    "'a', step_metric=5",
    "'a', overwrite='yes'",
]


@pytest.mark.parametrize("arguments", REFUSED)
def test_wrong_definition_is_refused(play, arguments):
    line = f"run.define_metric({arguments})"
    played = play("run = init()", line, "run.log({'a': 1})")

    assert "Error" in played[line].error[:2], played
    assert user_rows(played.log) == [{"a": 1, "_step": 0}]
    assert user_metrics(played.log) == {}


KINDS = [
    ("min", [3, 1, 2], {"min": 1}),
    ("max", [3, 1, 2], {"max": 3}),
    ("mean", [3, 1, 2], {"mean": 2}),
    ("last", [3, 1, 2], {"last": 2}),
    ("first", [3, 1, 2], {"first": 3}),
    ("min,max", [3, 1, 2], {"min": 1, "max": 3}),
    ("min,max,mean,first,last", [3, 1, 2], {"min": 1, "max": 3, "mean": 2, "first": 3, "last": 2}),
    ("none", [3, 1, 2], None),
    ("none,min", [3, 1, 2], None),
    ("copy", [3, 1, 2], 2),
    ("copy,min", [3, 1, 2], {"min": 1}),
    ("min", [True, 3, False], {"min": 3}),
    ("min,max", ["x", None, [1], 2, "y"], {"min": 2, "max": 2}),
    ("last,first,mean", [3, "x"], {"last": "x", "first": 3, "mean": 3}),
    ("min,max,mean", [1, nan, 2], {"min": nan, "max": nan, "mean": nan}),
    ("min,max", [nan, 1], {"min": nan, "max": nan}),
    ("last", [1, nan], {"last": nan}),
    ("min,max", [inf, -inf, 1], {"min": -inf, "max": inf}),
    ("mean", [2**62, 2**62], {"mean": float(2**62)}),
    ("max", [0.1, 0.30000000000000004], {"max": 0.30000000000000004}),
]


@pytest.mark.parametrize(("kinds", "values", "stored"), KINDS)
def test_summary_kinds(defined, kinds, values, stored):
    rows = [f"run.log({{'a': {value!r}}})" for value in values]
    _, summary, _ = defined(f"run.define_metric('a', summary={kinds!r})", *rows)

    assert same(summary.get("a"), stored)


@pytest.mark.parametrize(
    ("goal", "last", "best"), [(", goal='maximize'", 2, 3), (", goal='minimize'", 2, 1), ("", 2, 1)]
)
def test_best_follows_its_goal(play, either, goal, last, best):
    definition = f"run.define_metric('a', summary='best'{goal})"
    rows = [f"run.log({{'a': {value}}})" for value in (3, 1, 2)]
    played = play("run = init()", definition, *rows, "run.finish()")

    found = user_summary(played.log.summary)["a"]
    found = found.get("best", found) if isinstance(found, dict) else found
    assert found == either(BEST, original=last, ours=best)


def test_definition_after_the_rows_covers_them(defined):
    _, summary, _ = defined(
        "run.log({'a': 3})",
        "run.log({'a': 9})",
        "run.log({'a': 4})",
        "run.define_metric('a', summary='max,mean')",
        "run.log({'a': 4})",
    )

    assert summary["a"] == {"max": 9, "mean": 5}


def test_repeated_definitions_merge(defined):
    _, summary, metrics = defined(
        "run.define_metric('a', summary='min', hidden=True, step_metric='e')",
        "run.define_metric('a', summary='max', hidden=False, step_sync=False, goal='minimize')",
        "run.log({'a': 2})",
        "run.log({'a': 1})",
    )

    assert summary["a"] == {"min": 1, "max": 2}
    assert metrics["a"]["options"] == {"defined": True, "hidden": True, "step_sync": True}
    assert metrics["a"]["summary"] == {"min": True, "max": True}
    assert metrics["a"]["step_metric"] == "e"
    assert metrics["a"]["goal"] == "GOAL_MINIMIZE"


def test_overwrite_starts_anew(defined):
    _, summary, metrics = defined(
        "run.define_metric('a', summary='min', hidden=True)",
        "run.define_metric('a', summary='max', overwrite=True)",
        "run.log({'a': 2})",
        "run.log({'a': 1})",
    )

    assert summary["a"] == {"max": 2}
    assert metrics["a"] == {"name": "a", "options": {"defined": True}, "summary": {"max": True}}


def test_step_metric_fills_rows_that_lack_it(defined):
    rows, _, metrics = defined(
        "run.define_metric('a', step_metric='e')",
        "run.log({'a': 1})",
        "run.log({'e': 4})",
        "run.log({'a': 2})",
        "run.log({'a': 3, 'e': 7})",
        "run.log({'b': 1})",
        "run.log({'a': 4})",
    )

    assert [row.get("e") for row in rows] == [0, 4, 4, 7, None, 7]
    assert metrics["a"]["options"] == {"defined": True, "step_sync": True}


@pytest.mark.parametrize("value", ["'text'", "None", "[9]", "{'z': 9}"])
def test_only_numbers_move_a_step_metric(defined, value):
    rows, _, _ = defined(
        "run.define_metric('a', step_metric='e')",
        "run.log({'e': 4})",
        f"run.log({{'e': {value}}})",
        "run.log({'a': 1})",
    )

    assert rows[-1] == {"a": 1, "e": 4, "_step": 2}


def test_step_metric_without_sync_fills_nothing(defined):
    rows, _, _ = defined(
        "run.define_metric('a', step_metric='e', step_sync=False)",
        "run.log({'e': 4})",
        "run.log({'a': 1})",
    )

    assert rows[-1] == {"a": 1, "_step": 1}


def test_row_of_several_calls_is_filled_once_when_written(defined):
    rows, _, _ = defined(
        "run.define_metric('a', step_metric='e')",
        "run.log({'a': 1}, commit=False)",
        "run.log({'e': 4}, commit=False)",
        "run.log({})",
        "run.log({'a': 2}, step=9)",
    )

    assert rows == [{"a": 1, "e": 4, "_step": 0}, {"a": 2, "e": 4, "_step": 9}]


def test_nested_step_metric_is_a_path(defined):
    rows, _, _ = defined(
        "run.define_metric('a', step_metric='n.s')", "run.log({'n': {'s': 4}})", "run.log({'a': 1})"
    )

    assert rows[-1] == {"a": 1, "n": {"s": 4}, "_step": 1}


def test_glob_defines_each_key_that_it_meets(defined):
    _, summary, metrics = defined(
        "run.define_metric('val/*', step_metric='e', summary='max')",
        "run.log({'val/a': 3, 'val/b': 1, 'value': 5})",
        "run.log({'val/a': 1})",
    )

    assert (summary["val/a"], summary["val/b"], summary["value"]) == ({"max": 3}, {"max": 1}, 5)
    assert metrics["val/*"]["glob_name"] == "val/*"
    assert metrics["val/a"]["expanded_from_glob"] is True
    assert metrics["val/a"]["step_metric"] == "e"
    assert "value" not in metrics


def test_glob_reaches_nested_keys_and_no_own_ones(defined):
    _, summary, _ = defined(
        "run.define_metric('*', summary='max')",
        "run.log({'n': {'a': 3, 'm': {'b': 2}}, '_own': 9})",
        "run.log({'n': {'a': 1, 'm': {'b': 1}}, '_own': 8})",
    )

    assert summary["n"] == {"a": {"max": 3}, "m": {"b": {"max": 2}}}
    assert summary["_own"] == 8


def test_glob_of_all_matches_its_own_step_metric(defined):
    rows, _, metrics = defined(
        "run.define_metric('*', step_metric='g/s')",
        "run.log({'a': 1})",
        "run.log({'g/s': 4})",
        "run.log({'a': 1})",
    )

    assert [row.get("g/s") for row in rows] == [0, 4, 4]
    assert metrics["g/s"]["expanded_from_glob"] is True


def test_explicit_definition_wins_over_a_glob(defined):
    _, summary, _ = defined(
        "run.define_metric('p*', summary='max')",
        "run.define_metric('p1', summary='min')",
        "run.log({'p1': 1, 'p2': 1})",
        "run.log({'p1': 2, 'p2': 0})",
    )

    assert (summary["p1"], summary["p2"]) == ({"min": 1}, {"max": 1})


def test_longest_of_several_globs_wins(ours, drivers):
    # The original takes any of them: there is nothing to compare with.
    played = drivers.of(ours).play(
        "run = init()",
        "run.define_metric('*', summary='min')",
        "run.define_metric('val/*', summary='max')",
        "run.define_metric('val/l*', summary='mean')",
        "run.log({'val/loss': 1, 'val/acc': 1, 'x': 1})",
        "run.log({'val/loss': 3, 'val/acc': 3, 'x': 3})",
        "run.finish()",
    )

    found = user_summary(played.log.summary)
    assert found == {"val/loss": {"mean": 2}, "val/acc": {"max": 3}, "x": {"min": 1}, "_step": 1}


def test_dots_in_names_are_paths_and_escaped_ones_are_not(defined):
    _, summary, metrics = defined(
        "run.define_metric('a.b', summary='max')",
        r"run.define_metric('c\\.d', summary='max')",
        "run.log({'a': {'b': 3}, 'a.b': 3, 'c': {'d': 3}, 'c.d': 3})",
        "run.log({'a': {'b': 1}, 'a.b': 1, 'c': {'d': 1}, 'c.d': 1})",
    )

    assert summary["a"] == {"b": {"max": 3}}
    assert summary["a.b"] == 1
    assert summary["c"] == {"d": 1}
    assert summary["c.d"] == {"max": 3}
    assert metrics.keys() == {"a.b", r"c\.d"}


def test_definition_of_a_name_does_not_cover_what_is_below_it(defined):
    _, summary, _ = defined(
        "run.define_metric('c', summary='max')",
        "run.log({'c': {'d': 3}})",
        "run.log({'c': {'d': 1}})",
    )

    assert summary["c"] == {"d": 1}


def test_hidden_is_recorded_and_hides_nothing_here(defined):
    rows, summary, metrics = defined("run.define_metric('a', hidden=True)", "run.log({'a': 1})")

    assert rows == [{"a": 1, "_step": 0}]
    assert summary["a"] == 1
    assert metrics["a"]["options"] == {"defined": True, "hidden": True}


@pytest.mark.parametrize("kind", ["best", "copy"])
def test_deprecated_kinds_are_told(script, kind):
    ended = script(
        "import wandb\n"
        "run = wandb.init()\n"
        f"run.define_metric('a', summary={kind!r})\n"
        "run.log({'a': 1})\n"
        "run.finish()\n"
    )

    assert "deprecated" in ended.stderr
    assert kind in ended.stderr


def test_definition_of_no_summary_outlives_a_write_by_hand(defined):
    _, summary, _ = defined(
        "run.define_metric('a', summary='min,none')",
        "run.summary['a'] = None",
        "run.log({'a': 0})",
    )

    assert summary.get("a") is None


def test_logged_null_brings_a_glob_about(defined):
    _, _, metrics = defined("run.define_metric('*')", "run.log({'a': None})")

    assert metrics["a"]["expanded_from_glob"] is True


def test_step_metric_that_was_put_in_meets_no_glob(defined):
    _, summary, metrics = defined(
        "run.define_metric('*', step_metric='s', summary='none')", "run.log({'q': 1})"
    )

    assert "s" not in metrics
    assert summary["s"] == 0
