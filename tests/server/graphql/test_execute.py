"""Documents that can't be carried out, and who may ask for what."""

import json
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

import ferrule.graphql.schema as schema_module
from ferrule.errors import BadInput, BusyError, TooLarge
from ferrule.graphql import ids
from ferrule.graphql.documents import Documents, measure
from ferrule.graphql.schema import SDL, bound
from wandb._wire.graphql import operation, operations

pytestmark = pytest.mark.anyio

PROBE = """
query {
  Q: __type(name: "Query") { fields { name } }
  M: __type(name: "Mutation") { fields { name } }
  S: __type(name: "ServerInfo") { fields { name args { name } } }
  Settings: __type(name: "ServerSettings") { fields { name } }
  R: __type(name: "Run") { fields { name } }
  D: __type(name: "DeleteFilesInput") { inputFields { name } }
}
"""


async def test_probes_are_answered(house):
    told = await house.data(PROBE, role="nobody")

    names = {
        key: {field["name"] for field in kind.get("fields") or ()} for key, kind in told.items()
    }
    assert {"viewer", "serverInfo"} <= names["Q"]
    assert {"upsertBucket", "createRunFiles"} <= names["M"]
    assert {"cliVersionInfo", "latestLocalVersionInfo", "features"} <= names["S"]
    assert "projectId" in names["R"]
    assert names["Settings"]
    assert {"name": "projectId"} in told["D"]["inputFields"]


async def test_the_server_tells_what_it_can_do(house):
    info = (
        await house.data(
            "#graphql\nquery { serverInfo { cliVersionInfo features { name isEnabled } "
            "latestLocalVersionInfo { outOfDate latestVersionString } } }"
        )
    )["serverInfo"]

    assert info["cliVersionInfo"]["max_cli_version"] == "0.99.0"
    assert {"name": "FILESTREAM_GZIP", "isEnabled": True} in info["features"]
    assert {"name": "FERRULE", "isEnabled": True} in info["features"]
    assert "STRUCTURED_CONSOLE_LOGS" not in json.dumps(info)
    assert info["latestLocalVersionInfo"]["outOfDate"] is False


@pytest.mark.parametrize("name", [None, ""])
async def test_one_operation_needs_no_name(house, name):
    assert await house.data("{ viewer { id } }", operation=name)


async def test_an_operation_is_chosen_by_name(house):
    two = "query A { viewer { id } } query B { serverInfo { cliVersionInfo } }"

    assert "serverInfo" in await house.data(two, operation="B")
    assert (await house.ask(two))[0] == 400
    assert (await house.ask(two, operation="C"))[0] == 400


async def test_variables_that_are_not_declared_are_passed_over(house):
    assert await house.data("query { viewer { id } }", usedAs="x")


async def test_one_item_stands_for_a_list(house):
    await house.upsert()
    bare = """
    query($specs: JSONString!) { project(name: "p", entityName: "ann") { run(name: "r") {
      sampledHistory(specs: $specs)
    } } }
    """

    told = await house.data(bare, specs='{"keys":["a"]}')

    assert told["project"]["run"]["sampledHistory"] == [[]]


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("{", 400),
        ("", 400),
        ("{ nonsense }", 400),
        ("{ viewer }", 400),
        ("fragment F on Query { viewer { id } }", 400),
        ("query($a: Nope) { viewer { id } }", 400),
        ("query($a: Int) { project(name: $a) { id } }", 400),
        ("{ viewer { id " + "#" * 100_001 + "\n} }", 413),
        ("{ " + "viewer { id } " * 5_000 + "}", 400),
        ("{ " + "viewer { id } " * 400 + "}", 400),
        ("{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(1_500)) + "}", 413),
        ("{ __schema " + "{ types { ofType " * 30 + "{ name }" + "} }" * 30 + " }", 413),
        ("{ ...F } fragment F on Query { ...F }", 400),
        ("{ a " * 3_000 + "} " * 3_000, 400),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_a_document_that_can_not_be_carried_out_is_refused(house, document, status):
    told, answer = await house.ask(document)

    assert told == status
    assert answer["errors"][0]["message"]


async def test_fragments_that_double_at_each_level_are_counted_not_spread(house):
    levels = 40
    bomb = "{ ...F0 }" + "".join(
        f" fragment F{n} on Query {{ a{n}: viewer {{ id }} ...F{n + 1} b{n}: viewer {{ id }} "
        f"...F{n + 1} }}"
        for n in range(levels)
    )
    bomb += f" fragment F{levels} on Query {{ viewer {{ id }} }}"

    assert (await house.ask(bomb))[0] == 413


async def test_a_variable_of_a_wrong_type_is_told(house):
    status, answer = await house.ask("query($n: String) { project(name: $n) { id } }", n=5)

    assert status == 400
    assert "$n" in answer["errors"][0]["message"]


async def test_without_a_key_only_the_server_and_the_schema_are_told(house):
    assert (await house.data("{ viewer { id } }", role="nobody"))["viewer"] is None
    for document in (
        '{ project(name: "p", entityName: "ann") { id } }',
        '{ models(entityName: "ann") { edges { cursor } } }',
        '{ entity(name: "ann") { id } }',
        'mutation { upsertBucket(input: {name: "r"}) { inserted } }',
        'mutation { stopRun(input: {id: "UnVuOjE="}) { success } }',
        "mutation { generateApiKey(input: {}) { apiKey { name } } }",
    ):
        status, answer = await house.ask(document, role="nobody")
        assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_key_that_is_not_known_is_told_so(house):
    status, answer = await house.ask(
        "{ viewer { id } }", role="nobody", context={"api_key": "f" * 40}
    )

    assert status == 401
    assert "does not know" in answer["errors"][0]["message"]


async def test_a_stranger_sees_and_changes_nothing(house):
    run = (await house.upsert())["bucket"]
    project = '{ project(name: "p", entityName: "ann") { id } model(name: "p", entityName: "ann") { id } }'  # noqa: E501

    assert await house.data(project, role="stranger") == {"project": None, "model": None}
    for document in (
        'mutation { upsertBucket(input: {name: "x", entityName: "ann"}) { inserted } }',
        f'mutation {{ upsertBucket(input: {{id: "{run["id"]}", notes: "x"}}) {{ inserted }} }}',
        f'mutation {{ stopRun(input: {{id: "{run["id"]}"}}) {{ success }} }}',
        f'mutation {{ deleteRun(input: {{id: "{run["id"]}"}}) {{ clientMutationId }} }}',
        'mutation { updateRunState(input: {id: "ID", state: "failed"}) { success } }'.replace(
            "ID", run["id"]
        ),
        'mutation { upsertModel(input: {entityName: "ann", name: "q"}) { inserted } }',
        'mutation { createRunFiles(input: {entityName: "ann", projectName: "p", runName: "r", '
        'files: ["a"]}) { runID } }',
    ):
        status, answer = await house.ask(document, role="stranger")
        assert (status, answer["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    kept = await house.stores.runs.get("ann", "p", "r")
    assert (kept.state, kept.notes, kept.stop_requested) == ("running", "", False)


async def test_an_admin_sees_everything(house):
    await house.upsert()

    told = await house.data('{ project(name: "p", entityName: "ann") { name } }', role="admin")

    assert told["project"]["name"] == "p"


async def test_an_entity_that_is_none_is_none_for_admins_too(house):
    for role, names in (("admin", ["ann", "root"]), ("member", ["ann"])):
        for name in ("ann", "root", "nobody", ""):
            told = await house.data(f'{{ entity(name: "{name}") {{ name }} }}', role=role)
            assert told["entity"] == ({"name": name} if name in names else None)


async def test_a_defect_is_told_by_a_number_alone(house, caplog):
    class Broken:
        async def get(self, *_names):
            raise RuntimeError("secret")

    broken = {"stores": type("Stores", (), {"projects": Broken(), "people": house.stores.people})()}
    status, answer = await house.ask('{ project(name: "p") { id } }', context=broken)

    message = answer["errors"][0]["message"]
    assert status == 500
    assert "secret" not in message
    assert message.rstrip(".").rpartition(" ")[2] in caplog.text


async def test_a_busy_moment_is_told_as_one(house):
    class Busy:
        async def get(self, *_names):
            raise BusyError("Later, please.")

    busy = {"stores": type("Stores", (), {"projects": Busy(), "people": house.stores.people})()}
    status, _ = await house.ask('{ project(name: "p") { id } }', context=busy)

    assert status == 503


@pytest.mark.parametrize("bad", ["", "x", "UnVuOng=", "UHJvamVjdDox", "é", "UnVuOi0x"])
def test_ids_that_were_made_up_are_refused(bad):
    with pytest.raises(BadInput):
        ids.number("Run", bad)


def test_ids_are_read_back():
    assert ids.number("Run", ids.written("Run", 17)) == 17


def test_a_document_is_checked_once():
    documents = Documents(build_schema("type Query { a: Int }"), max_tokens=16)

    first = documents.get("{ a }")

    assert documents.get("{ a }") is first
    documents.get("{ b: a }")
    documents.get("{ a }")
    documents.get("{ c: a }")
    assert documents.get("{ a }") is first


def test_a_field_without_a_resolver_ends_the_start(monkeypatch):
    with pytest.raises(ValueError, match="colour"):
        bound(SDL.read_text().replace("type User {", "type User {\n colour: String"))
    with pytest.raises(ValueError, match="Cat"):
        bound(SDL.read_text() + "\ntype Cat { name: String }")
    monkeypatch.setitem(schema_module.RESOLVERS, "Dog", {})
    with pytest.raises(ValueError, match="Dog"):
        bound(SDL.read_text())


def test_depth_counts_fragments():
    deep = parse("{ ...A } fragment A on Q { a " + "{ a " * 30 + "}" * 30 + "}")

    with pytest.raises(TooLarge):
        measure(deep, 1_000)


@pytest.mark.parametrize("name", operations())
def test_what_our_own_client_sends_is_served(name):
    assert validate(build_schema(Path(SDL).read_text()), parse(operation(name))) == []
