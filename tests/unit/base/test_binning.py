"""Histograms beside numpy's: the same counts and edges, to the last bit, and the same errors."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.unit.base.histogram_cases import differs, told

from wandb._base import binning
from wandb._base.binning import histogram
from wandb._native import bin_between, bin_uniform

KERNELS = ("float64", "float32", "float16", "int8", "int64", "uint8", "uint64")
NUMBERS = st.sampled_from([*KERNELS, "bool"]).flatmap(
    lambda kind: arrays.arrays(kind, arrays.array_shapes(min_side=0, max_side=40))
)


@pytest.fixture
def no_numpy(monkeypatch):
    """What is asked of numpy fails: the kernels must do."""

    def refuse(*arguments, **options):
        raise AssertionError("numpy was asked")

    monkeypatch.setattr(np, "histogram", refuse)


@pytest.mark.parametrize("hundred", range(30))
def test_seeded_cases_are_those_of_numpy(hundred):
    numbers = range(hundred * 100, hundred * 100 + 100)

    assert [found for number in numbers if (found := differs(number))] == []


@settings(max_examples=300, deadline=None)
@given(values=NUMBERS, bins=st.integers(-1, 600))
def test_any_array_has_numpys_histogram(values, bins):
    assert told(histogram, values, bins) == told(np.histogram, values, bins)


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.floats() | st.integers()), bins=st.integers(1, 80))
def test_any_list_has_numpys_histogram(values, bins):
    assert told(histogram, values, bins) == told(np.histogram, values, bins)


@settings(max_examples=200, deadline=None)
@given(
    values=arrays.arrays("float64", st.integers(0, 200)),
    span=st.tuples(st.floats(), st.floats()),
)
def test_any_range_has_numpys_histogram(values, span):
    assert told(histogram, values, span=span) == told(np.histogram, values, 64, range=span)


@pytest.mark.parametrize("kind", KERNELS)
@pytest.mark.parametrize("size", [100, 200_000])
def test_plain_numbers_are_counted_without_numpy(kind, size, request):
    values = (np.random.default_rng(size).standard_normal(size) * 30).astype(kind)
    expected = told(np.histogram, values, 64)
    request.getfixturevalue("no_numpy")

    assert told(histogram, values) == expected


@pytest.mark.parametrize("values", [np.zeros(100), np.full(7, 3), [2.5], np.float64(4)])
def test_one_number_many_times_is_counted_without_numpy(values, request):
    expected = told(np.histogram, values, 64)
    request.getfixturevalue("no_numpy")

    assert told(histogram, values) == expected


def test_a_range_is_counted_without_numpy(request):
    values = np.append(np.random.default_rng(0).standard_normal(1000), [np.nan, np.inf, -1.0, 2.0])
    expected = told(np.histogram, values, 32, range=(-1.0, 2.0))
    request.getfixturevalue("no_numpy")

    assert told(histogram, values, 32, span=(-1.0, 2.0)) == expected


def test_a_single_number_may_have_a_range_too():
    ours = told(histogram, np.array(0.5), 4, span=(-1.0, 1.0))

    assert ours == told(np.histogram, np.array(0.5), 4, range=(-1.0, 1.0))


@pytest.mark.parametrize("values", [[0.0, -0.0, -1.0], [-0.0, -1.0, 0.0], [-1.0] * 9 + [-0.0]])
def test_the_last_edge_is_the_zero_that_numpy_chooses(values):
    assert told(histogram, values) == told(np.histogram, values, 64)


@pytest.mark.parametrize(
    "values",
    [
        [],
        None,
        "text",
        [[1, 2], [3]],
        [None, 1],
        [1 + 2j, 3],
        np.array(["2026-01-01"], "datetime64[D]"),
        np.array([1, 2], object),
        np.array([1, 2], np.longdouble),
        [float("nan"), 1.0],
        [float("inf"), 1.0],
        [2**70, 1],
        [True, False, True],
    ],
)
@pytest.mark.filterwarnings("ignore:Converting input from bool")
def test_what_has_no_kernel_is_numpys(values):
    assert told(histogram, values) == told(np.histogram, values, 64)


@pytest.mark.parametrize("bins", ["auto", [0, 1, 4], 0, -3, 2.5, None, np.int64(7), True, 10**5])
def test_bins_of_other_kinds_are_numpys(bins):
    values = np.arange(20.0)

    assert told(histogram, values, bins) == told(np.histogram, values, bins)


@pytest.mark.parametrize(
    ("version", "known"),
    [("1.22.4", False), ("1.23.0", True), ("2.5.5", True), ("2.6.0.dev0", False), ("3.x", False)],
)
def test_versions_that_are_not_known_count_by_themselves(version, known):
    assert binning._is_known(version) == known


def test_an_unknown_version_is_asked(monkeypatch):
    monkeypatch.setattr(np, "__version__", "9.0.0")
    monkeypatch.setattr(np, "histogram", lambda *_, **__: (np.array([1]), np.array([0.0, 2.0])))

    assert histogram([1.0, 2.0, 3.0]) == ([1], [0.0, 2.0])


def test_an_array_of_another_library_is_counted_by_it(monkeypatch):
    class Elsewhere:
        def __array_function__(self, function, types, arguments, options):
            return np.array([3]), np.array([0.0, 1.0])

    assert histogram(Elsewhere()) == ([3], [0.0, 1.0])


def test_an_array_that_another_thread_writes_to_is_counted_whole():
    values = np.zeros(200_000)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            values[:] = np.nan
            values[:] = np.random.default_rng(0).standard_normal(values.size) * 1e300

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(50):
            counted = bin_uniform(values, 64)
            assert counted is None or sum(counted[0]) <= values.size
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ([1.0], TypeError),
        (np.zeros(3, np.float16), TypeError),
        (np.zeros(3, ">f8"), TypeError),
        (np.zeros(10)[::2], ValueError),
        (np.frombuffer(bytes(17), "<f8", count=2, offset=1), ValueError),
    ],
)
def test_kernels_refuse_memory_that_they_can_not_read(values, error):
    with pytest.raises(error):
        bin_uniform(values, 4)
    with pytest.raises(error):
        bin_between(values, [0.0, 1.0], True)
