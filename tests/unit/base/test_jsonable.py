import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import json
import math
import pathlib
import types
import uuid
from collections import UserDict, deque, namedtuple

import numpy as np
import pytest

from wandb._base.jsonable import (
    Converters,
    config_value,
    history_value,
    json_dumps_safer,
    json_text,
    summary_value,
    type_name,
)


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


class Mode(str, enum.Enum):
    FAST = "quick"


@dataclasses.dataclass
class Point:
    x: int = 1
    hidden: dataclasses.InitVar[int] = 0


class Plain:
    def __str__(self):
        return "plain"


class Tensor:
    """Looks like torch's, which is recognised by its name and never imported."""

    def __init__(self, array):
        self.array = array
        self.dtype = "torch.float32"

    def detach(self):
        return self

    cpu = resolve_conj = resolve_neg = detach

    def numpy(self):
        return self.array

    def __repr__(self):
        return f"tensor({self.numpy().tolist()})"


Tensor.__module__ = "torch"
Pair = namedtuple("Pair", "a b")


HISTORY = [
    (Point(), {"x": 1}),
    (Color.RED, "RED"),
    (Level.HIGH, 3),
    (Mode.FAST, "quick"),
    (decimal.Decimal("1.50"), "1.50"),
    (1 + 2j, "1+2j"),
    (1j, "1j"),
    (-1 - 1j, "-1-1j"),
    (complex(math.nan, 1), "NaN+1j"),
    (fractions.Fraction(1, 2), "1/2"),
    (range(3), [0, 1, 2]),
    (b"caf\xc3\xa9", "café"),
    (bytearray(b"ab"), "ab"),
    ({1}, [1]),
    (frozenset({1}), [1]),
    (deque([1, 2]), [1, 2]),
    (Pair(1, 2), [1, 2]),
    (UserDict(a=1), {"a": 1}),
    (types.MappingProxyType({"a": 1}), {"a": 1}),
    (pathlib.Path("a/b"), "a/b"),
    (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    (datetime.datetime(2020, 1, 2, 3, 4, 5), "2020-01-02T03:04:05"),
    (datetime.date(2020, 1, 2), "2020-01-02"),
    (datetime.time(1, 2, 3, 4), "01:02:03.000004"),
    (len, "builtins.len"),
    (Point, f"{Point.__module__}.Point"),
    (np.add, "numpy.add"),
    (functools.partial(int), "functools.partial(<class 'int'>)"),
    (np.datetime64("2020-01-01"), datetime.date(2020, 1, 1)),
    (np.longdouble(3), 3.0),
    (np.complex64(1 + 2j), "1+2j"),
    (np.array([1, "a", None], dtype=object), [1, "a", None]),
    (np.array([[3]]), 3),
    (np.array([]), []),
    (np.ma.array([1, 2], mask=[0, 1]), [1, None]),
    (Tensor(np.array([1.5, 2.5])), [1.5, 2.5]),
    (Tensor(np.array(1.5)), 1.5),
]


@pytest.mark.parametrize(("value", "kept"), HISTORY, ids=lambda value: repr(value)[:40])
def test_logged_value_becomes(value, kept):
    assert history_value("key", value, 0) == kept


# As the released 0.31.0 writes them.
DURATIONS = [
    ({}, "PT0S"),
    ({"hours": 1}, "PT1H"),
    ({"minutes": 61, "seconds": 1}, "PT1H1M1S"),
    ({"days": 400, "hours": 25}, "P1Y36DT1H"),
    ({"days": -1}, "-P1D"),
    ({"days": -1, "seconds": -5}, "-P1DT5S"),
    ({"milliseconds": 1}, "PT0.001S"),
    ({"seconds": 90, "microseconds": 500000}, "PT1M30.5S"),
    ({"days": 7}, "P7D"),
    ({"days": 1, "seconds": 5, "microseconds": 3}, "P1DT5.000003S"),
]


@pytest.mark.parametrize(("parts", "text"), DURATIONS)
def test_duration_is_written_as_iso_8601(parts, text):
    assert history_value("key", datetime.timedelta(**parts), 0) == text


@pytest.mark.parametrize(
    "value", [object(), iter([1]), (i for i in ()), {}.keys(), slice(1), ..., json, memoryview(b"")]
)
def test_value_without_a_form_is_a_type_error(value):
    with pytest.raises(TypeError, match=type(value).__name__):
        history_value("key", value, 0)


def test_bytes_that_are_no_text_are_a_unicode_error():
    with pytest.raises(UnicodeDecodeError):
        history_value("key", b"\xff", 0)


@pytest.mark.parametrize("array", [np.arange(40.0), np.arange(33), np.arange(44).reshape(4, 11)])
def test_large_array_becomes_numpys_histogram_of_32_bins(array):
    counts, edges = np.histogram(array, bins=32)

    assert history_value("key", array, 0) == {
        "_type": "histogram",
        "values": counts.tolist(),
        "bins": edges.tolist(),
    }


def test_large_array_of_truths_is_counted_as_numbers():
    histogram = history_value("key", np.array([True] * 40), 0)

    assert sum(histogram["values"]) == 40


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_large_array_that_is_not_finite_is_a_value_error(bad):
    with pytest.raises(ValueError, match="not finite"):
        history_value("key", np.full(40, bad), 0)


CONFIG = [
    ((1, (2, 3)), [1, [2, 3]]),
    ({1}, [1]),
    (np.arange(3), [0, 1, 2]),
    (np.arange(40), str(np.arange(40))),
    (np.array([5]), "5"),
    (np.float32(1.5), 1.5),
    (np.float32("nan"), None),
    (math.nan, None),
    (math.inf, math.inf),
    (np.bool_(True), True),
    (np.array([1.0, math.nan]), [1.0, None]),
    (len, "builtins.len"),
    (slice(1, 2), {"slice_start": 1, "slice_step": None, "slice_stop": 2}),
    (Point(), {"x": 1}),
    (Plain(), "plain"),
    ({1: {2: 3}}, {1: {2: 3}}),
    (datetime.datetime(2020, 1, 1), "2020-01-01T00:00:00"),
    (np.datetime64("2020-01-01T00:00"), "2020-01-01 00:00:00"),
    (b"a", "a"),
    (range(3), [0, 1, 2]),
    (Color.RED, "RED"),
    (pathlib.Path("x"), "x"),
    (2**80, 2**80),
    ([math.nan, {"a": np.float32(2)}, (1,)], [None, {"a": 2.0}, [1]]),
]


@pytest.mark.parametrize(("value", "kept"), CONFIG, ids=lambda value: repr(value)[:40])
def test_hyperparameter_becomes(value, kept):
    assert config_value(value) == kept


@pytest.mark.parametrize(
    "value", [1j, np.complex64(1), [1j], object(), frozenset({1}), (i for i in ()), {(1, 2): 3}]
)
def test_hyperparameter_without_a_form_is_a_type_error(value):
    with pytest.raises(TypeError):
        config_value(value)


def test_nan_is_dropped_from_a_summary_but_not_inside_its_lists():
    assert summary_value(math.nan) is None
    assert summary_value(np.float32("nan")) is None
    assert summary_value({"x": math.nan}) == {"x": None}
    assert json_text(summary_value([math.nan, {"a": math.nan}])) == '[NaN, {"a": NaN}]'


def test_large_array_in_a_summary_becomes_its_statistics():
    assert summary_value(np.arange(40.0)) == {
        "_type": "numpy.ndarray",
        "var": 133.25,
        "mean": 19.5,
        "min": 0.0,
        "max": 39.0,
        "10%": pytest.approx(3.9),
        "25%": 9.75,
        "75%": 29.25,
        "90%": pytest.approx(35.1),
        "size": 40,
    }


def test_large_tensor_in_a_summary_names_its_own_type():
    assert summary_value(Tensor(np.arange(40.0)))["_type"] == "torch.Tensor"


def test_small_array_in_a_summary_is_a_list():
    assert summary_value({"a": np.arange(3)}) == {"a": [0, 1, 2]}


def test_summary_value_without_a_form_is_a_type_error():
    with pytest.raises(TypeError):
        summary_value([Plain()])


@pytest.mark.parametrize(
    "value", [None, True, 5, -(2**70), 1.5, 5.0, "é\n\x00", [1, None], {"a": {"b": 1.5}}, "\ud800"]
)
def test_text_is_what_json_would_write(value):
    assert json_text(value) == json.dumps(value)


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_numbers_that_json_lacks_are_written_bare(value, text):
    assert json_text(value) == text


def test_safe_dump_refuses_large_arrays_and_strange_objects():
    assert json.loads(json_dumps_safer({"a": np.arange(3), "b": Color.RED})) == {
        "a": [0, 1, 2],
        "b": "RED",
    }
    with pytest.raises(ValueError, match="40 elements"):
        json_dumps_safer({"a": np.arange(40)})
    with pytest.raises(TypeError):
        json_dumps_safer(Plain())


def test_converter_of_the_nearest_ancestor_is_found():
    class Narrow(Plain):
        pass

    Plain.__module__ = Narrow.__module__ = "somewhere.below"
    converters = Converters({"somewhere.Plain": str, "builtins.object": repr})

    assert converters.find(Narrow) is str
    assert converters.find(Color) is repr
    assert type_name(Narrow) == "somewhere.Narrow"


def test_classes_made_in_a_loop_do_not_pile_up():
    converters = Converters({})

    for number in range(3000):
        converters.find(type(f"Made{number}", (), {}))

    assert len(converters._found) <= 1024


class NumpyLess(Tensor):
    """A tensor of a PyTorch that was built for another numpy."""

    def numel(self):
        return self.array.size

    def item(self):
        return self.array.item()

    def numpy(self):
        raise RuntimeError("Numpy is not available")


NumpyLess.__module__ = "torch"


@pytest.mark.parametrize("number", [2.5, 3, True])
def test_a_tensor_of_one_element_needs_no_numpy(number):
    for shape in ((), (1,), (1, 1)):
        tensor = NumpyLess(np.full(shape, number))

        assert history_value("loss", tensor, 0) == number
        assert type(history_value("loss", tensor, 0)) is type(number)
        assert summary_value(tensor) == number
        assert config_value(tensor) == str(number)
