"""`Histogram`: how often numbers fell between neighbouring edges."""

import sys
from typing import TYPE_CHECKING, Any

from wandb._base.binning import histogram
from wandb._base.jsonable import array_of
from wandb.data_types.base import MediaSink, MediaSource, WBValue

if TYPE_CHECKING:
    from collections.abc import Sequence

_BYTES_PER_BYTE_OF_JSON = 1.7


class Histogram(WBValue):
    """Counts of values in bins, as `numpy.histogram` makes them.

    The counts and edges of a sequence are the very ones that numpy gives.

    Args:
        sequence: The values: a list, an array, a tensor on any device. They are counted at once
            and not kept.
        np_histogram: Counts and edges that are known already, as `numpy.histogram` returns them.
            Then the values and the number of bins are not looked at.
        num_bins: How many bins of equal width, 1 to 512.

    Raises:
        ValueError: There are more than 512 bins, or not one edge more than counts; or the values
            are not finite, in numpy's words.

    Examples:
        wandb.Histogram([1, 2, 3])
        wandb.Histogram(np_histogram=np.histogram(values, bins=20))

    Attributes:
        histogram: How many values fell into each bin.
        bins: The edges: one more.
    """

    MAX_LENGTH: int = 512
    _log_type = "histogram"

    histogram: list[Any]
    bins: list[float]

    def __init__(
        self,
        sequence: "Sequence[Any] | None" = None,
        np_histogram: Any = None,
        num_bins: int = 64,
    ) -> None:
        if np_histogram:
            self.histogram, self.bins = _known(np_histogram)
        else:
            array = array_of(sequence)
            self.histogram, self.bins = histogram(sequence if array is None else array, num_bins)
        if len(self.histogram) > self.MAX_LENGTH:
            raise ValueError(
                f"a histogram has at most {self.MAX_LENGTH} bins, not {len(self.histogram)}: "
                "pass a smaller `num_bins`"
            )
        if len(self.bins) != len(self.histogram) + 1:
            raise ValueError(
                f"a histogram of {len(self.histogram)} counts has {len(self.histogram) + 1} edges, "
                f"not {len(self.bins)}: pass `np_histogram` as `numpy.histogram` returns it"
            )

    def to_json(self, run: Any = None) -> dict[str, Any]:
        """Return what stands for the histogram in a row; nothing else is kept of it."""
        return {"_type": self._log_type, "values": self.histogram, "bins": self.bins}

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Return what stands for the histogram in JSON: no file is needed."""
        return self.to_json()

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Histogram":
        """Make the histogram again of what stands for it.

        Servers may send edges of equal width as the first, the width and the count.

        Raises:
            ValueError: It stands for none.
        """
        values, bins = wire.get("values"), wire.get("bins")
        packed = wire.get("packedBins")
        if bins is None and isinstance(packed, dict):
            bins = _unpacked(packed)
        if not isinstance(values, list) or not isinstance(bins, list):
            raise ValueError("a histogram has `values` and `bins`, both lists")
        return cls(np_histogram=(values, bins))

    def __sizeof__(self) -> int:
        """Bytes that it takes as JSON, roughly."""
        held = sys.getsizeof(self.histogram) + sys.getsizeof(self.bins)
        return int(held * _BYTES_PER_BYTE_OF_JSON)


def _known(np_histogram: Any) -> tuple[list[Any], list[float]]:
    if not hasattr(np_histogram, "__len__"):
        raise TypeError(f"`np_histogram` is a pair of counts and edges, not {np_histogram!r}")
    if len(np_histogram) != 2:
        raise ValueError(
            "`np_histogram` is a pair of counts and edges, as `numpy.histogram` returns it, "
            f"not {len(np_histogram)} parts"
        )
    counts, edges = (part.tolist() if hasattr(part, "tolist") else part for part in np_histogram)
    return counts, edges


def _unpacked(packed: dict[str, Any]) -> list[float]:
    try:
        first, width, count = float(packed["min"]), float(packed["size"]), int(packed["count"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("`packedBins` has `min`, `size` and `count`, all numbers") from error
    if not 0 <= count <= Histogram.MAX_LENGTH:
        raise ValueError(f"a histogram has at most {Histogram.MAX_LENGTH} bins, not {count}")
    return [first + width * at for at in range(count + 1)]
