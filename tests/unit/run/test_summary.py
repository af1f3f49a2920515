import copy
import math

import numpy as np
import pytest

from wandb._run.summary import Summary, SummaryDisabled, SummarySubDict, addresses


class Store:
    """Does what the native writer does with summary records."""

    def __init__(self):
        self.values = {}
        self.writes = []

    def read(self):
        return copy.deepcopy(self.values)

    def write(self, update, remove):
        self.writes.append((update, remove))
        for path, value in update:
            self.parent(path)[path[-1]] = value
        for path in remove:
            self.parent(path).pop(path[-1], None)

    def parent(self, path):
        place = self.values
        for key in path[:-1]:
            place = place.setdefault(key, {})
        return place


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def summary(store):
    made = Summary(store.read)
    made._set_update_callback(store.write)
    return made


def test_values_are_written_and_read_as_items_and_attributes(summary):
    summary["a"] = 1
    summary.b = 2
    summary.update({"c": 3})

    assert (summary.a, summary["b"], summary.get("c"), summary.get("d"), summary.get("d", 4)) == (
        1,
        2,
        3,
        None,
        4,
    )
    assert dict(summary) == {"a": 1, "b": 2, "c": 3}
    assert summary.keys() == ["a", "b", "c"]
    assert summary.items() == [("a", 1), ("b", 2), ("c", 3)]


def test_reading_sees_what_was_logged(summary, store):
    store.values["loss"] = 0.5

    assert summary["loss"] == 0.5


def test_missing_key_is_both_errors_so_that_protocols_work(summary):
    with pytest.raises(KeyError):
        summary["x"]
    with pytest.raises(KeyError):
        _ = summary.x
    with pytest.raises(AttributeError):
        _ = summary.x
    assert not hasattr(summary, "x")
    assert getattr(summary, "x", 7) == 7
    assert "x" not in summary
    assert len(summary) == 0


def test_dict_inside_is_written_through(summary, store):
    summary["e"] = {"f": 1}

    summary["e"]["g"] = 2
    summary.e.h = 3
    summary["e"].update({"i": {"j": 4}})
    del summary["e"]["f"]

    assert isinstance(summary["e"], SummarySubDict)
    assert dict(summary["e"].items()) == {"g": 2, "h": 3, "i": {"j": 4}}
    assert summary["e"]["i"]["j"] == 4
    assert store.writes[1] == ([(("e", "g"), 2)], [])
    assert store.writes[-1] == ([], [("e", "f")])


def test_dict_inside_that_is_gone_is_empty(summary):
    summary["e"] = {"f": 1}
    inside = summary["e"]

    del summary["e"]

    assert dict(inside) == {}
    assert "e" not in summary


def test_nan_is_no_value(summary, store):
    summary["bad"] = math.nan
    summary["inf"] = math.inf

    assert store.values == {"bad": None, "inf": math.inf}
    assert "bad" not in summary
    assert summary.inf == math.inf


def test_arrays_are_lists_or_statistics(summary):
    summary["small"] = np.arange(3)
    summary["large"] = np.arange(40)

    assert summary["small"] == [0, 1, 2]
    assert summary["large"]["size"] == 40


@pytest.mark.parametrize("values", [{"good": 1, "bad": object()}, {"good": 1, 5: 2}])
def test_bad_update_writes_nothing(summary, store, values):
    with pytest.raises(TypeError):
        summary.update(values)

    assert store.writes == []


def test_one_update_is_one_write(summary, store):
    summary.update({"a": 1, "b": {"c": 2}})

    assert store.writes == [([(("a",), 1), (("b",), {"c": 2})], [])]


def test_addresses_name_the_top_level_by_a_string():
    assert addresses([("a",), ("b", "c")]) == ["a", ("b", "c")]


def test_disabled_summary_is_a_dict_with_attributes():
    summary = SummaryDisabled()

    summary.a = {"b": 1}
    summary.update({1: 2})

    assert isinstance(summary, dict)
    assert summary.a.b == 1
    assert isinstance(summary["a"], SummaryDisabled)
    assert summary[1] == 2
    with pytest.raises(KeyError):
        _ = summary.missing
    assert not hasattr(summary, "missing")
