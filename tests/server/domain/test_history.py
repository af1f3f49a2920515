import json

import pytest

from ferrule.domain.history import (
    RowRange,
    chosen_config,
    history_keys,
    page_range,
    sample_spec,
    system_metrics,
    tail,
)
from ferrule.errors import BadInput
from ferrule.ports.history import FOREVER, KeyFacts


@pytest.mark.parametrize(
    ("spec", "rows"),
    [
        # As 0.21.3 pages: the end is beyond the page.
        ({"minStep": 1, "maxStep": 4, "samples": 3}, RowRange(1, 4)),
        ({"minStep": 4, "maxStep": 5, "samples": 3}, RowRange(4, 5)),
        # As 0.31.0 pages: the end is the page's last step.
        ({"minStep": 1, "maxStep": 3, "samples": 3}, RowRange(1, 4)),
        ({"minStep": 0, "maxStep": 0, "samples": 1}, RowRange(0, 1)),
        ({"minStep": 0, "maxStep": 1000, "samples": 10}, RowRange(0, 1000, 10)),
        ({"samples": 2}, RowRange(limit=2, thin=True)),
        ({}, RowRange(limit=500, thin=True)),
        ({"minStep": 3, "samples": 10}, RowRange(3, FOREVER, 10)),
    ],
)
def test_pages_of_both_clients_are_whole(spec, rows):
    assert sample_spec(json.dumps({"keys": ["a"], **spec})).rows == rows


def test_keys_are_asked_for_once():
    assert sample_spec('{"keys":["_step","loss","_step"]}').keys == ("_step", "loss")


@pytest.mark.parametrize(
    "spec", ["", "[]", '{"keys":1}', '{"keys":[1]}', '{"samples":"x"}', '{"minStep":NaN}']
)
def test_a_spec_that_makes_no_sense_is_refused(spec):
    with pytest.raises(BadInput):
        sample_spec(spec)


def test_a_page_as_wide_as_its_size_is_told_whole():
    assert page_range(0, 1000, 1000) == RowRange(0, 1000)
    assert page_range(0, 2**62, 1000) == RowRange(0, 2**62, 1000)
    assert page_range(None, None, 10**9) == RowRange(limit=100_000, thin=True)


def test_keys_tell_counts_and_where_the_scan_ends():
    facts = [
        KeyFacts("a\\.b", numbers=3, last_value=1.5),
        KeyFacts("n.x", others=5, kinds=("string", "null")),
        KeyFacts("inf", numbers=1, last_value=float("inf")),
    ]

    told = history_keys(facts, 4, 9)

    assert told["lastStep"] == 9
    assert told["keys"]["a.b"]["typeCounts"] == [{"type": "number", "count": 3}]
    assert told["keys"]["a.b"]["previousValue"] == 1.5
    assert sum(kind["count"] for kind in told["keys"]["n.x"]["typeCounts"]) == 5
    assert told["keys"]["inf"]["previousValue"] is None
    assert told["keys"]["_step"]["typeCounts"] == [{"type": "number", "count": 4}]


def test_a_run_without_rows_ends_its_scan_at_once():
    assert history_keys([], 0, -1) == {"sets": [], "keys": {}, "lastStep": -1}


def test_a_tail_is_a_list_of_texts_in_a_text():
    assert json.loads(tail(['{"a":1}', '{"a":NaN}'])) == ['{"a":NaN}']
    assert tail([]) == "[]"


def test_system_metrics_leave_out_the_rows_own_fields():
    row = '{"_timestamp":1,"system.cpu":4.5,"_wandb":true}'

    assert system_metrics([row]) == '{"system.cpu":4.5}'
    assert system_metrics([]) == "{}"


def test_a_config_without_its_block_is_told_as_none():
    assert chosen_config('{"a":{"value":1}}', ["t"]) is None
    assert chosen_config('{"_wandb":{"value":{"t":{"1":[2]},"m":[]}}}', ["t"]) == '{"t":{"1":[2]}}'
