"""Lines to draw: the part of the history port's contract that is about series."""

import math
import random
import struct

import pytest

from ferrule.ports.history import SeriesQuery
from ferrule.stores.history.buckets import BUCKETS, bucket
from server.conformance.engines import Bench, MemoryEngine, ramp, whole

pytestmark = pytest.mark.anyio


def columns(block):
    flat = struct.unpack(f"<{len(block.data) // 8}d", block.data)
    parts = [flat[i * block.length : (i + 1) * block.length] for i in range(len(block.columns))]
    return dict(zip(block.columns, parts, strict=True))


async def test_short_series_comes_raw(bench):
    await bench.post(history=(0, [{"_step": i, "loss": i * 0.5} for i in range(10)]))

    block = await bench.history.series(SeriesQuery(whole(), "loss", buckets=5))

    assert (block.columns, block.length, block.points) == (("x", "y"), 10, 10)
    assert columns(block) == {
        "x": tuple(map(float, range(10))),
        "y": tuple(i * 0.5 for i in range(10)),
    }


async def test_unknown_key_has_no_points(bench):
    await bench.post(history=(0, ramp(0, 3)))

    block = await bench.history.series(SeriesQuery(whole(), "nothing"))

    assert (block.length, block.points, block.data) == (0, 0, b"")


async def test_series_range_is_inclusive(bench):
    await bench.post(history=(0, ramp(0, 10)))

    block = await bench.history.series(SeriesQuery(whole(), "loss", x_min=2, x_max=5))

    assert columns(block)["x"] == (2.0, 3.0, 4.0, 5.0)


async def test_series_over_another_key_uses_its_last_value_at_or_before(bench):
    rows = [{"loss": 0}, {"epoch": 1}, {"loss": 1}, {"loss": 2, "epoch": 3}, {"loss": 3}]
    await bench.post(history=(0, [{"_step": i} | row for i, row in enumerate(rows)]))

    block = await bench.history.series(SeriesQuery(whole(), "loss", x="epoch"))

    assert columns(block) == {"x": (1.0, 3.0, 3.0), "y": (1.0, 2.0, 3.0)}


@pytest.mark.parametrize("seed", range(4))
async def test_buckets_hold_what_the_slow_version_finds_in_them(bench, seed):
    chance = random.Random(seed)
    odd = [math.nan, math.inf, -math.inf]
    rows = [
        {
            "_step": step,
            "loss": chance.choice(odd) if chance.random() < 0.05 else chance.gauss(0, 1),
        }
        for step in range(1025)
        if step in (0, 1024) or chance.random() < 0.8
    ]
    await bench.post(history=(0, rows[:400]))
    await bench.compact()
    await bench.post(history=(400, rows[400:]))

    block = await bench.history.series(SeriesQuery(whole(), "loss", buckets=16))

    # Where the edges lie is the engine's own choice, that they are evenly spaced is not.
    got, points = columns(block), [(float(row["_step"]), row["loss"]) for row in rows]
    assert (block.points, sum(got["count"])) == (len(rows), len(rows))
    assert 12 <= block.length <= 16
    for number, count in enumerate(map(int, got["count"])):
        members, points = points[:count], points[count:]
        assert members[-1][0] - members[0][0] < 1024 / 12
        found = tuple(got[name][number] for name in BUCKETS)
        assert found == pytest.approx(bucket(members), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
async def test_points_over_a_key_that_jumps_equal_those_of_the_slow_version(bench, seed):
    chance = random.Random(seed)
    slow = Bench(MemoryEngine())
    await slow.open()
    rows = [
        {"_step": step, "loss": chance.random()}
        | ({"lap": chance.choice([step % 64, math.nan])} if chance.random() < 0.7 else {})
        for step in range(500)
    ]
    for one in (bench, slow):
        await one.post(history=(0, rows[:300]))
        await one.compact()
        await one.post(history=(300, rows[300:]))

    for query in (
        SeriesQuery(whole(), "loss", x="lap", buckets=16, x_min=0, x_max=64),
        SeriesQuery(whole(), "loss", x="lap", x_min=3, x_max=5),
    ):
        block, expected = await bench.history.series(query), await slow.history.series(query)
        assert (block.columns, block.points) == (expected.columns, expected.points)
        for name, want in columns(expected).items():
            assert columns(block)[name] == pytest.approx(want, rel=1e-12, nan_ok=True), name
