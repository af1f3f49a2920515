"""From a run's first upsert to its deletion, as clients ask for it."""

import json

import pytest

from ferrule.ports.history import FOREVER, Span
from ferrule.ports.runs import RunProgress

pytestmark = pytest.mark.anyio

RESUME = """
query($name: String!, $project: String, $entity: String) {
  model(name: $project, entityName: $entity) {
    id name entity { id name }
    bucket(name: $name, missingOk: true) {
      id name summaryMetrics displayName logLineCount historyLineCount eventsLineCount historyTail
      eventsTail config tags notes wandbConfig(keys: ["t"])
    }
  }
}
"""
REWIND = """
mutation($run: String!, $metric: String!, $value: Float!) {
  rewindRun(input: {runName: $run, projectName: "p", metricName: $metric, metricValue: $value}) {
    rewoundRun { id name historyLineCount project { name entity { name } } }
  }
}
"""


async def test_a_run_is_made_with_all_that_a_client_needs_to_go_on(house):
    made = await house.upsert(config='{"a":{"value":1}}', tags=["t"], host="box")

    bucket = made["bucket"]
    assert made["inserted"] is True
    assert made["serverSettings"] == {"serverMessages": []}
    assert (bucket["name"], bucket["state"]) == ("r", "running")
    assert bucket["project"]["name"] == "p"
    assert bucket["project"]["entity"]["name"] == "ann"
    assert bucket["displayName"].endswith("-1")
    assert bucket["historyLineCount"] == 0
    assert bucket["config"] == '{"a":{"value":1}}'
    assert [run.name for run in house.changed] == ["r"]


@pytest.mark.parametrize("entity", [None, ""])
async def test_without_an_entity_a_run_is_the_callers(house, entity):
    made = await house.upsert(entityName=entity)

    assert made["bucket"]["project"]["entity"]["name"] == "ann"


async def test_without_a_project_a_run_is_uncategorized(house):
    made = await house.upsert(modelName=None)

    assert made["bucket"]["project"]["name"] == "uncategorized"


async def test_a_known_run_is_changed_and_keeps_what_is_null(house):
    first = await house.upsert(config='{"a":{"value":1}}', notes="n", tags=["x"])

    second = await house.upsert(config='{"b":{"value":2}}', notes=None, tags=None)

    assert second["inserted"] is False
    assert second["bucket"]["id"] == first["bucket"]["id"]
    assert second["bucket"]["config"] == '{"b":{"value":2}}'
    assert (second["bucket"]["notes"], second["bucket"]["tags"]) == ("n", ["x"])


async def test_lines_to_go_on_from_are_told_unless_the_client_resumed(house):
    run = (await house.upsert(host="box"))["bucket"]
    await house.log({"_step": 0, "a": 1}, {"_step": 1, "a": 2})

    again = await house.upsert(host="box")
    resumed = await house.upsert(id=run["id"], host="box")

    assert again["bucket"]["historyLineCount"] == 2
    assert resumed["bucket"]["historyLineCount"] is None


async def test_an_edit_by_id_leaves_an_ended_run_ended(house):
    run = (await house.upsert(host="box"))["bucket"]
    kept = await house.stores.runs.get("ann", "p", "r")
    await house.stores.runs.note_progress([RunProgress(kept.id, 1, state="finished", exit_code=0)])

    edited = await house.upsert(id=run["id"], displayName="new", summaryMetrics='{"a":1}')

    assert edited["bucket"]["state"] == "finished"
    assert (edited["bucket"]["displayName"], edited["bucket"]["summaryMetrics"]) == (
        "new",
        '{"a":1}',
    )


async def test_configs_of_many_writers_are_laid_over_each_other(house):
    await house.upsert(config='{"a":{"value":1}}', context={"async_writer": "w1"})

    both = await house.upsert(config='{"b":{"value":2}}', context={"async_writer": "w2"})

    assert json.loads(both["bucket"]["config"]) == {"a": {"value": 1}, "b": {"value": 2}}


async def test_writers_count_their_own_lines(house):
    await house.upsert(context={"async_writer": "w1"})
    await house.log({"a": 1}, {"a": 2}, writer="w1")

    first = await house.upsert(context={"async_writer": "w1"})
    second = await house.upsert(context={"async_writer": "w2"})

    assert first["bucket"]["historyLineCount"] == 2
    assert second["bucket"]["historyLineCount"] == 0


async def test_resuming_tells_where_the_run_stands(house):
    config = '{"a":{"value":1},"_wandb":{"value":{"t":{"3":[2]},"m":[]}}}'
    await house.upsert(config=config, tags=["x"], notes="n", summaryMetrics='{"a":NaN}')
    await house.log({"_step": 0, "a": 1}, '{"_step":1,"a":NaN}')
    await house.log({"_runtime": 1, "system.cpu": 5}, file="wandb-events.jsonl")
    await house.log("2026-01-01T00:00:00.0 hi", file="output.log")

    model = (await house.data(RESUME, project="p", name="r", entity=None))["model"]

    bucket = model["bucket"]
    assert model["entity"]["name"] == "ann"
    assert (bucket["historyLineCount"], bucket["eventsLineCount"]) == (2, 1)
    assert bucket["logLineCount"] == 1
    assert bucket["summaryMetrics"] == '{"a":NaN}'
    (last,) = json.loads(bucket["historyTail"])
    assert json.loads(last)["_step"] == 1
    assert json.loads(json.loads(bucket["eventsTail"])[0])["system.cpu"] == 5
    assert json.loads(bucket["wandbConfig"]) == {"t": {"3": [2]}}
    assert (bucket["tags"], bucket["notes"], bucket["config"]) == (["x"], "n", config)


async def test_a_run_or_project_that_is_not_there_is_null(house):
    assert (await house.data(RESUME, project="p", name="r"))["model"] is None

    await house.upsert()

    assert (await house.data(RESUME, project="p", name="x"))["model"]["bucket"] is None


async def test_a_fork_sees_its_parents_rows(house):
    parent = (await house.upsert())["bucket"]
    await house.log(*({"_step": step, "a": step} for step in range(5)))
    point = {"_wandb": {"value": {"branch_point": {"run_id": "r", "step": 2}}}}

    fork = await house.upsert(name="fork", config=json.dumps(point), host="box")
    await house.log({"_step": 3, "a": 30}, name="fork")

    assert fork["bucket"]["historyLineCount"] == 0
    assert await steps(house, "fork") == [0, 1, 2, 3]
    assert await steps(house, "r") == [0, 1, 2, 3, 4]
    assert fork["bucket"]["id"] != parent["id"]


async def test_a_fork_of_nothing_is_refused(house):
    point = {"_wandb": {"value": {"branch_point": {"run_id": "gone", "step": 2}}}}
    said = {"name": "fork", "modelName": "p", "config": json.dumps(point)}

    status, answer = await house.ask(
        "mutation($input: UpsertBucketInput!) { upsertBucket(input: $input) { inserted } }",
        input=said,
    )

    assert status == 404
    assert "gone" in answer["errors"][0]["message"]
    assert await house.stores.runs.get("ann", "p", "fork") is None


async def test_a_rewound_run_goes_on_from_the_step(house):
    await house.upsert()
    await house.log(*({"_step": step, "a": step} for step in range(5)))

    rewound = (await house.data(REWIND, run="r", metric="_step", value=2.0))["rewindRun"]
    await house.log({"_step": 3, "a": 30})

    run = await house.stores.runs.get("ann", "p", "r")
    assert rewound["rewoundRun"]["historyLineCount"] == 0
    assert run.scope == (Span(run.id, 0, 2), Span(run.id, 1, FOREVER))
    assert await steps(house, "r") == [0, 1, 2, 3]
    assert house.changed[-1].attempt == 1


async def test_a_rewound_run_that_logged_nothing_more_resumes_after_its_rows(house):
    await house.upsert(config='{"_wandb":{"value":{"t":{}}}}')
    await house.log(*({"_step": step} for step in range(5)))
    await house.data(REWIND, run="r", metric="_step", value=2.0)

    bucket = (await house.data(RESUME, project="p", name="r"))["model"]["bucket"]

    assert bucket["historyLineCount"] == 3
    assert json.loads(json.loads(bucket["historyTail"])[0])["_step"] == 2


async def test_rewinding_what_is_not_there_or_can_not_be(house):
    assert (await house.data(REWIND, run="r", metric="_step", value=2))["rewindRun"] == {
        "rewoundRun": None
    }
    for metric, value in (("loss", 2.0), ("_step", -1.0), ("_step", 1.5)):
        status, _ = await house.ask(REWIND, run="r", metric=metric, value=value)
        assert status == 400


async def steps(house, name):
    document = """
    query($run: String!) { project(name: "p", entityName: "ann") { run(name: $run) {
      history(minStep: 0, maxStep: 1000, samples: 1000)
    } } }
    """
    rows = (await house.data(document, run=name))["project"]["run"]["history"]
    return [json.loads(row)["_step"] for row in rows]


async def test_a_stop_is_asked_for_and_seen(house):
    run = (await house.upsert())["bucket"]
    stopped = 'query { project(name: "p", entityName: "ann") { run(name: "r") { stopped } } }'
    before = await house.data(stopped)

    asked = await house.data(
        "mutation($id: ID!) { stopRun(input: {id: $id}) { success clientMutationId } }",
        id=run["id"],
    )

    assert before["project"]["run"]["stopped"] is False
    assert asked["stopRun"]["success"] is True
    assert (await house.data(stopped))["project"]["run"]["stopped"] is True
    assert house.changed[-1].name == "r"


async def test_a_deleted_run_is_gone(house):
    run = (await house.upsert())["bucket"]
    delete = "mutation($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }"

    await house.data(delete, id=run["id"])

    assert await house.stores.runs.get("ann", "p", "r") is None
    status, answer = await house.ask(delete, id=run["id"])
    assert (status, answer["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


async def test_a_state_is_set_by_name(house):
    run = (await house.upsert())["bucket"]
    update = """
    mutation($input: UpdateRunStateInput!) { updateRunState(input: $input) { success } }
    """

    said = await house.data(update, input={"id": run["id"], "state": "failed"})

    assert said["updateRunState"]["success"]
    assert (await house.stores.runs.get("ann", "p", "r")).state == "failed"
    status, _ = await house.ask(update, input={"id": run["id"], "state": "asleep"})
    assert status == 400


async def test_alerts_of_one_title_are_kept_once_in_a_while(house):
    await house.upsert()
    alert = """
    mutation($wait: Duration) { notifyScriptableRunAlert(input: {
      entityName: "ann", projectName: "p", runName: "r", title: "T", text: "x", severity: WARN,
      waitDuration: $wait
    }) { success } }
    """

    for _ in range(2):
        assert (await house.data(alert, wait=300_000))["notifyScriptableRunAlert"]["success"]
    house.now += 300_000_000
    await house.data(alert, wait=300_000)

    run = await house.stores.runs.get("ann", "p", "r")
    assert [each.level for each in await house.stores.runs.alerts(run.id)] == ["WARN", "WARN"]
