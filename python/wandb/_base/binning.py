"""Histograms with the counts and edges that `numpy.histogram` gives, bit for bit, only sooner.

The native kernels take numbers whose edges leave no doubt. For the rest (other types, other
`bins`, ranges too narrow for their precision, what is not finite) numpy is asked itself, so that
its results, errors and warnings are what a caller gets.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from wandb._native import bin_between, bin_uniform

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

Counted = tuple[list[int], list[float]]
Span = tuple[Any, Any]

# How numpy counts was read in, or tried with, the first of these up to what comes before the last.
_KNOWN = ((1, 23), (2, 6))
MOST_BINS = 4096


def histogram(values: Any, bins: Any = 64, *, span: Span | None = None) -> Counted:
    """Count values into bins of equal width.

    Args:
        values: What `numpy.histogram` takes. Not modified.
        bins: What it takes.
        span: The first and the last edge, its `range`; the smallest and the greatest value if
            None.

    Returns:
        Counts, and edges, one more.

    Raises:
        ValueError: The range is not finite or not in order, as told; or there are too many bins
            for it.
        TypeError: These are no numbers.
    """
    import numpy as np

    if type(bins) is int and 1 <= bins <= MOST_BINS and _is_known(np.__version__):
        array = _array_of(values)
        counted = None if array is None or not array.size else _natively(array, bins, span)
        if counted is not None:
            return counted
    counts, edges = np.histogram(values, bins=bins, range=span)
    return counts.tolist(), edges.tolist()


def _natively(array: "Numbers", bins: int, span: Span | None) -> Counted | None:
    kernel = _KERNELS.get(array.dtype.str[1:])
    return kernel(array, bins, span) if kernel else None


@cache
def _is_known(version: str) -> bool:
    parts = version.split(".")[:2]
    return all(map(str.isdigit, parts)) and _KNOWN[0] <= tuple(map(int, parts)) < _KNOWN[1]


def _array_of(values: Any) -> "Numbers | None":
    """Return values as one plain array, native and without gaps; None if numpy has to see them."""
    import numpy as np

    # Arrays of other libraries are counted by those.
    if hasattr(values, "__array_function__") and not isinstance(values, np.ndarray):
        return None
    array = np.asarray(values)
    if array.dtype.isnative and array.flags.c_contiguous and array.flags.aligned:
        return array
    return np.require(array, array.dtype.newbyteorder("="), ("C_CONTIGUOUS", "ALIGNED"))


def _doubles(array: "Numbers", bins: int, span: Span | None) -> Counted | None:
    if span is not None:
        return _between(array, bins, span)
    counted = bin_uniform(array, bins)
    if counted is not None and counted[1][-1] == 0:
        counted[1][-1] = _signed(counted[1][-1], array)
    return counted


def _signed(zero: Any, array: "Numbers") -> Any:
    """Return an array's last edge, a zero; which of both is the greatest, only numpy can tell."""
    greatest = array.max()
    return zero if greatest != 0 else type(zero)(greatest)


def _whole(array: "Numbers", bins: int, span: Span | None) -> Counted | None:
    return bin_uniform(array, bins) if span is None else None


def _singles(array: "Numbers", bins: int, span: Span | None) -> Counted | None:
    return _of_extremes(array, array, bins) if span is None else None


def _halves(array: "Numbers", bins: int, span: Span | None) -> Counted | None:
    # Each is a single, too, and singles can be counted.
    return _of_extremes(array, array.astype("f4"), bins) if span is None else None


def _of_extremes(array: "Numbers", numbers: "Numbers", bins: int) -> Counted | None:
    """Count between the extremes of an array of short floats, whose edges are as short.

    Args:
        array: Says by its type what the edges are.
        numbers: The same numbers in a type that can be counted.
        bins: How many.
    """
    import numpy as np

    extremes = np.array([numbers.min(), numbers.max()]).astype(array.dtype)
    first, last = extremes
    if last == 0:
        extremes[1] = last = _signed(last, array)
    # A single number's range is of another type in old versions.
    if not first < last:
        return None
    edges = np.histogram_bin_edges(extremes, bins)
    if edges.dtype != array.dtype or not _are_agreed(edges, first, last, bins):
        return None
    counts = bin_between(numbers, edges.tolist(), False)
    return None if counts is None else (counts, edges.tolist())


def _between(array: "Numbers", bins: int, span: Span) -> Counted | None:
    import numpy as np

    first, last = span
    if not all(type(end) is float for end in span) or not first < last:
        return None
    edges = np.histogram_bin_edges(np.empty(0), bins, span)
    if edges.dtype != array.dtype or not _are_agreed(edges, first, last, bins):
        return None
    counts = bin_between(array, edges.tolist(), True)
    return None if counts is None else (counts, edges.tolist())


def _are_agreed(edges: "Numbers", first: Any, last: Any, bins: int) -> bool:
    """Tell whether numpy's estimates of where numbers belong are near enough to its edges.

    It corrects them by one place at most. They rise with the numbers, so that where they are less
    than half a place off at every edge, the bin it finds is the one between whose edges a number
    lies: the bin that the kernel finds.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        above, range_, places = edges - first, last - first, np.arange(bins + 1)
        off = np.stack([above / range_ * bins - places, above * (bins / range_) - places])
        return bool(np.all(np.abs(off) < 0.5))


_KERNELS: dict[str, Callable[["Numbers", int, Span | None], Counted | None]] = {
    "f8": _doubles,
    "f4": _singles,
    "f2": _halves,
    **{f"{sign}{size}": _whole for sign in "iu" for size in (1, 2, 4, 8)},
}
