"""Random and adversarial cases for histograms, each the same for the same number.

Run by itself, it compares as many as you like with numpy:

    python tests/unit/base/histogram_cases.py 100000
"""

import sys
import warnings
from collections import Counter

import numpy as np

from wandb._base.binning import histogram

FLOATS = ("float64", "float32", "float16")
WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
SIZES = (1, 2, 3, 15, 16, 17, 63, 64, 65, 100, 1000, 2047, 2048, 2049, 5000)
BINS = (1, 2, 3, 7, 10, 32, 63, 64, 65, 100, 255, 256, 500, 512, 513, 1000, 4096, 5000)


def normal(rng, size, kind):
    scale = 10.0 ** rng.integers(-8, 4)
    values = (rng.standard_normal(size) + rng.choice([0, 1, -3, 1000])) * scale
    with np.errstate(over="ignore"):
        return values.astype(kind)


def on_edges(rng, size, kind):
    """Draw edges, and their neighbours on either side."""
    ends = np.sort(rng.standard_normal(2) * 10.0 ** rng.integers(-3, 4)).astype(kind)
    edges = np.linspace(*ends, int(rng.integers(2, 200)), dtype=kind)
    values = rng.choice(edges, size)
    beside = np.nextafter(values, values.dtype.type(rng.choice([-np.inf, np.inf])))
    return np.clip(np.where(rng.random(size) < 0.5, values, beside), *ends)


def steps(rng, size, kind):
    return (rng.integers(-20, 20, size) * rng.choice([0.1, 0.25, 1, 1 / 3])).astype(kind)


def bits(rng, size, kind):
    """Draw any pattern of bits that is a finite number."""
    width = np.dtype(kind).itemsize
    values = rng.integers(0, 256, size * width, np.uint8).view(kind)
    return np.where(np.isfinite(values), values, values.dtype.type(1))


def denormal(rng, size, kind):
    least = np.finfo(kind).smallest_subnormal
    with np.errstate(all="ignore"):
        return (rng.integers(-1000, 1000, size).astype(kind) * least).astype(kind)


def narrow(rng, size, kind):
    """Draw numbers a few steps of their precision from each other."""
    base = np.asarray(rng.choice([1, -1, 1000, 0.1]), kind)
    return base + rng.integers(0, int(rng.choice([2, 40, 3000])), size).astype(kind) * np.spacing(
        base
    )


def huge(rng, size, kind):
    most = np.finfo(kind).max
    return (rng.uniform(-1, 1, size) * rng.choice([1, 0.5, 0.25]) * most).astype(kind)


def sparse(rng, size, kind):
    values = rng.standard_normal(size) * (rng.random(size) < 0.1)
    signs = rng.choice([-1.0, 1.0], size)
    return (rng.choice([values, np.maximum(values, 0), np.minimum(values, 0)]) * signs).astype(kind)


def zeros(rng, size, kind):
    return (rng.choice([0.0, -0.0], size) - (rng.random(size) < 0.3)).astype(kind)


def constant(rng, size, kind):
    value = rng.choice([0, 1, 5, 3e-8, 2.0**24, 2.0**53, 65504])
    return np.full(size, min(value, np.finfo(kind).max), kind)


def strange(rng, size, kind):
    values = rng.standard_normal(size).astype(kind)
    values[rng.integers(size)] = rng.choice([np.nan, np.inf, -np.inf])
    return values


OF_FLOATS = (
    normal, on_edges, steps, bits, denormal, narrow, huge, sparse, zeros, constant, strange
)  # fmt: skip


def whole(rng, size):
    """Draw whole numbers, those at the ends of their types more often than others."""
    ends = np.iinfo(rng.choice(WHOLE))
    low, high = ends.min, ends.max
    spread = int(rng.choice([1, 2, 70, 1000, 2**30, 2**62, 2**64]))
    at = int(rng.choice([low, high, 0, high // 2, high - 1], p=[0.2, 0.3, 0.2, 0.2, 0.1]))
    least, most = max(low, at - spread), min(high, at + spread)
    return rng.integers(least, most, size, ends.dtype, endpoint=True)


def shaped(rng, values):
    """Give values another shape, or gaps, or another order of bytes; or make lists of them."""
    how = rng.integers(8)
    if how == 0:
        return values.tolist()
    if how == 1:
        return np.repeat(values, 2)[::2]
    if how == 2 and values.size % 2 == 0:
        return values.reshape(2, -1).T
    if how == 3:
        return values.astype(values.dtype.newbyteorder())
    if how == 4:
        return values[::-1]
    if how == 5 and values.size == 1:
        return values.reshape(())
    return values


def span_of(rng):
    if rng.random() < 0.85:
        return None
    first, last = rng.standard_normal(2) * 10.0 ** rng.integers(-3, 3)
    spans = [(first, last), (min(first, last), max(first, last)), (-1.0, 1.0), (0, 3), (2.0, 2.0)]
    spans += [(0.0, np.inf), (0.0, np.nan), (np.float64(-1), np.float32(1))]
    return spans[rng.integers(len(spans))]


def case(number):
    """Return values, bins and span of a case."""
    rng = np.random.default_rng(number)
    size = int(rng.choice(SIZES))
    kind = rng.random()
    if kind < 0.65:
        draw = OF_FLOATS[rng.integers(len(OF_FLOATS))]
        values = draw(rng, size, rng.choice(FLOATS, p=[0.5, 0.3, 0.2]))
    elif kind < 0.97:
        values = whole(rng, size)
    else:
        values = rng.random(size) < rng.random()
    bins = int(rng.choice(BINS)) if rng.random() < 0.7 else 64
    return shaped(rng, values), bins, span_of(rng)


def told(count, *arguments, **options):
    """Return what a function gives, in a form that shows every bit; or its error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            counts, edges = count(*arguments, **options)
        except (ValueError, TypeError, IndexError) as error:
            return type(error), str(error)
    if isinstance(counts, np.ndarray):
        counts, edges = counts.tolist(), edges.tolist()
    return counts, [edge.hex() if isinstance(edge, float) else repr(edge) for edge in edges]


def differs(number):
    """Tell what ours and numpy's gave where they are not the same, else None."""
    values, bins, span = case(number)
    ours = told(histogram, values, bins, span=span)
    theirs = told(np.histogram, values, bins, range=span)
    return None if ours == theirs else (number, ours, theirs)


def main(cases):
    """Compare, and say how many were counted natively."""
    by_numpy = Counter()
    plain = np.histogram

    def noted(*arguments, **options):
        by_numpy["cases"] += 1
        return plain(*arguments, **options)

    np.histogram = noted
    found = [difference for number in range(cases) if (difference := differs(number))]
    native = cases - (by_numpy["cases"] - cases)
    print(f"numpy {np.__version__}: {cases} cases, {native} counted natively, {len(found)} differ")
    for difference in found[:5]:
        print(difference)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
