"""Filters, orders and pages of runs, by examples; both engines against each other at the end."""

import json
import random

import pytest

from ferrule.errors import BadInput
from ferrule.ports.runs import RunChange, RunProgress
from ferrule.stores import cursors
from ferrule.stores.memory import memory_stores
from ferrule.stores.sql import open_stores

pytestmark = pytest.mark.anyio

RUNS = {
    "a": {
        "state": "finished",
        "tags": ("red", "hot"),
        "group": "g1",
        "job_type": "train",
        "user": "ann",
        "config": '{"lr":{"value":0.1},"opt":{"value":{"name":"adam","b.c":1}},'
        '"flag":{"value":true}}',
        "summary": '{"loss":0.5,"nested":{"x":1},"dot.ted":7}',
        "title_words": "Blue-Bird",
    },
    "b": {
        "state": "running",
        "tags": ("red",),
        "config": '{"lr":{"value":1},"opt":{"value":"sgd"},"none":{"value":null},'
        '"flag":{"value":1}}',
        "summary": '{"loss":NaN,"acc":Infinity}',
        "notes": "the best one",
    },
    "c": {
        "state": "failed",
        "group": "g1",
        "host": "box",
        "config": '{"lr":{"value":"high"},"\\u00e9 \\"q\\"":{"value":5}}',
        "summary": '{"loss":2,"acc":-3}',
    },
    "d": {"state": "finished", "config": '{"lr":{"value":0.01}}'},
}


async def fill(stores):
    await stores.people.add("ann")
    project = await stores.projects.ensure("ann", "p")
    for at, (name, fields) in enumerate(RUNS.items(), 1):
        change = RunChange(project.id, name, at * 1_000_000, **fields)
        run, _ = await stores.runs.upsert(change)
        await stores.runs.note_progress([RunProgress(run.id, (at + 10 * at) * 1_000_000)])
    return project


@pytest.fixture
async def project(stores):
    return await fill(stores)


EXAMPLES = [
    ({}, "abcd"),
    ({"state": "finished"}, "ad"),
    ({"state": "finished", "group": "g1"}, "a"),
    ({"name": "b"}, "b"),
    ({"displayName": "Blue-Bird-1"}, "a"),
    ({"username": "ann"}, "a"),
    ({"jobType": "train"}, "a"),
    ({"job_type": {"$ne": "train"}}, "bcd"),
    ({"host": {"$exists": True}}, "c"),
    ({"host": None}, "abd"),
    ({"group": {"$in": ["g1", "g2"]}}, "ac"),
    ({"group": {"$nin": ["g1"]}}, "bd"),
    ({"tags": "red"}, "ab"),
    ({"tags": {"$in": ["hot", "cold"]}}, "a"),
    ({"tags": {"$nin": ["hot"]}}, "bcd"),
    ({"tags": {"$ne": "red"}}, "cd"),
    ({"tags": {"$exists": False}}, "cd"),
    ({"tags": None}, "cd"),
    ({"tags": {"$regex": "^h"}}, "a"),
    ({"config.lr": 0.1}, "a"),
    ({"config.lr.value": 0.1}, "a"),
    ({"config.lr.value": {"$gt": 0.05}}, "ab"),
    ({"config.lr": {"$gte": 0.01, "$lt": 1}}, "ad"),
    ({"config.lr": "high"}, "c"),
    ({"config.lr": {"$gt": "a"}}, "c"),
    ({"config.opt.name": "adam"}, "a"),
    ({"config.opt.value.name": "adam"}, "a"),
    ({"config.opt.value.b.c": 1}, "a"),
    ({"config.opt": "sgd"}, "b"),
    ({"config.flag": True}, "a"),
    ({"config.flag": 1}, "b"),
    ({"config.flag": {"$exists": False}}, "cd"),
    ({"config.none": {"$exists": True}}, "b"),
    ({"config.none": None}, "abcd"),
    ({"config.none": {"$ne": None}}, ""),
    ({'config.é "q"': 5}, "c"),
    ({"summary_metrics.loss": {"$lt": 1}}, "a"),
    ({"summary_metrics.loss": None}, "bd"),
    ({"summary_metrics.loss": {"$exists": True}}, "abc"),
    ({"summaryMetrics.acc": {"$gt": 1e300}}, "b"),
    ({"summary_metrics.nested.x": 1}, "a"),
    ({"summary_metrics.dot.ted": 7}, "a"),
    ({"keys_info.keys.acc": {"$exists": True}}, "bc"),
    ({"created_at": {"$gt": "1970-01-01T00:00:02Z"}}, "cd"),
    ({"createdAt": {"$lte": "1970-01-01T02:00:02+02:00"}}, "ab"),
    ({"created_at": {"$gt": 2.5}}, "cd"),
    ({"duration": {"$gte": 20}}, "bcd"),
    ({"name": {"$regex": "[ab]"}}, "ab"),
    ({"name": {"$regex": "^(a+)+$"}}, "a"),
    ({"name": {"$regex": "\ud800"}}, ""),
    ({"$or": [{"name": "a"}, {"config.lr": 1}]}, "ab"),
    ({"$and": [{"config.lr": 0.1}, {"state": "finished"}]}, "a"),
    ({"$nor": [{"state": "finished"}, {"state": "failed"}]}, "b"),
    ({"$not": {"state": "finished"}}, "bc"),
    ({"state": {"$not": {"$eq": "finished"}}}, "bc"),
    ({"$or": []}, ""),
    ({"state": {"$in": []}}, ""),
]


@pytest.mark.parametrize(("filters", "names"), EXAMPLES, ids=lambda value: str(value)[:60])
async def test_filter_selects(stores, project, filters, names):
    page = await stores.runs.find(project.id, filters=filters)

    assert "".join(run.name for run in page.items) == names
    assert await stores.runs.count(project.id, filters) == len(names)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("+created_at", "abcd"),
        ("-created_at", "dcba"),
        ("-createdAt", "dcba"),
        (" created_at", "abcd"),
        ("+config.lr.value", "dabc"),
        ("-config.lr.value", "badc"),
        ("+summary_metrics.loss", "acbd"),
        ("-summary_metrics.loss", "cadb"),
        ("-state,+name", "badc"),
        ("+group,-created_at", "cadb"),
        ("-heartbeat_at", "dcba"),
        ("+config.flag", "bacd"),
    ],
)
async def test_order_sorts(stores, project, order, names):
    page = await stores.runs.find(project.id, order=order)

    assert "".join(run.name for run in page.items) == names


@pytest.mark.parametrize("order", ["+created_at", "-config.lr", "+summary_metrics.loss,-state"])
async def test_pages_join_up(stores, project, order):
    whole = await stores.runs.find(project.id, order=order)
    names, after = "", None
    for _ in range(4):
        page = await stores.runs.find(project.id, order=order, after=after, limit=1)
        names += page.items[0].name
        after = page.next

    assert names == "".join(run.name for run in whole.items)
    assert after is None


async def test_a_run_that_comes_while_paging_moves_no_other(stores, project):
    first = await stores.runs.find(project.id, order="-created_at", limit=2)
    await stores.runs.upsert(RunChange(project.id, "new", 99_000_000))

    second = await stores.runs.find(
        project.id, order="-created_at", after=first.cursors[-1], limit=2
    )

    assert [run.name for run in second.items] == ["b", "a"]


@pytest.mark.parametrize(
    ("search", "names"), [("BLUE", "a"), ("best", "b"), ("HOT", "a"), ("g1", "ac"), ("100%", "")]
)
async def test_search_looks_at_names_notes_and_tags(stores, project, search, names):
    page = await stores.runs.find(project.id, search=search)

    assert "".join(run.name for run in page.items) == names
    assert await stores.runs.count(project.id, search=search) == len(names)


HALF = "\ud800"


@pytest.mark.parametrize(
    "filters",
    [
        {"config.k": 10**400},
        {"config.k": {"$gt": -(10**400)}},
        {"config.k": {"$in": [10**400]}},
        {"created_at": 10**400},
        {"created_at": {"$lt": 1e305}},
        {"created_at": 1e15},
        {"$and": [{"name": {"$in": ["a"] * 500}}] * 30},
        {"$and": [{"name": "a"}] * 401},
    ],
    ids=lambda value: str(value)[:40],
)
async def test_filter_that_no_engine_can_hold_is_refused(stores, project, filters):
    with pytest.raises(BadInput):
        await stores.runs.find(project.id, filters=filters)
    with pytest.raises(BadInput):
        await stores.runs.count(project.id, filters)


async def test_filter_may_be_broad(stores, project):
    broad = [*[{"config.lr": {"$in": [0.1, "x"] * 250}}] * 18, *[{"config.flag": True}] * 350]
    filters = {"$and": [{"tags": {"$in": ["hot", None] * 250}}, *broad]}
    for _ in range(14):
        filters = {"$nor": [{"$not": filters}]}

    assert await stores.runs.count(project.id, filters) == 1


async def test_order_by_very_many_keys_is_refused(stores, project):
    with pytest.raises(BadInput):
        await stores.runs.find(project.id, order="+config.a," * 700)


@pytest.mark.parametrize("key", [[2**70], [10**400], [0, 2**70, "", 1], [0, 1, HALF, 1]])
async def test_cursor_that_was_made_up_is_refused(stores, project, key):
    with pytest.raises(BadInput):
        await stores.runs.find(project.id, order="+created_at", after=cursors.written(key))


VALUES = [None, True, False, 0, 1, -1, 1.5, 2**53 + 1, 1e308, "", "a", "B", "é", "1", "100"]
KEYS = ["config.k", "config.k.value", "config.k.in", "summary_metrics.m", "summary_metrics.a.b"]


def random_filter(random, depth=0):
    if depth < 2 and random.random() < 0.4:
        parts = [random_filter(random, depth + 1) for _ in range(random.randint(0, 3))]
        return {random.choice(["$and", "$or", "$nor"]): parts}
    operator = random.choice(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists"])
    operand = random.choice(VALUES)
    if operator in ("$in", "$nin"):
        operand = random.sample(VALUES, 3)
    return {random.choice([*KEYS, "group", "tags"]): {operator: operand}}


async def test_engines_agree_on_random_filters_and_orders(tmp_path):
    chance = random.Random(7)
    async with open_stores(tmp_path) as sql:
        await compare([memory_stores(), sql], chance)


async def compare(engines, chance):
    nested = [*VALUES, {"in": 1}, {"in": None}, float("nan"), float("inf"), [1]]
    changes = [
        {
            "config": json.dumps({"k": {"value": chance.choice(nested)}}),
            "summary": json.dumps(
                chance.choice([{"m": chance.choice(nested)}, {"a": {"b": 1}}, {"a.b": "x"}, {}])
            ),
            "group": chance.choice(["", "a", "B"]),
            "tags": tuple(chance.sample(["a", "B", "1"], chance.randint(0, 2))),
        }
        for _ in range(40)
    ]
    for stores in engines:
        await stores.people.add("ann")
        await stores.projects.ensure("ann", "p")
        for number, fields in enumerate(changes):
            await stores.runs.upsert(RunChange(1, f"r{number}", number, **fields))

    for _ in range(150):
        filters = random_filter(chance)
        order = chance.choice("+-") + chance.choice([*KEYS, "group", "created_at"])
        found = [
            [run.name for run in (await stores.runs.find(1, filters=filters, order=order)).items]
            for stores in engines
        ]
        assert found[0] == found[1], (filters, order)
