"""A server over folders takes the times of runs from whoever reads them; no other server does."""

import json

import pytest

from server.http.conftest import NOW, STREAM, opened
from wandb._wire.times import BEGAN_HEADER, HEARD_HEADER

pytestmark = pytest.mark.anyio
MADE = """
mutation Make($name: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: "cats", entityName: "alice", config: $config}) {
    bucket { name displayName }
  }
}
"""
EARLIER = {BEGAN_HEADER: f"{NOW - 5000:.6f}", HEARD_HEADER: f"{NOW - 4000:.6f}"}


async def made(house, name, headers, config="{}"):
    variables = {"name": name, "config": config}
    body = json.dumps({"query": MADE, "variables": variables})
    answer = await house.ask("POST", "/graphql", data=body, headers=headers)
    assert "errors" not in answer.body, answer
    return await house.run(name)


@pytest.fixture
async def over_folders(tmp_path):
    async with opened(tmp_path, in_place=True) as house:
        yield house


async def test_run_is_as_old_and_took_as_long_as_is_told(over_folders):
    run = await made(over_folders, "old", EARLIER)
    body = json.dumps({"files": {}, "complete": True, "exitcode": 0})
    await over_folders.ask(
        "POST", STREAM.replace("run1", "old"), data=body, headers=EARLIER, role="member"
    )

    shown = await over_folders.ask("GET", "/api/v1/runs/alice/cats/old")

    assert run.created_at == int((NOW - 5000) * 1e6)
    assert shown.body["duration"] == 1000
    assert shown.body["state"] == "finished"
    assert shown.body["display_name"] == "old"


async def test_any_other_server_goes_by_its_clock(house):
    run = await made(house, "new", EARLIER)

    assert (run.created_at, run.heartbeat_at) == (int(NOW * 1e6), int(NOW * 1e6))
    assert run.display_name != "new"


@pytest.mark.parametrize("told", ["", "soon", "nan", "inf", "-1", "0", f"{NOW + 60}"])
async def test_times_that_can_not_be_are_now(over_folders, told):
    run = await made(over_folders, "odd", {BEGAN_HEADER: told, HEARD_HEADER: told})

    assert (run.created_at, run.heartbeat_at) == (int(NOW * 1e6), int(NOW * 1e6))


async def test_fork_of_a_run_that_is_not_there_is_shown(over_folders):
    point = {"_wandb": {"value": {"branch_point": {"run_id": "elsewhere", "step": 3}}}}

    run = await made(over_folders, "fork", {}, json.dumps(point))

    assert run.name == "fork"
