import json
import re

import pytest

from ferrule.domain import titles
from ferrule.domain.runs import (
    UpsertRequest,
    branch_point,
    change_of,
    inherited_by,
    whole_step,
)
from ferrule.errors import BadInput, NotFound
from ferrule.ports.history import FOREVER, Span
from ferrule.ports.runs import Run

KNOWN = Run(7, 1, "ann", "p", "r", scope=(Span(7, 0, FOREVER),))


def change(known=None, **fields):
    shared = fields.pop("shared", False)
    request = UpsertRequest(**{"name": "r", **fields})
    return change_of(request, known, project_id=1, user="ann", at=5, shared=shared)


def test_null_leaves_everything_as_it_is():
    said = change(KNOWN)

    assert said.applied(KNOWN) == KNOWN.__class__(**{**_fields(KNOWN), "heartbeat_at": 5})


def _fields(run):
    return {name: getattr(run, name) for name in run.__slots__}


def test_a_new_run_runs_under_a_name_of_two_words_and_a_number():
    run = change().first(9, "ann", "p", 3)

    assert run.state == "running"
    assert re.fullmatch(r"[a-z]+-[a-z]+-3", run.display_name)
    assert re.fullmatch(r"[a-z]+-[a-z]+", titles.words())


def test_a_name_that_was_given_is_kept():
    assert change(display_name="mine").first(9, "ann", "p", 3).display_name == "mine"


@pytest.mark.parametrize(
    ("state", "fields", "after"),
    [
        ("finished", {"host": "box"}, "running"),
        ("crashed", {"run_id": 7, "program": "x.py"}, "running"),
        ("preempting", {"run_id": 7, "host": "box"}, "running"),
        ("preempting", {"host": "box"}, "preempting"),
        ("finished", {"config": "{}"}, "finished"),
        ("finished", {"run_id": 7, "notes": "n"}, "finished"),
        ("finished", {"run_id": 7, "summary": "{}", "host": "box"}, "running"),
        ("running", {"config": "{}"}, "running"),
        ("running", {"state": "Pending"}, "pending"),
    ],
)
def test_a_run_begins_anew_only_when_its_process_does(state, fields, after):
    known = Run(7, 1, "ann", "p", "r", state=state)

    assert change(known, **fields).applied(known).state == after


def test_an_edit_from_outside_is_no_sign_of_life():
    assert not change(KNOWN, run_id=7, notes="n").alive
    assert not change(KNOWN, run_id=7, summary="{}").alive
    assert change(KNOWN, config="{}").alive
    assert change(KNOWN, run_id=7, host="box", notes="n").alive


def test_an_empty_title_changes_nothing_and_empty_tags_do():
    assert change(KNOWN, display_name="").display_name is None
    assert change(KNOWN, tags=[]).tags == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "a/b"},
        {"config": "nonsense"},
        {"config": "[1]"},
        {"config": "null"},
        {"config": "[" * 100_000},
        {"summary": '"x"'},
        {"state": "sleeping"},
        {"tags": [""]},
        {"display_name": "x" * 513},
    ],
)
def test_what_can_not_be_is_refused(fields):
    with pytest.raises(BadInput):
        change(**fields)


def test_nan_in_a_config_is_kept_as_it_is():
    assert change(config='{"a":{"value":NaN}}').config == '{"a":{"value":NaN}}'


def test_configs_are_merged_only_among_many_writers():
    assert change(KNOWN, config="{}", shared=True).merge_config
    assert not change(KNOWN, config="{}").merge_config


def config_with(point):
    return json.dumps({"_wandb": {"value": {"branch_point": point}}})


def test_a_fork_sees_its_parent_up_to_the_step():
    point = branch_point(config_with({"run_id": "r", "step": 4.0}))

    assert inherited_by("fork", point, KNOWN) == (Span(7, 0, 4),)


def test_a_fork_of_a_rewound_fork_sees_no_more_than_its_parent():
    parent = Run(7, 1, "ann", "p", "r", scope=(Span(3, 0, 2), Span(7, 0, 5), Span(7, 1, FOREVER)))
    point = branch_point(config_with({"run_id": "r", "step": 3}))

    assert inherited_by("fork", point, parent) == (Span(3, 0, 2), Span(7, 0, 3), Span(7, 1, 3))


def test_a_rewound_run_that_names_itself_inherits_nothing():
    point = branch_point(config_with({"run_id": "r", "step": 4}))

    assert inherited_by("r", point, KNOWN) == ()


def test_an_unknown_parent_is_told():
    point = branch_point(config_with({"run_id": "gone", "step": 4}))

    with pytest.raises(NotFound, match="gone"):
        inherited_by("fork", point, None)


@pytest.mark.parametrize("config", [None, "{}", '{"branch_point":{"value":1}}', '{"_wandb":null}'])
def test_an_ordinary_config_has_no_branch_point(config):
    assert branch_point(config) is None


@pytest.mark.parametrize("point", [1, {"run_id": 3}, {"run_id": "r"}, {"run_id": "r", "step": -1}])
def test_a_branch_point_that_makes_no_sense_is_refused(point):
    with pytest.raises(BadInput):
        branch_point(config_with(point))


@pytest.mark.parametrize("step", [True, 1.5, -1, float("nan"), float("inf"), "1", None, 2**62])
def test_what_is_no_step_is_refused(step):
    with pytest.raises(BadInput):
        whole_step(step)
