"""GraphQL over HTTP: who may ask what, and what a bad request is told."""

import pytest

from ferrule.errors import BusyError
from ferrule.http.graphql import ENGINE
from server.http.conftest import NOW, basic, opened

pytestmark = pytest.mark.anyio

RUN = 'query { project(name: "cats", entityName: "alice") { run(name: "run1") { name state } } }'
UPSERT = """mutation Upsert($name: String, $project: String, $entity: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, config: $config}) {
    bucket { name } inserted
  }
}"""


async def ask(house, query, *, role="member", variables=None, **more):
    body = {"query": query, "variables": variables, **more}
    return await house.ask("POST", "/graphql", role=role, json=body)


async def test_member_and_admin_see_a_run_and_others_see_none(house):
    for role in ("member", "admin"):
        answer = await ask(house, RUN, role=role)
        assert answer.body["data"]["project"]["run"]["name"] == "run1", role

    stranger = await ask(house, RUN, role="stranger")
    unknown = await ask(house, RUN.replace("alice", "nobody"), role="member")
    assert (stranger.status, stranger.body["data"]) == (200, {"project": None})
    assert unknown.body["data"] == {"project": None}


async def test_viewer_without_a_key_is_nobody(house):
    answer = await ask(house, "{ viewer { username } }", role=None)

    assert answer.body.get("data", {"viewer": None})["viewer"] is None


async def test_unknown_key_is_told_so(house):
    answer = await house.ask(
        "POST",
        "/graphql",
        json={"query": "{ viewer { username } }"},
        headers={"Authorization": basic("d" * 40)},
    )

    assert answer.status == 401 or answer.body["data"]["viewer"] is None


async def test_only_members_make_runs(house):
    variables = {"name": "made", "project": "cats", "entity": "alice", "config": "{}"}

    refused = [
        await ask(house, UPSERT, role=role, variables=variables) for role in (None, "stranger")
    ]
    assert await house.run("made") is None
    made = await ask(house, UPSERT, variables=variables)

    assert all("errors" in answer.body for answer in refused)
    assert made.body["data"]["upsertBucket"] == {"bucket": {"name": "made"}, "inserted": True}


async def test_change_by_graphql_is_seen_by_the_next_post(house):
    await house.post_lines(history=(0, [{"_step": 0}]))
    told = await ask(house, RUN.replace("state", "id"))
    run_id = told.body["data"]["project"]["run"]["id"]

    await ask(house, f'mutation {{ stopRun(input: {{id: "{run_id}"}}) {{ success }} }}')

    assert (await house.post_lines()).body["stopped"] is True


async def test_answer_tells_of_every_post_before_it(house):
    await house.post_lines(more={"complete": True, "exitcode": 0}, summary=(0, [{"x": 1}]))

    answer = await ask(house, RUN)

    assert answer.body["data"]["project"]["run"]["state"] == "finished"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"query": 1}',
        b'{"query": ""}',
        b'{"query": "{ viewer { id "}',
        b'{"query": "{ viewer { noSuchField } }"}',
        b'{"query": "{ viewer { id } }", "variables": []}',
        b'{"query": "{ viewer { id } }", "variables": "x"}',
        b'{"query": "{ viewer { id } }", "operationName": 5}',
        b'{"query": "query A { viewer { id } }", "operationName": "B"}',
        b'{"query": "\\ud800"}',
    ],
)
async def test_bad_document_is_refused_with_a_message(house, body):
    answer = await house.ask("POST", "/graphql", data=body)

    assert answer.status == 400, answer
    assert answer.body["errors"][0]["message"]


async def test_too_deep_and_too_large_documents_are_refused(house):
    deep = "{ viewer " + "{ teams { edges { node " * 60 + "{ name }" + " } } }" * 60 + " }"
    wide = "{ " + " ".join(f"a{i}: viewer {{ id }}" for i in range(20_000)) + " }"

    for query in (deep, wide):
        answer = await ask(house, query)
        assert answer.status in (400, 413)
        assert "errors" in answer.body


async def test_names_left_empty_are_no_names(house):
    for name in (None, ""):
        assert (await ask(house, "{ viewer { username } }", operationName=name)).status == 200


async def test_busy_store_is_told_as_a_fault_that_passes(house, monkeypatch):
    async def full(change):
        raise BusyError("The disk is full.", retry_after_secs=3)

    monkeypatch.setattr(house.stores.runs, "upsert", full)
    variables = {"name": "made", "project": "cats", "entity": "alice", "config": "{}"}

    answer = await ask(house, UPSERT, variables=variables)

    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) >= 1


async def test_upload_address_of_a_mutation_takes_the_file(tmp_path):
    async with opened(tmp_path) as house:
        mutation = """mutation { createRunFiles(input: {entityName: "alice", projectName: "cats",
            runName: "run1", files: ["media/a.txt"]}) { runID files { name uploadUrl } } }"""
        told = (await ask(house, mutation)).body["data"]["createRunFiles"]["files"][0]
        path = "/" + told["uploadUrl"].partition("//")[2].partition("/")[2]

        put = await house.ask("PUT", path, role=None, data=b"abc")

        assert put.status == 200
        assert (await house.ask("GET", "/storage/runs/1/media/a.txt")).body == b"abc"


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", "a\\u0000b", "a//b"])
async def test_file_names_that_leave_the_run_get_no_address(house, name):
    mutation = f"""mutation {{ createRunFiles(input: {{entityName: "alice", projectName: "cats",
        runName: "run1", files: ["{name}"]}}) {{ files {{ uploadUrl }} }} }}"""

    answer = await ask(house, mutation)

    assert "errors" in answer.body
    run = await house.run()
    assert await house.stores.files.count(run.id) == 0


async def test_stranger_may_send_no_more_than_a_stranger_needs(house):
    long = "{ viewer { id } }" + " " * (70 << 10)
    wide = "{ " + " ".join(f"a{i}: viewer {{ id }}" for i in range(60)) + " }"

    for query, status in ((long, 401), (wide, 413)):
        assert (await ask(house, query, role=None)).status == status
        assert (await ask(house, query)).status == 200


async def test_large_body_with_an_unknown_key_is_told_of_the_key(house):
    body = {"query": UPSERT, "variables": {"name": "x", "config": " " * (70 << 10)}}

    answer = await house.ask(
        "POST", "/graphql", json=body, headers={"Authorization": basic("d" * 40)}
    )

    assert answer.status == 401


async def test_document_of_a_stranger_is_not_kept(house):
    engine = (await house.client.server.app[ENGINE].load()).__globals__["_documents"]()
    before = len(engine)

    await ask(house, "{ mine: viewer { id } }", role=None)
    assert len(engine) == before
    await ask(house, "{ mine: viewer { id } }")
    assert len(engine) == before + 1


async def test_runs_are_made_at_the_time_of_the_server(house):
    variables = {"name": "made", "project": "cats", "entity": "alice", "config": "{}"}

    await ask(house, UPSERT, variables=variables)

    assert (await house.run("made")).created_at == int(NOW * 1e6)
