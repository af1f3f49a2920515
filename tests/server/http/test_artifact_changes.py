"""Lineage of artifacts, what is changed of them, and who may do what."""

import pytest

from ferrule.graphql import ids
from server.http.conftest import NAMES
from server.http.saving import (
    COMMIT,
    CREATE,
    FILES,
    MANIFEST,
    MUTATIONS,
    Saver,
    hexed,
    md5_of,
    number,
    place,
    stored,
)

pytestmark = pytest.mark.anyio


OF_RUN = """
query { project(name: "cats", entityName: "alice") { run(name: "run1", desc: "") {
  outputArtifacts(first: 10) { totalCount edges { node { id } cursor } pageInfo { hasNextPage } }
  inputArtifacts { totalCount edges { node { id } } }
} } }
"""


async def test_run_has_what_it_made_and_used(saver):
    one, other = await saver.save({"a": b"1"}), await saver.save({"a": b"2"})
    said = {"artifactID": one["id"], "runName": "run1", "usedAs": "ds:v0", **saver.place}
    for _ in range(2):
        used = await saver.data(
            MUTATIONS["use"],
            input={**said, "artifactEntityName": "alice", "artifactProjectName": "cats"},
        )
    await saver.create()

    run = (await saver.data(OF_RUN))["project"]["run"]

    assert used["useArtifact"]["artifact"] == {"id": one["id"]}
    made = [edge["node"]["id"] for edge in run["outputArtifacts"]["edges"]]
    assert made == [one["id"], other["id"]]
    assert [edge["node"]["id"] for edge in run["inputArtifacts"]["edges"]] == [one["id"]]
    artifact = await saver.read(one["id"])
    assert artifact["usedBy"]["edges"] == [{"node": {"name": "run1"}}]


async def test_artifact_can_be_described_anew(saver):
    saved = await saver.save(tags=[{"tagName": "old"}, {"tagName": "kept"}], description="was")
    said = {
        "artifactID": saved["id"],
        "metadata": '{"m": 2}',
        "ttlDurationSeconds": 90,
        "tagsToAdd": [{"tagName": "new"}],
        "tagsToDelete": [{"tagName": "old"}],
        "aliases": None,
    }

    await saver.data(MUTATIONS["update"], input=said)
    changed = await saver.read(saved["id"])
    await saver.data(
        MUTATIONS["update"],
        input={"artifactID": saved["id"], "description": "is", "ttlDurationSeconds": -1},
    )
    again = await saver.read(saved["id"])

    assert (changed["description"], changed["metadata"]) == ("was", '{"m": 2}')
    assert changed["tags"] == [{"name": "kept"}, {"name": "new"}]
    assert (changed["ttlDurationSeconds"], changed["ttlIsInherited"]) == (90, False)
    assert (again["description"], again["metadata"]) == ("is", '{"m": 2}')
    assert (again["ttlDurationSeconds"], again["ttlIsInherited"]) == (-2, True)


async def test_aliases_move_and_go(saver):
    one, other = await saver.save({"a": b"1"}), await saver.save({"a": b"2"})

    await saver.data(
        MUTATIONS["add"], input={"artifactID": one["id"], "aliases": [place("x"), place("latest")]}
    )
    assert await saver.aliases(one["id"]) == ["x", "latest", "v0"]
    assert await saver.aliases(other["id"]) == ["v1"]
    await saver.data(MUTATIONS["drop"], input={"artifactID": one["id"], "aliases": [place("x")]})
    assert await saver.aliases(one["id"]) == ["latest", "v0"]
    wanted = [{"artifactCollectionName": "ds", "alias": name} for name in ("p", "q")]
    await saver.data(MUTATIONS["update"], input={"artifactID": one["id"], "aliases": wanted})
    assert await saver.aliases(one["id"]) == ["p", "q", "v0"]


async def test_alias_in_another_collection_is_not_given(saver):
    one = await saver.save()
    await saver.save(name="other")

    done = await saver.data(
        MUTATIONS["add"], input={"artifactID": one["id"], "aliases": [place("x", "other")]}
    )
    unknown = await saver.answer(
        MUTATIONS["add"], input={"artifactID": one["id"], "aliases": [place("x", "nothing")]}
    )

    assert done["addAliases"] == {"success": False}
    assert unknown.status == 404


async def test_artifact_with_aliases_is_deleted_only_with_them(saver):
    one, other = await saver.save({"a": b"1"}), await saver.save({"a": b"2"})

    kept = await saver.answer(MUTATIONS["delete"], input={"artifactID": other["id"]})
    gone = await saver.data(
        MUTATIONS["delete"], input={"artifactID": other["id"], "deleteAliases": True}
    )

    assert kept.status == 409
    assert "has the aliases latest" in kept.body["errors"][0]["message"]
    assert gone["deleteArtifact"]["artifact"] == {"id": other["id"], "state": "DELETED"}
    assert await saver.read(other["id"]) is None
    assert await saver.aliases(one["id"]) == ["latest", "v0"]
    assert (await saver.save({"a": b"2"}))["versionIndex"] == 2


async def test_deleted_artifacts_files_are_given_to_nobody(saver):
    saved = await saver.save({"a": b"1"})
    artifact = await saver.read(saved["id"])
    urls = [
        artifact["files"]["edges"][0]["node"]["directUrl"],
        artifact["currentManifest"]["file"]["directUrl"],
    ]

    await saver.data(MUTATIONS["delete"], input={"artifactID": saved["id"], "deleteAliases": True})

    assert [(await saver.get(url)).status for url in urls] == [404, 404]
    assert (await saver.get(f"/artifacts/alice/{hexed(b'1')}", role="member")).status == 404


async def test_run_is_deleted_with_what_it_made(saver):
    saved = [await saver.save({"a": str(number).encode()}) for number in range(60)]
    run = await saver.house.run()
    document = """
    mutation($id: ID!) { deleteRun(input: {id: $id, deleteArtifacts: true}) {
      clientMutationId } }"""

    await saver.data(document, id=ids.written("Run", run.id))

    assert [await saver.read(one["id"]) for one in saved] == [None] * 60


async def test_digest_gives_no_access_to_others_content(house):
    alice, bob = Saver(house), Saver(house, "stranger", entity="bob", project="dogs", run=None)
    await alice.save({"secret": b"the secret"})
    made = await bob.create()

    places = await bob.places(made["id"], {"mine": b"the secret"})
    assert places[0]["uploadUrl"] is not None
    assert places[0]["artifact"] == {"id": made["id"]}
    await bob.bring_manifest(made["id"], {"mine": stored(b"the secret")})
    refused = await bob.answer(COMMIT, artifactID=made["id"])

    assert refused.status == 400
    assert "never came" in refused.body["errors"][0]["message"]
    for path in (
        f"/artifacts/bob/{hexed(b'the secret')}",
        f"/artifacts/alice/{hexed(b'the secret')}",
    ):
        assert (await bob.get(path, role="stranger")).status == 404


async def test_uploaded_content_of_ones_own_is_kept_once_and_readable(house):
    alice, bob = Saver(house), Saver(house, "stranger", entity="bob", project="dogs", run=None)
    await alice.save({"a": b"same"})

    saved = await bob.save({"b": b"same"})

    answer = await bob.get(f"/artifacts/bob/{hexed(b'same')}", role="stranger")
    assert (answer.status, answer.body) == (200, b"same")
    assert (await bob.read(saved["id"]))["size"] == 4


async def test_draft_may_name_files_that_its_maker_reads_elsewhere(house):
    alice = Saver(house)
    source = await alice.save({"a": b"1"})
    root = Saver(house, "admin", entity="root", project="mine", run=None)
    made = await root.create()
    entry = stored(b"1", birthArtifactID=source["id"])

    await root.bring_manifest(made["id"], {"a": entry})
    await root.commit(made["id"])

    shown = await root.entries(made["id"])
    assert shown["a"]["birthArtifactID"] == made["id"]
    answer = await root.get(f"/artifacts/{NAMES['admin']}/{hexed(b'1')}", role="admin")
    assert (answer.status, answer.body) == (200, b"1")


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("stranger", 404), ("member", 200), ("admin", 200)]
)
async def test_each_role_changes_what_it_may(house, mutation, role, status):
    saved = await Saver(house).save(aliases=["latest"])
    said = {
        "use": {"artifactID": saved["id"], "runName": "run1", **Saver(house).place},
        "update": {"artifactID": saved["id"], "description": "x"},
        "add": {"artifactID": saved["id"], "aliases": [place("x")]},
        "drop": {"artifactID": saved["id"], "aliases": [place("latest")]},
        "delete": {"artifactID": saved["id"], "deleteAliases": True},
    }

    before = await Saver(house).read(saved["id"])
    answer = await Saver(house, role).answer(MUTATIONS[mutation], input=said[mutation])

    assert answer.status == status, answer
    if status != 200:
        assert await Saver(house).read(saved["id"]) == before


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("stranger", 404), ("member", 200), ("admin", 200)]
)
async def test_each_role_saves_where_it_may(house, role, status):
    made = await Saver(house).create("9" * 32)
    await Saver(house).bring_manifest(made["id"], {})
    saver = Saver(house, role)
    manifest = {
        "artifactID": made["id"],
        "name": "m",
        "digest": "",
        "runName": "run1",
        "manifestType": "FULL",
        "includeUpload": False,
        **saver.place,
    }
    files = [{"artifactID": made["id"], "name": "x", "md5": md5_of(b"x")}]

    answers = [
        await saver.answer(CREATE, input=saver.said("1" * 32)),
        await saver.answer(MANIFEST, **manifest),
        await saver.answer(FILES, input={"artifactFiles": files}),
        await saver.answer(COMMIT, artifactID=made["id"]),
    ]

    assert [answer.status for answer in answers] == [status] * 4


READS = """
query($id: ID!, $client: ID!, $collection: ID!) {
  artifact(id: $id) { id }
  artifactCollection(id: $collection) { name }
  clientIDMapping(clientID: $client) { serverID }
  project(name: "cats", entityName: "alice") { artifact(name: "ds") { id } }
}
"""


@pytest.mark.parametrize("role", ["stranger", "member", "admin"])
async def test_each_role_sees_what_it_may(house, role):
    saved = await Saver(house).save(clientID="mine")
    artifact = await house.stores.artifacts.get(number(saved))
    collection = ids.written("ArtifactCollection", artifact.collection_id)

    seen = await Saver(house, role).data(
        READS, id=saved["id"], client="mine", collection=collection
    )

    assert all(value is None for value in seen.values()) is (role == "stranger")
    assert any(value is None for value in seen.values()) is (role == "stranger")


async def test_stranger_keeps_no_foreign_artifact_as_a_base(house):
    saved = await Saver(house).save()
    bob = Saver(house, "stranger", entity="bob", project="dogs", run=None)
    made = await bob.create()
    said = {
        "artifactID": made["id"],
        "baseArtifactID": saved["id"],
        "name": "m",
        "digest": "",
        "runName": "",
        "manifestType": "INCREMENTAL",
        "includeUpload": False,
        **bob.place,
    }

    assert (await bob.answer(MANIFEST, **said)).status == 404
