"""What the page reads is what runs have logged."""

import json
import math
import struct

import pytest

from ferrule.http.logs import console_line
from ferrule.ports.runs import RunChange
from server.http.conftest import NOW
from server.http.test_storage import put

pytestmark = pytest.mark.anyio
PROJECT = {"entity": "alice", "project": "cats"}


async def add_run(house, name, **more):
    project = await house.stores.projects.ensure("alice", "cats")
    change = RunChange(project.id, name, at=int(NOW * 1e6), user="alice", **more)
    return (await house.stores.runs.upsert(change))[0]


async def test_projects_are_listed_with_counts(house):
    answer = await house.ask("GET", "/api/v1/projects")

    [project] = answer.body["projects"]
    assert (project["entity"], project["name"]) == ("alice", "cats")
    assert (project["runs"], project["running"]) == (1, 1)
    assert (await house.ask("GET", "/api/v1/projects", role="stranger")).body == {"projects": []}


async def test_runs_are_listed_by_page(house):
    config = json.dumps({"lr": {"value": 0.1}, "_wandb": {"value": {"t": {}}}})
    await add_run(house, "run2", config=config, tags=("a",), notes="n")
    query = PROJECT | {"limit": 1, "order": "+name"}

    first = (await house.ask("POST", "/api/v1/runs/query", json=query)).body
    second = await house.ask("POST", "/api/v1/runs/query", json=query | {"after": first["next"]})

    assert (first["total"], first["runs"][0]["id"]) == (2, "run1")
    run = second.body["runs"][0]
    assert (run["id"], run["config"], run["tags"], run["notes"]) == (
        "run2",
        {"lr": 0.1},
        ["a"],
        "n",
    )
    assert second.body["next"] is None


async def test_search_cuts_the_list_down(house):
    await add_run(house, "other", notes="the needle")

    answer = await house.ask("POST", "/api/v1/runs/query", json=PROJECT | {"search": "NEEDLE"})

    assert [run["id"] for run in answer.body["runs"]] == ["other"]
    assert answer.body["total"] == 1


async def test_run_is_told_with_all_that_is_known(house):
    await house.post_lines(
        history=(0, [{"_step": 4, "loss": 1}, "broken"]),
        summary=(
            0,
            ['{"loss": NaN, "best": {"of": [-Infinity]}, "big": 123456789012345678901234567890}'],
        ),
        console=(0, ["2026-01-01T00:00:00.5 hi"]),
    )

    body = (await house.ask("GET", "/api/v1/runs/alice/cats/run1")).body

    assert (body["last_step"], body["rows"], body["console_lines"]) == (4, 1, 1)
    # What a browser's numbers can't hold is written out.
    assert body["summary"] == {
        "loss": "NaN",
        "best": {"of": ["-Infinity"]},
        "big": "123456789012345678901234567890",
    }
    assert len(body["warnings"]) == 1
    assert body["metadata"] is None


async def test_gap_in_the_history_is_told_until_it_is_filled(house):
    async def warnings():
        return (await house.ask("GET", "/api/v1/runs/alice/cats/run1")).body["warnings"]

    await house.post_lines(history=(0, [{"_step": 0}, "broken"]))
    await house.post_lines(history=(4, [{"_step": 4}]))
    assert "2 of its lines" in (await warnings())[-1]

    await house.post_lines(history=(2, [{"_step": 2}, {"_step": 3}]))
    assert len(await warnings()) == 1


async def test_client_that_resumes_may_begin_at_any_line(house):
    await house.post_lines(history=(100, [{"_step": 100}]))

    assert (await house.ask("GET", "/api/v1/runs/alice/cats/run1")).body["warnings"] == []


async def test_console_lines_are_taken_apart(house):
    sent = ["2026-01-01T00:00:00.5 hi", "ERROR 2026-01-01T00:00:01 \x1b[31mno\x1b[0m", "bare"]
    await house.post_lines(console=(0, sent))

    body = (await house.ask("GET", "/api/v1/logs/alice/cats/run1?first=1&limit=2")).body

    assert body == {
        "total": 3,
        "lines": [
            {
                "number": 1,
                "text": "\x1b[31mno\x1b[0m",
                "level": "error",
                "timestamp": "2026-01-01T00:00:01Z",
                "label": None,
            },
            {"number": 2, "text": "bare", "level": None, "timestamp": None, "label": None},
        ],
    }
    assert (await house.ask("GET", "/api/v1/logs/alice/cats/run1?first=-1")).status == 400


def test_structured_console_line_is_taken_apart():
    line = console_line(
        0, '{"level":"error","ts":"2026-01-01T00:00:00","label":"rank_1","content":"x"}'
    )

    assert (line["text"], line["level"], line["label"]) == ("x", "error", "rank_1")
    assert line["timestamp"] == "2026-01-01T00:00:00Z"
    assert console_line(0, '{"a": 1}')["text"] == '{"a": 1}'
    assert console_line(0, "{broken")["text"] == "{broken"


async def test_keys_of_all_runs_are_merged(house):
    await add_run(house, "run2")
    await house.post_lines(
        history=(0, [{"_step": 0, "loss": 3, "note": "x"}, {"_step": 1, "loss": 2}])
    )
    await house.post_lines(
        path="/files/alice/cats/run2/file_stream", history=(0, [{"_step": 9, "loss": 7}])
    )

    body = (await house.ask("POST", "/api/v1/keys", json=PROJECT)).body
    of_one = (await house.ask("POST", "/api/v1/keys", json=PROJECT | {"runs": ["run2", "no"]})).body

    loss, note = [key for key in body["keys"] if key["name"] != "_step"]
    assert (loss["name"], loss["numbers"], loss["min"], loss["max"]) == ("loss", 3, 2.0, 7.0)
    assert (loss["last_value"], loss["last_step"], loss["runs"]) == (7.0, 9, ["run1", "run2"])
    assert (note["kinds"], note["numbers"], note["others"]) == (["string"], 0, 1)
    assert [key["name"] for key in of_one["keys"]] == ["_step", "loss"]


async def test_metric_rules_come_with_the_keys(house):
    rules = [{"1": "acc", "5": 2, "6": [2, 3], "8": 2}, {"1": "epoch"}, {"2": "val/*", "5": 2}]
    await add_run(house, "run1", config=json.dumps({"_wandb": {"value": {"m": rules}}}))

    body = (await house.ask("POST", "/api/v1/keys", json=PROJECT)).body

    assert body["metrics"] == [
        {"name": "acc", "step_metric": "epoch", "hidden": True, "goal": "maximize"},
        {"name": "epoch", "step_metric": None, "hidden": False, "goal": None},
        {"name": "val/*", "step_metric": "epoch", "hidden": False, "goal": None},
    ]


def read_frame(body):
    assert body[:4] == b"FSR1"
    [length] = struct.unpack_from("<I", body, 4)
    head, data = json.loads(body[8 : 8 + length]), body[8 + length :]
    assert (8 + length) % 8 == 0
    for one in head["series"]:
        start, count = one["offset"], one["length"]
        one["data"] = {
            name: struct.unpack_from(f"<{count}d", data, start + 8 * count * place)
            for place, name in enumerate(one["columns"])
        }
    return head["series"]


async def test_series_come_as_columns(house):
    rows = [{"_step": i, "a": i, "b": -i} for i in range(100)] + [{"_step": 100, "a": math.nan}]
    await house.post_lines(history=(0, rows))
    asked = [
        {"run": "run1", "key": "a"},
        {"run": "run1", "key": "b", "x": "a"},
        {"run": "no", "key": "a"},
    ]

    answer = await house.ask("POST", "/api/v1/series", json=PROJECT | {"series": asked})
    bucketed = await house.ask(
        "POST", "/api/v1/series", json=PROJECT | {"series": asked[:1], "buckets": 10, "x_max": 99}
    )

    a, b, none = read_frame(answer.body)
    assert (a["columns"], a["length"], a["points"], a["last_step"]) == (["x", "y"], 101, 101, 100)
    assert a["data"]["x"] == tuple(map(float, range(101)))
    assert math.isnan(a["data"]["y"][-1])
    assert b["data"]["y"] == tuple(-float(i) for i in range(100))
    assert (none["length"], none["points"]) == (0, 0)
    [buckets] = read_frame(bucketed.body)
    assert (buckets["length"], buckets["points"]) == (10, 100)
    assert sum(buckets["data"]["count"]) == 100


async def test_files_are_listed_with_addresses_that_work_without_a_key(house):
    from yarl import URL

    await put(house, "media/ä.txt", b"abc")

    [file] = (await house.ask("GET", "/api/v1/files/alice/cats/run1")).body["files"]

    assert (file["name"], file["size"]) == ("media/ä.txt", 3)
    path = "/" + file["url"].partition("//")[2].partition("/")[2]
    assert (await house.ask("GET", URL(path, encoded=True), role=None)).body == b"abc"


async def test_metadata_is_read_from_its_file(house):
    await put(house, "wandb-metadata.json", b'{"os": "Linux"}')

    body = (await house.ask("GET", "/api/v1/runs/alice/cats/run1")).body

    assert (body["metadata"], body["files"]) == ({"os": "Linux"}, 1)


@pytest.mark.parametrize("depth", [200, 900, 100_000])
async def test_values_nested_deeply_do_not_hide_a_run(house, depth):
    deep = '{"a":' * depth + "1" + "}" * depth
    await add_run(house, "run1", config=f'{{"x": {{"value": {deep}}}}}', summary=deep)
    await put(house, "wandb-metadata.json", deep.encode())

    answer = await house.ask("GET", "/api/v1/runs/alice/cats/run1")
    listed = await house.ask("POST", "/api/v1/runs/query", json=PROJECT)

    assert (answer.status, listed.status) == (200, 200)


async def test_half_a_character_does_not_hide_a_run(house):
    await add_run(house, "run1", config='{"x": {"value": "\\udce9"}}')

    listed = await house.ask("POST", "/api/v1/runs/query", json=PROJECT)

    assert listed.body["runs"][0]["config"] == {"x": "\udce9"}


async def test_series_asked_for_twice_are_sent_once(house):
    await house.post_lines(history=(0, [{"_step": i, "a": i} for i in range(100)]))
    asked = [{"run": "run1", "key": "a"}]

    once = await house.ask("POST", "/api/v1/series", json=PROJECT | {"series": asked})
    often = await house.ask("POST", "/api/v1/series", json=PROJECT | {"series": asked * 100})

    blocks = read_frame(often.body)
    assert len(blocks) == 100
    assert blocks[-1] == read_frame(once.body)[0]
    assert sum(map(len, (often.body, once.body))) < 100 * 250


async def test_more_buckets_than_can_be_drawn_are_refused(house):
    asked = [{"run": "run1", "key": str(number)} for number in range(2000)]
    query = PROJECT | {"series": asked, "buckets": 10_000}

    answer = await house.ask("POST", "/api/v1/series", json=query)

    assert answer.status == 400
    assert "buckets" in answer.body["error"]
    assert (await house.ask("POST", "/api/v1/series", json=query | {"buckets": 800})).status == 200
