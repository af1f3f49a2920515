"""The history port's contract, on every engine."""

import itertools
import json
import math
import random
from dataclasses import replace

import pytest

from ferrule.errors import BodyError
from ferrule.ports.history import Span, Stream
from server.conformance.engines import (
    RUN,
    Bench,
    MemoryEngine,
    as_line,
    ramp,
    whole,
)

pytestmark = pytest.mark.anyio


def same(one, other):
    """Compare values, NaN and signs of zero included; 1 and 1.0 are one number on the wire."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    signs = one != 0 or math.copysign(1, one) == math.copysign(1, other)
    return one == other and (not isinstance(one, float) or signs)


async def test_rows_read_back_as_they_were_sent(bench):
    rows = ramp(0, 5, text="hello", flag=True, nothing=None, some=[1, "a", None, {"b": 2}])

    receipt = await bench.post(history=(0, rows))

    assert (receipt.history, receipt.repeated, receipt.gap, receipt.last_step) == (5, 0, False, 4)
    assert await bench.rows() == rows
    assert await bench.history.row_count(whole()) == 5
    assert await bench.history.last_step(whole()) == 4


async def test_repeated_request_changes_nothing(bench):
    await bench.post(history=(0, ramp(0, 5)))

    receipt = await bench.post(history=(0, ramp(0, 5)))

    assert (receipt.history, receipt.repeated) == (0, 5)
    assert await bench.steps() == [0, 1, 2, 3, 4]


async def test_first_of_two_lines_with_one_number_stays(bench):
    await bench.post(history=(0, [{"_step": 0, "loss": 1}]))

    await bench.post(history=(0, [{"_step": 0, "loss": 2}]))

    assert await bench.rows() == [{"_step": 0, "loss": 1}]


@pytest.mark.parametrize("seed", range(5))
async def test_rechunked_retries_count_each_line_once(bench, seed):
    chance = random.Random(seed)
    rows = ramp(0, 60)
    chunks = [(0, 60)] + [(n := chance.randrange(60), chance.randint(n + 1, 60)) for _ in range(25)]
    chance.shuffle(chunks)
    new = 0

    for first, stop in chunks:
        new += (await bench.post(history=(first, rows[first:stop]))).history

    assert new == 60
    assert await bench.rows() == rows
    assert (await bench.history.line_counts(RUN)).history == 60


async def test_gap_is_accepted_and_told_and_filled_later(bench):
    first = await bench.post(history=(0, ramp(0, 2)))
    beyond = await bench.post(history=(5, ramp(5, 2)))
    filling = await bench.post(history=(2, ramp(2, 3)))

    assert [first.gap, beyond.gap, filling.gap] == [False, True, False]
    assert await bench.steps() == [0, 1, 2, 3, 4, 5, 6]
    assert (await bench.post(history=(0, ramp(0, 7)))).repeated == 7


async def test_line_counts_are_those_after_the_last_line(bench):
    await bench.post(history=(0, ramp(0, 3)), console=(0, ["a", "b"]), events=(0, [{"cpu": 1}]))
    await bench.post(console=(9, ["late"]))

    counts = await bench.history.line_counts(RUN)

    assert (counts.history, counts.events, counts.console) == (3, 1, 10)


async def test_summary_is_replaced_whole(bench):
    await bench.post(summary=(0, [{"loss": 1, "acc": 2}]))
    receipt = await bench.post(summary=(0, [{"loss": 0.5}]), at=200.0)

    assert json.loads(receipt.summary) == {"loss": 0.5}
    facts = await bench.history.facts(RUN)
    assert json.loads(facts.summary) == {"loss": 0.5}
    assert facts.heartbeat_at == 200.0


async def test_post_without_summary_has_none_to_tell(bench):
    await bench.post(summary=(0, [{"loss": 1}]))

    assert (await bench.post(history=(0, ramp(0, 1)))).summary is None


NUMBERS = [
    "0",
    "-0.0",
    "1",
    "-1",
    "0.1",
    "1e-320",
    "1.7976931348623157e308",
    "9007199254740993",
    "-9007199254740995",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "123456789012345678901234567890",
    "NaN",
    "Infinity",
    "-Infinity",
    "1.795e+09",
]


async def test_numbers_read_back_exactly(bench):
    line = '{"_step":0,' + ",".join(f'"n{i}":{n}' for i, n in enumerate(NUMBERS)) + "}"

    await bench.post(history=(0, [line]))

    [row] = await bench.rows()
    assert same(row, json.loads(line))


@pytest.mark.parametrize("number", NUMBERS)
async def test_number_alone_in_its_key_reads_back_exactly(bench, number):
    await bench.post(history=(0, [f'{{"_step":0,"x":{number}}}']))
    await bench.compact()

    [row] = await bench.rows()
    assert same(row["x"], json.loads(number))


NESTED = [
    {"_step": 0, "a": {"b": 1, "c": {"d": 2.5}}},
    {"_step": 1, "a.b": 1, "a": {"b": 2}},
    {"_step": 2, "a\\b": 1, "a\\": {".": 3}},
    {"_step": 3, "": 4, "e": {}, "f": []},
    {"_step": 4, "img": {"_type": "image-file", "path": "media/x.png", "size": 3}},
    {"_step": 5, "ключ": {"名": 1}, "emoji 🦀": "ü", "tab\t": 'quote"'},
]


async def test_nested_dotted_and_unicode_keys_read_back(bench):
    await bench.post(history=(0, NESTED))
    await bench.compact()
    await bench.reopen()

    assert await bench.rows() == NESTED


async def test_keys_choose_rows_that_have_all_of_them(bench):
    await bench.post(history=(0, [{"_step": 0, "a": 1}, {"_step": 1, "a": 2, "b": 3, "c": 4}]))

    assert await bench.rows(keys=["a", "b"]) == [{"a": 2, "b": 3}]
    assert await bench.rows(keys=["_step", "a"]) == [{"_step": 0, "a": 1}, {"_step": 1, "a": 2}]
    assert await bench.rows(keys=["nothing"]) == []


async def test_key_means_the_nested_value_or_the_literal_name(bench):
    await bench.post(history=(0, [{"_step": 0, "a": {"b": 1}}, {"_step": 1, "a.b": 2}]))

    assert await bench.rows(keys=["a.b"]) == [{"a": {"b": 1}}, {"a.b": 2}]


async def test_rows_of_one_step_stay_apart_in_order_of_writing(bench):
    rows = [{"_step": 0, "x": 1}, {"_step": 0, "x": 2}, {"_step": 0, "y": 3}]

    await bench.post(history=(0, rows))

    assert await bench.rows() == rows


async def test_rows_come_in_order_of_step(bench):
    await bench.post(
        history=(0, [{"_step": 9, "x": 1}, {"_step": 3, "x": 2}, {"_step": 5, "x": 3}])
    )

    assert await bench.steps() == [3, 5, 9]
    assert await bench.steps(min_step=3, max_step=9) == [3, 5]
    assert await bench.steps(limit=2) == [3, 5]


async def test_thin_rows_are_evenly_spaced_with_both_ends(bench):
    await bench.post(history=(0, ramp(0, 101)))

    steps = await bench.steps(limit=11, thin=True)

    assert len(steps) == 11
    assert (steps[0], steps[-1]) == (0, 100)
    assert max(b - a for a, b in itertools.pairwise(steps)) <= 20


async def test_thin_rows_of_one_step_are_merged(bench):
    await bench.post(history=(0, [{"_step": 0, "x": 1, "y": 1}, {"_step": 0, "x": 2, "z": 3}]))

    assert await bench.rows(limit=10, thin=True) == [{"_step": 0, "x": 2, "y": 1, "z": 3}]


async def test_row_without_step_gets_the_one_after_the_highest(bench):
    await bench.post(history=(0, [{"x": 1}, {"_step": 7, "x": 2}, {"x": 3}]))

    assert await bench.rows() == [
        {"_step": 0, "x": 1},
        {"_step": 7, "x": 2},
        {"_step": 8, "x": 3},
    ]


async def test_writers_have_line_numbers_of_their_own(bench):
    await bench.post(history=(0, [{"_step": 0, "x": 1}]), writer="one")
    receipt = await bench.post(history=(0, [{"_step": 0, "x": 2}]), writer="two")

    assert (receipt.history, receipt.repeated) == (1, 0)
    assert sorted(row["x"] for row in await bench.rows()) == [1, 2]
    assert (await bench.history.line_counts(RUN, 0, "one")).history == 1
    assert (await bench.history.line_counts(RUN, 0, "three")).history == 0


async def test_summaries_of_writers_are_laid_over_each_other(bench):
    await bench.post(summary=(0, [{"a": 1, "b": 1}]), writer="one")
    receipt = await bench.post(summary=(0, [{"b": 2}]), writer="two")

    assert json.loads(receipt.summary) == {"a": 1, "b": 2}


async def test_rewound_run_shows_old_rows_up_to_the_cut_and_new_ones(bench):
    await bench.post(history=(0, ramp(0, 10)))
    await bench.post(history=(0, [{"_step": 4, "loss": -1}, {"_step": 5, "loss": -2}]), attempt=1)
    scope = (Span(RUN, 0, 3), Span(RUN, 1))

    assert await bench.steps(scope) == [0, 1, 2, 3, 4, 5]
    assert await bench.history.row_count(scope) == 6
    assert await bench.history.last_step(scope) == 5
    assert await bench.history.last_step((Span(RUN, 0, 3),)) == 3
    facts = {key.name: key for key in await bench.history.keys((Span(RUN, 1),))}
    assert facts["loss"].numbers == 2


async def test_facts_of_a_rewound_run_are_those_of_its_last_attempt(bench):
    await bench.post(history=(0, ramp(0, 10)))
    empty = await bench.post(attempt=1)
    facts = await bench.history.facts(RUN)

    assert (empty.last_step, facts.attempt) == (-1, 1)
    assert (facts.last_step, facts.history_lines) == (-1, 0)

    await bench.post(history=(4, [{"_step": 4, "loss": -1}, {"_step": 5, "loss": -2}]), attempt=1)
    facts = await bench.history.facts(RUN)

    assert (facts.attempt, facts.last_step, facts.history_lines) == (1, 5, 2)


async def test_fork_shows_its_parents_rows_before_its_own(bench):
    await bench.history.open_run(8, 3, None)
    await bench.post(history=(0, ramp(0, 10)))
    await bench.post(history=(0, ramp(3, 2, fork=True)), run=8)

    rows = await bench.rows((Span(RUN, 0, 2), Span(8)))

    assert [row["_step"] for row in rows] == [0, 1, 2, 3, 4]
    assert [row.get("fork") for row in rows] == [None, None, None, True, True]


async def test_events_keep_to_their_own_stream(bench):
    await bench.post(events=(0, [{"system.cpu": 1.5, "_runtime": 1}, {"system.cpu": 2.5}]))

    assert await bench.rows(stream=Stream.EVENTS) == [
        {"system.cpu": 1.5, "_runtime": 1},
        {"system.cpu": 2.5},
    ]
    assert await bench.rows() == []
    assert await bench.history.row_count(whole(), Stream.EVENTS) == 2


async def test_unreadable_line_is_kept_aside_and_the_rest_is_taken(bench):
    receipt = await bench.post(history=(0, ['{"_step": 0, "x": 1}', '{"cut', "[]", '{"x": 2}']))

    assert (receipt.history, receipt.aside) == (2, 2)
    assert await bench.history.aside(whole()) == [
        ("wandb-history.jsonl", '{"cut'),
        ("wandb-history.jsonl", "[]"),
    ]
    assert (await bench.history.line_counts(RUN)).history == 4


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"\xff",
        b'{"files": {"output.log": {"offset": 0, "content": ["a"',
        b'{"files": {"output.log": {"content": ["a"]}}}',
        b'{"files": {"output.log": {"offset": -1, "content": ["a"]}}}',
        b'{"files": {"output.log": []}}',
    ],
)
async def test_body_that_cannot_be_read_is_refused_and_nothing_kept(bench, body):
    with pytest.raises(BodyError):
        await bench.raw(body)

    assert await bench.rows() == []
    assert await bench.console() == []


@pytest.mark.parametrize(
    "body", [b"{}", b'{"files": {}}', b'{"unknown": [1, {"a": 2}]}', b'{"files": []}']
)
async def test_body_with_nothing_in_it_is_a_heartbeat(bench, body):
    receipt = await bench.raw(body)

    assert receipt.history == receipt.events == receipt.console == 0
    assert (await bench.history.facts(RUN)).heartbeat_at == 100.0


async def test_end_is_told_and_forgotten_when_lines_come_after(bench):
    done = await bench.post(history=(0, ramp(0, 1)), more={"complete": True, "exitcode": 3})
    ended = await bench.history.facts(RUN)
    await bench.post(history=(1, ramp(1, 1)))
    begun_again = await bench.history.facts(RUN)

    assert (done.complete, done.exit_code) == (True, 3)
    assert (ended.complete, ended.exit_code) == (True, 3)
    assert begun_again.complete is False
    assert begun_again.history_lines == 2


async def test_receipt_names_uploaded_files_and_preemption(bench):
    receipt = await bench.post(more={"preempting": True, "uploaded": ["a.txt", "b/c.txt"]})

    assert receipt.preempting is True
    assert receipt.uploaded == ("a.txt", "b/c.txt")
    assert (await bench.history.facts(RUN)).preempting is True


async def test_keys_tell_counts_ranges_and_kinds(bench):
    rows = [
        {"_step": 1, "x": 3.0, "y": "a", "n": {"z": 1}},
        {"_step": 2, "x": math.nan, "y": None},
        {"_step": 5, "x": 7.5, "img": {"_type": "image-file", "path": "p"}},
        {"_step": 6, "x": math.inf, "y": 2},
        {"_step": 7, "x": 5.0},
    ]
    await bench.post(history=(0, rows))

    facts = {key.name: key for key in await bench.history.keys(whole())}

    x = facts["x"]
    assert (x.numbers, x.others, x.first_step, x.last_step) == (5, 0, 1, 7)
    assert (x.minimum, x.maximum, x.last_value, x.monotonic) == (3.0, 7.5, 5.0, False)
    assert (facts["y"].numbers, facts["y"].others) == (1, 2)
    assert set(facts["y"].kinds) == {"string", "null"}
    assert facts["img"].kinds == ("image-file",)
    assert facts["n.z"].numbers == 1
    assert sorted(facts) == [key.name for key in await bench.history.keys(whole())]


async def test_steadily_growing_key_is_monotonic(bench):
    await bench.post(history=(0, [{"_step": i, "epoch": i // 3} for i in range(9)]))

    facts = {key.name: key for key in await bench.history.keys(whole())}

    assert facts["epoch"].monotonic is True


async def test_everything_is_there_after_reopening(bench):
    await bench.post(
        history=(0, ramp(0, 5)), console=(0, ["a"]), summary=(0, [{"x": 1}]), events=(0, [{"c": 1}])
    )

    await bench.reopen()

    assert await bench.steps() == [0, 1, 2, 3, 4]
    assert await bench.console() == [(0, "a")]
    assert (await bench.post(history=(0, ramp(0, 6)))).history == 1
    assert json.loads((await bench.history.facts(RUN)).summary) == {"x": 1}


async def test_recovered_names_the_runs_found_in_the_log(bench):
    if not bench.engine.keeps:
        assert await bench.history.recovered() == []
        return
    await bench.post(summary=(0, [{"x": 1}]), more={"complete": True, "exitcode": 0})

    await bench.reopen()

    [facts] = await bench.history.recovered()
    assert (facts.run, facts.complete, facts.exit_code) == (RUN, True, 0)
    assert json.loads(facts.summary) == {"x": 1}


@pytest.mark.parametrize("reopened", [False, True])
async def test_compaction_changes_nothing_that_is_read(bench, reopened):
    odd = {"text": "a", "none": None, "big": 2**70, "list": [1, {"a": math.inf}]}
    rows = [row | odd for row in ramp(0, 50)]
    await bench.post(history=(0, rows), console=(0, ["a", "b"]), events=(0, [{"cpu": 1}] * 3))
    await bench.post(console=(1, ["replaced"]))
    before = [await bench.rows(), await bench.console(), await bench.history.keys(whole())]

    compacted = await bench.compact()
    if reopened:
        await bench.reopen()

    after = [await bench.rows(), await bench.console(), await bench.history.keys(whole())]
    assert compacted is bench.engine.keeps
    assert after == before
    assert len(await bench.rows(stream=Stream.EVENTS)) == 3
    assert (await bench.history.line_counts(RUN)).console == 2


async def test_retries_after_compaction_and_reopening_count_once(bench):
    await bench.post(history=(0, ramp(0, 10)), console=(0, ["a", "b"]))
    await bench.compact()
    await bench.reopen()

    receipt = await bench.post(history=(5, ramp(5, 10)), console=(1, ["b again", "c"]))

    assert (receipt.history, receipt.repeated >= 5) == (5, True)
    assert await bench.steps() == list(range(15))
    assert await bench.console() == [(0, "a"), (1, "b again"), (2, "c")]


@pytest.mark.parametrize("seed", range(3))
async def test_random_life_equals_the_memory_engine(bench, seed):
    chance = random.Random(seed)
    slow = Bench(MemoryEngine())
    await slow.open()
    lines = [as_line({"_step": i, "x": chance.random(), "y": {"z": i}}) for i in range(200)]
    for _ in range(40):
        first = chance.randrange(200)
        chunk = (first, lines[first : first + chance.randint(1, 40)])
        receipts = [await one.post(history=chunk) for one in (bench, slow)]
        assert receipts[0].history == receipts[1].history
        event = chance.random()
        if event < 0.15:
            await bench.compact()
        elif event < 0.25:
            await bench.reopen()

    assert await bench.rows() == await slow.rows()
    assert await bench.rows(limit=17, thin=True) == await slow.rows(limit=17, thin=True)
    assert await told(bench) == await told(slow)


async def told(bench):
    """What is told of keys, but for whether they grow: rows that come late may hide that."""
    facts = await bench.history.keys(whole())
    return [replace(one, monotonic=False) for one in facts if one.name != "_step"]


async def test_forgotten_run_has_nothing_left(bench):
    await bench.post(history=(0, ramp(0, 3)))

    await bench.history.forget_run(RUN)
    await bench.compact()
    await bench.reopen()

    assert await bench.rows() == []
