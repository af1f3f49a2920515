"""Console lines: replaced by number, paged by position, whoever wrote them."""

import pytest

from ferrule.ports.history import FOREVER, Span
from server.conformance.engines import RUN, whole

pytestmark = pytest.mark.anyio


async def test_later_console_line_replaces_the_earlier(bench):
    await bench.post(console=(0, ["first", "50 %"]))
    receipt = await bench.post(console=(1, ["100 %", "last"]))

    assert await bench.console() == [(0, "first"), (1, "100 %"), (2, "last")]
    assert receipt.console == 1
    assert await bench.console(first=1, limit=1) == [(1, "100 %")]


async def test_console_of_several_writers_is_paged_by_position(bench):
    await bench.post(console=(0, ["a0", "a1"]), writer="a")
    await bench.post(console=(0, ["b0", "b1"]), writer="b")

    expected = [(0, "a0"), (0, "b0"), (1, "a1"), (1, "b1")]
    for compacted in (False, True):
        if compacted:
            await bench.compact()
        assert await bench.history.console_count(whole()) == 4
        assert await bench.console() == expected
        assert await bench.console(first=1, limit=2) == expected[1:3]
        assert await bench.console(first=3) == expected[3:]
        assert await bench.console(first=4) == []


async def test_console_of_writers_with_gaps_is_paged_without_one_line_twice(bench):
    await bench.post(console=(0, [f"a{n}" for n in range(50)]), writer="a")
    await bench.post(console=(30, [f"b{n}" for n in range(30, 90)]), writer="b")
    await bench.post(console=(95, ["a95"]), writer="a")
    await bench.compact()
    await bench.post(console=(100, ["b100"]), writer="b")

    whole_log = await bench.console(limit=1000)
    assert len(whole_log) == 112
    for size in (1, 7, 40):
        pages = [await bench.console(first=at, limit=size) for at in range(0, 112, size)]
        assert [line for page in pages for line in page] == whole_log


async def test_console_of_attempts_comes_one_after_the_other(bench):
    scope = (Span(RUN, 0, 5), Span(RUN, 1, FOREVER))
    await bench.post(console=(0, ["first", "second"]))
    await bench.post(console=(7, ["late"]))
    await bench.post(console=(0, ["again"]), attempt=1)

    lines = [(0, "first"), (1, "second"), (7, "late"), (0, "again")]
    assert await bench.history.console_count(scope) == 4
    assert await bench.console(scope=scope) == lines
    assert await bench.console(first=2, limit=1, scope=scope) == lines[2:3]
    assert await bench.console(first=3, scope=scope) == lines[3:]
