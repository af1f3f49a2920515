"""Lists, rows, files and accounts, as the public API of both clients reads them."""

import json
import math

import pytest

from ferrule.ports.files import RunFile
from ferrule.ports.runs import RunProgress

pytestmark = pytest.mark.anyio

RUNS = """
query Runs($filters: JSONString, $order: String, $after: String, $first: Int) {
  project(name: "p", entityName: "ann") {
    internalId readOnly runCount(filters: $filters)
    runs(filters: $filters, order: $order, after: $after, first: $first) {
      edges { node { id name projectId user { name username } } cursor }
      pageInfo { endCursor hasNextPage }
    }
  }
}
"""
ROWS = """
query($specs: JSONString!, $min: Int64!, $max: Int64!, $size: Int!) {
  project(name: "p", entityName: "ann") { run(name: "r") {
    history(minStep: $min, maxStep: $max, samples: $size)
    sample: history(samples: 2)
    sampledHistory(specs: [$specs])
    historyKeys
    events(samples: 5)
    systemMetrics
    parquetHistory(liveKeys: ["_step"]) { parquetUrls liveData }
  } }
}
"""
LOGS = """
query($first: Int, $after: String, $last: Int) {
  project(name: "p", entityName: "ann") { run(name: "r") {
    logLines(first: $first, after: $after, last: $last, useImprovedPagination: true) {
      edges { node { number line level label timestamp } } pageInfo { endCursor hasNextPage }
    }
  } }
}
"""
FILES = """
query($names: [String], $after: String, $first: Int, $upload: Boolean, $pattern: String) {
  project(name: "p", entityName: "ann") { internalId run(name: "r") { fileCount
    files(names: $names, after: $after, first: $first, pattern: $pattern) {
      edges { node { id name url(upload: $upload) directUrl sizeBytes mimetype updatedAt md5 }
              cursor }
      pageInfo { endCursor hasNextPage }
      totalCount
    }
  } }
}
"""


async def test_pages_of_runs_join_up_by_either_cursor(house):
    for name in "abcde":
        house.now += 1
        await house.upsert(name=name)
    names, after = "", None

    while True:
        project = (await house.data(RUNS, order="-created_at", after=after, first=2))["project"]
        page = project["runs"]
        names += "".join(edge["node"]["name"] for edge in page["edges"])
        assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert names == "edcba"
    assert project["runCount"] == 5
    assert page["edges"][0]["node"]["user"] == {"name": "ann", "username": "ann"}


async def test_filters_select_and_count(house):
    await house.upsert(name="a", config='{"lr":{"value":0.1}}')
    await house.upsert(name="b", config='{"lr":{"value":1}}')

    project = (await house.data(RUNS, filters='{"config.lr": {"$lt": 0.5}}'))["project"]

    assert project["runCount"] == 1
    assert [edge["node"]["name"] for edge in project["runs"]["edges"]] == ["a"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"filters": '{"x":{"$y":1}}'}, "`x`"),
        ({"filters": "nonsense"}, "filters"),
        ({"filters": '{"state":{"$y":1}}'}, r"$y"),
        ({"order": "+colour"}, "colour"),
        ({"after": "made-up"}, "cursor"),
        ({"first": -1}, "first"),
    ],
)
async def test_a_list_that_can_not_be_is_a_clear_error(house, said, told):
    await house.upsert()

    status, answer = await house.ask(RUNS, **said)

    assert status == 400
    assert told in answer["errors"][0]["message"]


async def test_a_page_is_never_empty_and_has_more(house):
    await house.upsert()
    await house.upsert(name="other")

    runs = (await house.data(RUNS, first=0))["project"]["runs"]

    assert len(runs["edges"]) == 1
    assert runs["pageInfo"]["hasNextPage"]


async def test_rows_come_exact_in_texts(house):
    await house.upsert()
    await house.log('{"_step":0,"a":NaN,"big":123456789012345678901}', '{"_step":1,"a":-Infinity}')

    run = (await rows(house, {"keys": ["a"]}))["project"]["run"]

    first, second = (json.loads(row) for row in run["history"])
    assert math.isnan(first["a"])
    assert first["big"] == 123456789012345678901
    assert second["a"] == -math.inf
    assert len(run["sample"]) == 2
    assert run["historyKeys"]["lastStep"] == 1
    assert run["parquetHistory"] == {"parquetUrls": [], "liveData": []}


async def rows(house, spec, *, context=None, low=0, high=100, size=100):
    said = {"specs": json.dumps(spec), "min": low, "max": high, "size": size}
    return await house.data(ROWS, context=context, **said)


async def test_numbers_that_are_none_are_texts_for_clients_that_decode_strictly(house):
    await house.upsert()
    await house.log('{"_step":0,"a":NaN}', '{"_step":1,"a":-Infinity}', '{"_step":2,"a":1}')

    strict = (await rows(house, {"keys": ["a"]}))["project"]["run"]["sampledHistory"]
    exact = await rows(house, {"keys": ["a"]}, context={"exact_numbers": True})

    assert [row["a"] for row in strict[0]] == ["NaN", "-Infinity", 1]
    values = [row["a"] for row in exact["project"]["run"]["sampledHistory"][0]]
    assert math.isnan(values[0])
    assert values[1:] == [-math.inf, 1]


async def test_a_page_holds_its_steps_and_no_other(house):
    await house.upsert()
    await house.log(*({"_step": step, "a": step} for step in range(10)))

    run = (await rows(house, {"keys": ["a"], "minStep": 2, "maxStep": 4, "samples": 3}, low=3,
                      high=6, size=3))["project"]["run"]  # fmt: skip

    assert [json.loads(row)["_step"] for row in run["history"]] == [3, 4, 5]
    assert [row["a"] for row in run["sampledHistory"][0]] == [2, 3, 4]


async def test_samples_of_all_specs_together_are_bounded(house):
    await house.upsert()
    specs = json.dumps({"keys": ["a"], "samples": 60_000})
    document = """query($specs: [JSONString!]) {
      project(name: "p", entityName: "ann") { run(name: "r") { sampledHistory(specs: $specs) } }
    }"""

    assert (await house.ask(document, specs=[specs]))[0] == 200
    status, answer = await house.ask(document, specs=[specs, specs])

    assert status == 400
    assert "100000" in answer["errors"][0]["message"]


async def test_system_metrics_are_the_last_ones(house):
    await house.upsert()
    await house.log({"system.cpu": 1}, {"system.cpu": 2, "_wandb": True}, file="wandb-events.jsonl")

    run = (await rows(house, {}))["project"]["run"]

    assert json.loads(run["systemMetrics"]) == {"system.cpu": 2}
    assert len(run["events"]) == 2


async def test_console_lines_come_in_pages_and_from_the_end(house):
    await house.upsert()
    lines = [f"{'ERROR ' * (n == 3)}2026-01-01T00:00:0{n}.5 line {n}" for n in range(5)]
    await house.log(*lines, file="output.log")

    async def numbers(**said):
        page = (await house.data(LOGS, **said))["project"]["run"]["logLines"]
        return [edge["node"]["number"] for edge in page["edges"]], page["pageInfo"]

    first, more = await numbers(first=3)
    rest, end = await numbers(first=3, after=more["endCursor"])
    last, _ = await numbers(last=2)
    assert (first, rest, last) == ([0, 1, 2], [3, 4], [3, 4])
    assert (more["hasNextPage"], end["hasNextPage"]) == (True, False)
    node = (await house.data(LOGS, last=2))["project"]["run"]["logLines"]["edges"][0]["node"]
    assert (node["line"], node["level"], node["timestamp"]) == (
        "line 3",
        "error",
        "2026-01-01T00:00:03.5Z",
    )


async def test_files_are_told_with_where_to_get_them(house):
    await house.upsert()
    run = await house.stores.runs.get("ann", "p", "r")
    for name in ("a.txt", "b.txt", "c.log"):
        file = RunFile(name, 2**40, "md5==", "sha", "text/plain", 10**15, "blob")
        await house.stores.files.put(run.id, file)

    told = (await house.data(FILES, names=[], first=2, upload=False, pattern="%.txt"))["project"]

    files = told["run"]["files"]
    node = files["edges"][0]["node"]
    assert (told["run"]["fileCount"], files["totalCount"]) == (3, 2)
    assert [edge["node"]["name"] for edge in files["edges"]] == ["a.txt", "b.txt"]
    assert (node["url"], node["sizeBytes"]) == ("http://here/get/1/a.txt", 2**40)
    assert node["updatedAt"] == "2001-09-09T01:46:40Z"
    only = (await house.data(FILES, names=["c.log", "gone"]))["project"]["run"]["files"]
    assert [edge["node"]["name"] for edge in only["edges"]] == ["c.log"]
    status, _ = await house.ask(FILES, pattern="%" * 9)
    assert status == 400


async def test_where_to_put_files_is_told_in_both_ways(house):
    await house.upsert()
    create = """
    mutation($files: [String!]!) { createRunFiles(input: {
      entityName: "ann", projectName: "p", runName: "r", files: $files
    }) { runID uploadHeaders files { name uploadUrl } } }
    """
    older = """
    query($files: [String]) { model(name: "p", entityName: "ann") { bucket(name: "r", desc: null) {
      id files(names: $files) { uploadHeaders edges { node { name url(upload: true) updatedAt } } }
    } } }
    """

    made = (await house.data(create, files=["a/b.txt"]))["createRunFiles"]
    legacy = (await house.data(older, files=["a/b.txt"]))["model"]["bucket"]["files"]

    assert made["files"] == [{"name": "a/b.txt", "uploadUrl": "http://here/put/1/a/b.txt"}]
    assert (bool(made["runID"]), made["uploadHeaders"]) == (True, [])
    assert legacy["edges"][0]["node"]["url"] == "http://here/put/1/a/b.txt"
    for bad in ("../x", "/x", ""):
        assert (await house.ask(create, files=[bad]))[0] == 400


async def test_uploads_are_confirmed_and_files_deleted(house):
    await house.upsert()
    run = await house.stores.runs.get("ann", "p", "r")
    mark = """
    mutation($files: [String!]!) { markRunFilesUploaded(input: {
      entityName: "ann", projectName: "p", runName: "r", files: $files
    }) { success } }
    """
    delete = """
    mutation($files: [ID!]!, $projectId: Int) {
      deleteFiles(input: {files: $files, projectId: $projectId}) { success }
    }
    """
    before = await house.data(mark, files=["a"])
    await house.stores.files.put(run.id, RunFile("a", 1, "", "", "", 0, "b"))

    after = await house.data(mark, files=["a"])
    node = (await house.data(FILES))["project"]["run"]["files"]["edges"][0]["node"]
    foreign = await house.data(delete, files=[node["id"]], role="stranger")
    own = await house.data(delete, files=[node["id"]], projectId=1)

    assert before["markRunFilesUploaded"]["success"] is False
    assert after["markRunFilesUploaded"]["success"] is True
    assert foreign["deleteFiles"]["success"] is False
    assert own["deleteFiles"]["success"] is True
    assert await house.stores.files.count(run.id) == 0


async def test_projects_are_listed_and_made(house):
    make = """
    mutation($name: String!, $description: String) { upsertModel(input: {
      entityName: "ann", name: $name, description: $description
    }) { inserted project { name description access views } model { entityName } } }
    """
    models = """
    query { models(entityName: "ann", first: 10) {
      edges { node { id name entityName createdAt isBenchmark user { username } } cursor }
      pageInfo { endCursor hasNextPage }
    } }
    """

    first = await house.data(make, name="p1", description="d")
    again = await house.data(make, name="p1")

    assert first["upsertModel"]["inserted"] is True
    assert again["upsertModel"]["inserted"] is False
    assert again["upsertModel"]["project"]["description"] == "d"
    (edge,) = (await house.data(models))["models"]["edges"]
    assert (edge["node"]["name"], edge["node"]["user"]["username"]) == ("p1", "ann")
    assert (await house.data(models, role="stranger"))["models"] is None


async def test_keys_are_made_and_removed_and_only_the_asking_one_is_shown(house):
    mine = "query { viewer { username entity flags admin email teams { edges { node { name } } } apiKeys { edges { node { id name description } } } } }"  # noqa: E501
    make = 'mutation { generateApiKey(input: {description: "d"}) { apiKey { id name } } }'
    drop = "mutation($id: String!) { deleteApiKey(input: {id: $id}) { success } }"

    key = (await house.data(make))["generateApiKey"]["apiKey"]
    viewer = (await house.data(mine))["viewer"]

    assert len(key["name"]) == 40
    assert [edge["node"]["name"] for edge in viewer["apiKeys"]["edges"]] == ["a" * 40]
    assert viewer["teams"]["edges"] == [{"node": {"name": "ann"}}]
    assert (viewer["entity"], viewer["flags"]) == ("ann", "{}")
    foreign = await house.data(drop, id=key["id"], role="stranger")
    assert foreign["deleteApiKey"]["success"] is False
    assert (await house.data(drop, id=key["id"]))["deleteApiKey"]["success"] is True


@pytest.mark.parametrize("said", [{"pattern": "x" * 60_000}, {"names": ["a"] * 300_000}])
async def test_more_about_files_than_a_query_holds_is_refused(house, said):
    await house.upsert()

    status, answer = await house.ask(FILES, **said)

    assert (status, answer["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")


async def test_numbers_beyond_31_bits_are_told_as_they_are(house):
    await house.upsert()
    run = await house.stores.runs.get("ann", "p", "r")
    # What Windows says of an access violation.
    progress = RunProgress(run.id, 1, state="failed", exit_code=3221225477)
    await house.stores.runs.note_progress([progress])

    told = await house.data(
        '{ project(name: "p") { run(name: "r") { exitcode historyLineCount } } }'
    )

    assert told["project"]["run"] == {"exitcode": 3221225477, "historyLineCount": 0}
