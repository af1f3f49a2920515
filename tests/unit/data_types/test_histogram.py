"""`Histogram` where it goes beyond what 0.21.3 does."""

import numpy as np
import pytest

import wandb
from wandb.data_types import Histogram


class NoFiles:
    in_artifact = False

    def keep(self, content, *, kind, name):
        raise AssertionError("a histogram needs no file")

    def fetch(self, path):
        raise AssertionError("a histogram needs no file")


def test_it_comes_back_from_its_json():
    made = Histogram(np.arange(100.0), num_bins=10)

    again = Histogram.from_wire(made.to_wire(NoFiles(), name="k_0"), NoFiles())

    assert (again.histogram, again.bins) == (made.histogram, made.bins)


def test_it_comes_back_from_a_servers_packed_edges():
    wire = {
        "_type": "histogram",
        "values": [1, 2],
        "packedBins": {"min": 1, "size": 0.5, "count": 2},
    }

    again = Histogram.from_wire(wire, NoFiles())

    assert (again.histogram, again.bins) == ([1, 2], [1.0, 1.5, 2.0])


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {"values": [1]},
        {"values": [1], "bins": "ab"},
        {"values": [1], "bins": [1]},
        {"values": [1], "packedBins": {"min": 0, "size": 1}},
        {"values": [1], "packedBins": {"min": 0, "size": "x", "count": 1}},
        {"values": [1], "packedBins": {"min": 0, "size": 1, "count": 10**9}},
    ],
)
def test_what_stands_for_none_is_refused(wire):
    with pytest.raises(ValueError, match=r"has|histogram"):
        Histogram.from_wire({"_type": "histogram", **wire}, NoFiles())


def test_values_are_counted_when_it_is_made():
    values = np.zeros(100)
    made = Histogram(values)
    values[:] = 7

    assert made.histogram[32] == 100


def test_errors_name_what_is_wrong():
    with pytest.raises(ValueError, match="at most 512 bins, not 600"):
        Histogram([1, 2], num_bins=600)
    with pytest.raises(ValueError, match="2 counts has 3 edges, not 2"):
        Histogram(np_histogram=([1, 2], [0, 1]))
    with pytest.raises(ValueError, match="not 3 parts"):
        Histogram(np_histogram=([1], [0, 1], 3))
    with pytest.raises(ValueError, match="nan"):
        wandb.Histogram([float("nan")])


def test_its_size_is_told_in_bytes():
    assert Histogram(range(100)).__sizeof__() > 100
