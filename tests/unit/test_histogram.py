"""`_native.histogram` beside a slow version in numpy."""

import math
import threading

import numpy as np
import pytest

from wandb._native import histogram


def slow(values, bins=64):
    """Count as `torch.histc` does, in the precision of the values."""
    finite = values[np.isfinite(values)]
    least, greatest = finite.min(), finite.max()
    places = (finite - least) * values.dtype.type(bins) / (greatest - least)
    return np.bincount(np.minimum(places.astype(int), bins - 1), minlength=bins).tolist()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", [2, 63, 2048, 4097, 50_000])
def test_counts_are_those_of_the_slow_version(kind, size):
    values = np.random.default_rng(size).standard_normal(size).astype(kind)
    values[size // 2] = math.nan if size > 2 else values[size // 2]

    counts, edges = histogram(values)

    assert counts == slow(values)
    assert (edges[0], edges[-1]) == (np.nanmin(values), np.nanmax(values))
    span = edges[-1] - edges[0]
    assert edges == pytest.approx(np.linspace(edges[0], edges[-1], 65), abs=span * 1e-6)


def test_nothing_finite_has_no_histogram():
    assert histogram(np.array([])) is None
    assert histogram(np.array([math.nan, math.inf], np.float32)) is None


def test_a_given_range_leaves_out_what_lies_beside_it():
    values = np.array([-1.0, 0.0, 1.0, 3.9, 4.0, 9.0])

    assert histogram(values, 4, (0.0, 4.0)) == ([1, 1, 0, 2], [0.0, 1.0, 2.0, 3.0, 4.0])
    assert histogram(values, 4, range=(4.0, 4.0)) == ([1], [4.0, 4.0])


def test_a_transposed_matrix_can_be_counted_and_is_not_changed():
    values = np.arange(12.0).reshape(3, 4)

    assert histogram(values, 2) == ([6, 6], [0.0, 5.5, 11.0])
    assert histogram(values[1:], 1) == ([8], [4.0, 11.0])


@pytest.mark.parametrize(
    ("values", "error", "told"),
    [
        ([1.0], TypeError, "not list"),
        (np.zeros(3, np.int32), TypeError, "<i4"),
        (np.zeros(3, ">f4"), TypeError, ">f4"),
        (np.ma.masked_array([1.0]), TypeError, "not MaskedArray"),
        (np.zeros(10)[::2], ValueError, "without gaps"),
        (np.frombuffer(bytes(17), np.float64, offset=1, count=2), ValueError, "aligned"),
    ],
)
def test_what_can_not_be_read_where_it_lies_is_refused(values, error, told):
    with pytest.raises(error, match=told):
        histogram(values)


@pytest.mark.parametrize("bins", [0, 4097])
def test_bins_have_a_limit(bins):
    with pytest.raises(ValueError, match="1 to 4096"):
        histogram(np.zeros(3), bins)


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (math.nan, 1.0), (0.0, math.inf)])
def test_bounds_are_finite_and_in_order(bounds):
    with pytest.raises(ValueError, match="bounds"):
        histogram(np.zeros(3), 8, bounds)


def test_values_that_change_meanwhile_are_counted_as_they_are_seen():
    values = np.zeros(200_000)
    stop = threading.Event()

    def change():
        while not stop.is_set():
            values[:] = np.random.default_rng().standard_normal(values.size)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(20):
            counts, _ = histogram(values)
            assert sum(counts) <= values.size
    finally:
        stop.set()
        changing.join()
