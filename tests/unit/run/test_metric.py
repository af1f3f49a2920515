import pytest

from wandb._run.metric import defined_metric
from wandb.errors import Error


def record_of(*args, **kwargs):
    return defined_metric(*args, **kwargs)._record()["metric"]


RECORDS = [
    ({"name": "a"}, {"name": "a", "options": {"defined": True}}),
    ({"name": "val/*"}, {"glob_name": "val/*", "options": {"defined": True}}),
    (
        {"name": "a", "step_metric": "ep"},
        {"name": "a", "step_metric": "ep", "options": {"step_sync": True, "defined": True}},
    ),
    (
        {"name": "a", "step_metric": "ep", "step_sync": False},
        {"name": "a", "step_metric": "ep", "options": {"defined": True}},
    ),
    (
        {"name": "a", "step_metric": ""},
        {"name": "a", "options": {"step_sync": True, "defined": True}},
    ),
    (
        {"name": "a", "summary": "MIN,max"},
        {"name": "a", "summary": {"min": True, "max": True}, "options": {"defined": True}},
    ),
    ({"name": "a", "summary": ""}, {"name": "a", "options": {"defined": True}}),
    (
        {"name": "a", "goal": "Maximize"},
        {"name": "a", "goal": "GOAL_MAXIMIZE", "options": {"defined": True}},
    ),
    (
        {"name": "a", "hidden": True, "overwrite": True},
        {
            "name": "a",
            "_control": {"overwrite": True},
            "options": {"hidden": True, "defined": True},
        },
    ),
]


@pytest.mark.parametrize(("arguments", "record"), RECORDS)
def test_definition_becomes_a_record(arguments, record):
    assert record_of(**arguments) == record


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a*b"}, "name"),
        ({"name": "**"}, "name"),
        ({"step_metric": 5}, "step_metric"),
        ({"step_sync": "x"}, "step_sync"),
        ({"hidden": 1}, "hidden"),
        ({"overwrite": "x"}, "overwrite"),
        ({"summary": "typo"}, "summary"),
        ({"summary": "min,"}, "summary"),
        ({"summary": "min, max"}, "summary"),
        ({"summary": ["min"]}, "summary"),
        ({"goal": "typo"}, "goal"),
        ({"goal": ""}, "goal"),
    ],
)
def test_wrong_argument_is_an_error_that_names_it(arguments, named):
    with pytest.raises(Error, match=f"`{named}`"):
        defined_metric(**{"name": "a", **arguments})


def test_metric_tells_what_was_understood():
    axis = defined_metric("epoch")

    metric = defined_metric("a", step_metric=axis, summary="min", goal="minimize", hidden=False)

    understood = (metric.name, metric.step_metric, metric.step_sync, metric.summary)
    assert understood == ("a", "epoch", True, ("min",))
    assert (metric.hidden, metric.goal) == (False, "minimize")


@pytest.mark.parametrize("kind", ["best", "copy"])
def test_deprecated_kind_is_taken_with_a_word(kind, capsys):
    assert record_of("a", summary=kind)["summary"] == {kind: True}
    # Said once per process, so another test may have heard it.
    assert capsys.readouterr().err.count("deprecated") <= 1
