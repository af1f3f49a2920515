"""The distribution of a tensor's elements, as a histogram of 64 bins.

Tensors in the processor's memory are counted by the native kernel, where they lie; others are
counted by torch on their own device, so that only 64 numbers travel. Torch is never imported
here: whoever has a tensor has loaded it.
"""

import sys
from typing import Any

from wandb._native import histogram

BINS = 64

Counts = tuple[list[int], list[float]]


def tensor_histogram(tensor: Any) -> dict[str, Any] | None:
    """Count a tensor's finite elements into bins between the smallest and the largest.

    Elements that are not float32 or float64 are converted to float32 first, complex ones by their
    real part. The zeros that a sparse tensor does not hold are counted as well.

    Returns:
        A histogram as `run.log` keeps it: 64 counts and 65 edges, or one count and two equal
        edges if all elements are the same. None if no element is finite.
    """
    values, missing_zeros = _dense(tensor.detach())
    found = _counted(_float_vector(values), missing_zeros)
    if found is None:
        return None
    counts, edges = found
    if missing_zeros:
        counts[_bin_of_zero(edges)] += missing_zeros
    return {"_type": "histogram", "values": counts, "bins": edges}


def _dense(tensor: Any) -> tuple[Any, int]:
    """Return what a tensor holds, and how many zeros it does not hold."""
    if not tensor.is_sparse:
        return tensor, 0
    values = tensor.coalesce().values()
    return values, tensor.numel() - values.numel()


def _float_vector(values: Any) -> Any:
    torch = sys.modules["torch"]
    if values.is_complex():
        values = values.real
    if values.dtype not in (torch.float32, torch.float64):
        values = values.float()
    return values.reshape(-1)


def _counted(vector: Any, missing_zeros: int) -> Counts | None:
    count = _count_in_memory if vector.device.type == "cpu" else count_on_device
    found = count(vector, None)
    if found is None or not missing_zeros:
        return found
    edges = found[1]
    bounds = min(edges[0], 0.0), max(edges[-1], 0.0)
    return found if bounds == (edges[0], edges[-1]) else count(vector, bounds)


def _count_in_memory(vector: Any, bounds: tuple[float, float] | None) -> Counts | None:
    return histogram(vector.resolve_neg().numpy(), BINS, bounds)


def count_on_device(vector: Any, bounds: tuple[float, float] | None) -> Counts | None:
    """Count a vector on the device that it lies on, and wait for that device twice."""
    torch = sys.modules["torch"]
    if not vector.numel():
        return None
    finite = torch.isfinite(vector)
    # Infinity lies outside any bounds; some versions count NaN.
    counted = torch.where(finite, vector, float("inf"))
    if bounds is None:
        greatest = torch.where(finite, vector, -float("inf")).max()
        low, high = torch.stack([counted.min(), greatest]).tolist()
    else:
        low, high = bounds
    if low > high:  # nothing is finite
        return None
    if low == high:
        return [int(finite.sum().item())], [low, high]
    counts = torch.histc(counted, bins=BINS, min=low, max=high)
    edges = [low + (high - low) * (at / BINS) for at in range(BINS)]
    return [int(count) for count in counts.tolist()], [*edges, high]


def _bin_of_zero(edges: list[float]) -> int:
    """Return the bin that zero falls into; it lies within the edges."""
    inner = edges[1:-1]
    return sum(edge <= 0 for edge in inner)
