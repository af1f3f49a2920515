"""Cases of this folder's differences.json: what the original does, and what ours does."""

from math import nan

import pytest

from oracle.compare import declared_cases, same, user_summary


def summary_of(play, *lines):
    played = play("run = init()", *lines, "run.finish()")
    assert not played.errors, played
    summary = user_summary(played.log.summary)
    return {key: summary[key] for key in summary if key != "_step"}


CASES = [
    (
        "min, max or mean of a metric that had no number yet",
        ["run.define_metric('a', summary='min,max,mean')", "run.log({'a': 'x'})"],
        {"a": {"min": 0, "max": 0, "mean": nan}},
        {"a": {}},
    ),
    (
        "summary write below a dict that was written whole",
        ["run.summary['a'] = {'x': 1}", "run.summary['a']['k'] = 5"],
        {"a": {"k": 5}},
        {"a": {"x": 1, "k": 5}},
    ),
    (
        "define_metric with an escaped dot in step_metric, or a glob that meets a name with a dot",
        ["run.define_metric('*', summary='max')", "run.log({'n.x': {'b': 1}})"],
        {"n.x": {"b": 1}},
        {"n.x": {"b": {"max": 1}}},
    ),
]


@pytest.mark.parametrize(("case", "lines", "original", "ours"), CASES)
def test_summary_differs_as_declared(play, either, case, lines, original, ours):
    assert same(summary_of(play, *lines), either(case, original=original, ours=ours))


def test_members_of_a_dict_written_whole_can_be_deleted(play, either):
    case = "summary write below a dict that was written whole"
    found = summary_of(play, "run.summary['b'] = {'x': 1, 'y': 2}", "del run.summary['b']['x']")

    assert found == either(case, original={"b": {"x": 1, "y": 2}}, ours={"b": {"y": 2}})


def test_logged_members_join_a_dict_written_whole(play, either):
    case = "summary write below a dict that was written whole"
    found = summary_of(
        play, "run.summary['d'] = {'x': {'y': 1}}", "run.log({'d': {'x': {'z': 1}}})"
    )

    ours = {"d": {"x": {"y": 1, "z": 1}}}
    assert found == either(case, original={"d": {"x": {"z": 1}}}, ours=ours)


def test_step_metric_that_is_put_in_drops_no_logged_value(play, either):
    case = "step metric put in below or above a logged value"
    definition = "run.define_metric('a', step_metric='b.c')"
    found = summary_of(play, definition, "run.log({'a': 1, 'b': 5})")

    assert found["b"] == either(case, original={"c": 0}, ours=5)


def test_every_case_has_a_name_of_its_own():
    assert len(declared_cases()) > 30
