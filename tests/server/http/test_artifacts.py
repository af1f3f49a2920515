"""Artifacts from what a client says and brings, to what it and others read."""

import base64
import json
from urllib.parse import quote

import pytest
from yarl import URL

from ferrule.graphql import ids
from server.http.conftest import NAMES, opened
from server.http.saving import (
    COMMIT,
    CREATE,
    FILES,
    MANIFEST,
    Saver,
    digest_of,
    manifest_of,
    md5_of,
    stored,
)

pytestmark = pytest.mark.anyio

BY_NAME = """
query($name: String!, $entity: String = "alice", $project: String = "cats") {
  project(name: $project, entityName: $entity) {
    artifact(name: $name) { id artifactType { name } }
    artifactCollectionMembership(name: $name) {
      id versionIndex createdAt aliases { id alias }
      artifactCollection { __typename id name project { id entityName name } }
      artifact { id versionIndex }
    }
  }
}
"""
MUTATE = {
    "use": """mutation($input: UseArtifactInput!) {
        useArtifact(input: $input) { artifact { id } } }""",
    "update": """mutation($input: UpdateArtifactInput!) {
        updateArtifact(input: $input) { artifact { id } } }""",
    "add": "mutation($input: AddAliasesInput!) { addAliases(input: $input) { success } }",
    "drop": "mutation($input: DeleteAliasesInput!) { deleteAliases(input: $input) { success } }",
    "delete": """mutation($input: DeleteArtifactInput!) {
        deleteArtifact(input: $input) { artifact { id state } } }""",
}


@pytest.fixture
def saver(house):
    return Saver(house)


async def by_name(saver, name, **more):
    return (await saver.data(BY_NAME, name=name, **more))["project"]


def place(alias, name="ds"):
    return {
        "alias": alias,
        "entityName": "alice",
        "projectName": "cats",
        "artifactCollectionName": name,
    }


# Saving ------------------------------------------------------------------------------------------


async def test_saved_artifact_reads_back(saver):
    ref = {"digest": "etag", "ref": "http://x/h.bin", "size": 14, "extra": {"etag": '"etag"'}}
    files = {"a.txt": b"hello a", "sub/ü b.bin": bytes(range(200)), "empty": b""}

    saved = await saver.save(
        files,
        references={"ref/h.bin": ref},
        description="words",
        metadata='{"k": [1, 2]}',
        tags=[{"tagCategoryName": None, "tagName": "t1", "attributes": None}],
        ttlDurationSeconds=60,
        historyStep=2,
        aliases=[
            {"artifactCollectionName": "ds", "alias": "best"},
            {"artifactCollectionName": "ds", "alias": "latest"},
        ],
    )

    artifact = await saver.read(saved["id"])
    entries = {path: stored(content) for path, content in files.items()} | {"ref/h.bin": ref}
    assert saved["digest"] == artifact["digest"] == digest_of(entries)
    assert (artifact["state"], artifact["versionIndex"]) == ("COMMITTED", 0)
    assert (artifact["description"], artifact["metadata"]) == ("words", '{"k": [1, 2]}')
    assert artifact["tags"] == [{"name": "t1"}]
    assert (artifact["ttlDurationSeconds"], artifact["ttlIsInherited"]) == (60, False)
    assert artifact["historyStep"] == 2
    assert (artifact["size"], artifact["fileCount"]) == (7 + 200 + 14, 4)
    assert [one["alias"] for one in artifact["aliases"]] == ["best", "latest", "v0"]
    assert artifact["aliases"][0]["artifactCollection"] == {
        "__typename": "ArtifactSequence",
        "name": "ds",
        "project": {"entityName": "alice", "name": "cats"},
    }
    assert artifact["createdBy"] == {"__typename": "Run", "name": "run1"}
    assert len(artifact["commitHash"]) == 20
    nodes = {edge["node"]["name"]: edge["node"] for edge in artifact["files"]["edges"]}
    assert list(nodes) == sorted(entries)
    assert len({node["id"] for node in nodes.values()}) == artifact["files"]["totalCount"] == 4
    for path, content in files.items():
        answer = await saver.get(nodes[path]["directUrl"])
        assert (answer.status, answer.body) == (200, content)
        assert nodes[path]["md5"] == md5_of(content)
    assert (await saver.get(nodes["ref/h.bin"]["directUrl"])).status == 404
    shown = await saver.entries(saved["id"])
    assert shown["ref/h.bin"] == ref
    assert shown["a.txt"] == {**stored(b"hello a"), "birthArtifactID": saved["id"]}


async def test_ids_are_canonical_base64(saver):
    saved = await saver.save()

    raw = base64.b64decode(saved["id"], validate=True)

    assert base64.b64encode(raw).decode() == saved["id"]


async def test_changed_file_makes_a_version_and_brings_only_itself(saver):
    first = await saver.save({"a": b"1", "b": b"2"})
    entries = {"a": stored(b"1"), "b": stored(b"3")}
    made = await saver.create(digest_of(entries))

    places = await saver.places(made["id"], {"a": b"1", "b": b"3"})
    brought = await saver.bring(made["id"], {"a": b"1", "b": b"3"})

    assert made["artifactSequence"]["latestArtifact"] == {"id": first["id"], "versionIndex": 0}
    assert places[0]["uploadUrl"] is None
    assert places[0]["artifact"] == {"id": first["id"]}
    assert places[1]["uploadUrl"].startswith("http://")
    assert f"Content-MD5:{md5_of(b'3')}" in places[1]["uploadHeaders"]
    assert brought == ["b"]
    await saver.bring_manifest(made["id"], entries)
    assert (await saver.commit(made["id"]))["versionIndex"] == 1
    assert await saver.aliases(first["id"]) == ["v0"]
    assert await saver.aliases(made["id"]) == ["latest", "v1"]
    shown = await saver.entries(made["id"])
    assert shown["a"]["birthArtifactID"] == first["id"]
    assert shown["b"]["birthArtifactID"] == made["id"]


async def test_edges_come_one_for_each_file_in_order(saver):
    made = await saver.create()
    files = {f"{number % 7}/{number}": str(number // 2).encode() for number in range(300)}

    places = await saver.places(made["id"], files)

    assert [one["uploadHeaders"][1] for one in places] == [
        f"Content-MD5:{md5_of(content)}" for content in files.values()
    ]
    assert all(one["uploadMultipartUrls"] is None for one in places)


async def test_same_content_again_is_the_same_version(saver):
    first = await saver.save({"a": b"1"})
    await saver.save({"a": b"2"})
    alias = [{"artifactCollectionName": "ds", "alias": "again"}]

    again = await saver.save({"a": b"1"}, aliases=alias, clientID="c" * 128)

    assert (again["id"], again["state"]) == (first["id"], "COMMITTED")
    assert "again" in await saver.aliases(first["id"])
    mapping = "query($id: ID!) { clientIDMapping(clientID: $id) { serverID } }"
    found = await saver.data(mapping, id="c" * 128)
    assert found["clientIDMapping"] == {"serverID": first["id"]}


async def test_deduplication_can_be_left_out(saver):
    first = await saver.save({"a": b"1"})

    again = await saver.save({"a": b"1"}, enableDigestDeduplication=False)

    assert again["id"] != first["id"]
    assert again["versionIndex"] == 1


async def test_creation_that_is_sent_again_makes_nothing_new(saver):
    first = await saver.create(clientID="c1")

    again = await saver.create(clientID="c1")
    other = await saver.create(clientID="c2")

    assert again["id"] == first["id"] != other["id"]


async def test_flat_variables_and_plain_aliases_are_taken(saver):
    document = """
    mutation($names: [String!], $entityName: String!, $projectName: String!, $run: String,
             $digest: String!, $aliases: [ArtifactAliasInput!], $clientID: ID) {
      createArtifact(input: {artifactTypeName: "dataset", artifactCollectionNames: $names,
          entityName: $entityName, projectName: $projectName, runName: $run, digest: $digest,
          digestAlgorithm: MANIFEST_MD5, aliases: $aliases, clientID: $clientID,
          enableDigestDeduplication: true}) { artifact { id state } }
    }"""
    saved = await saver.save()

    made = await saver.data(
        document,
        names=["ds"],
        run="run1",
        digest=saved["digest"],
        aliases=["q", "latest"],
        clientID=None,
        **saver.place,
    )

    assert made["createArtifact"]["artifact"] == {"id": saved["id"], "state": "COMMITTED"}
    assert set(await saver.aliases(saved["id"])) == {"latest", "q", "v0"}


async def test_writers_of_one_distributed_artifact_patch_it_together(saver):
    one = await saver.create("1" * 32, distributedID="group")
    other = await saver.create("2" * 32, distributedID="group")
    assert one["id"] == other["id"]
    for name, content in (("a", b"1"), ("b", b"2")):
        await saver.bring(one["id"], {name: content})
        await saver.bring_manifest(one["id"], {name: stored(content)}, kind="PATCH")
    await saver.bring_manifest(one["id"], {}, kind="PATCH")

    done = await saver.commit(one["id"])

    assert sorted(await saver.entries(one["id"])) == ["a", "b"]
    assert done["digest"] == digest_of({"a": stored(b"1"), "b": stored(b"2")})
    assert (await saver.create("3" * 32, distributedID="group"))["id"] != one["id"]


async def test_incremental_artifact_adds_to_its_base(saver):
    base = await saver.save({"a": b"1", "b": b"2"})
    made = await saver.create("1" * 32)
    await saver.bring(made["id"], {"b": b"new", "c": b"3"})
    added = {"b": stored(b"new"), "c": stored(b"3")}

    await saver.bring_manifest(made["id"], added, kind="INCREMENTAL", base=base["id"])
    done = await saver.commit(made["id"])

    entries = await saver.entries(made["id"])
    assert {path: one["digest"] for path, one in entries.items()} == {
        "a": md5_of(b"1"),
        "b": md5_of(b"new"),
        "c": md5_of(b"3"),
    }
    assert done["digest"] == digest_of(entries)


async def test_last_manifest_counts(saver):
    made = await saver.create()
    await saver.manifest(made["id"])
    await saver.bring(made["id"], {"a": b"1"})
    await saver.bring_manifest(made["id"], {"old": stored(b"1")})
    await saver.bring_manifest(made["id"], {"new": stored(b"1")})

    await saver.commit(made["id"])

    assert list(await saver.entries(made["id"])) == ["new"]


async def test_commit_that_is_sent_again_changes_nothing(saver):
    saved = await saver.save()

    assert await saver.commit(saved["id"]) == saved


async def test_artifact_without_a_run_is_its_makers(house):
    saver = Saver(house, run=None)

    saved = await saver.save()

    assert (await saver.read(saved["id"]))["createdBy"] == {
        "__typename": "User",
        "username": "alice",
    }


async def test_digest_is_worked_out_here_so_that_nobody_can_pass_off_another(saver):
    lie = digest_of({"good": stored(b"good")})
    made = await saver.create(lie)
    await saver.bring(made["id"], {"bad": b"bad"})
    await saver.bring_manifest(made["id"], {"bad": stored(b"bad")})

    done = await saver.commit(made["id"])

    assert done["digest"] == digest_of({"bad": stored(b"bad")})
    assert (await saver.create(lie))["state"] == "PENDING"


# What is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"artifactTypeName": "model"}, "holds artifacts of type"),
        ({"artifactCollectionName": "a/b"}, "name can't have"),
        ({"artifactCollectionName": "", "artifactCollectionNames": ["a", "b"]}, "one collection"),
        ({"digest": "short"}, "32 hex digits"),
        ({"metadata": "[1]"}, "object"),
        ({"metadata": "{"}, "JSON"),
        ({"aliases": ["v3"]}, "version's number"),
        ({"aliases": ["a:b"]}, "no alias"),
        ({"aliases": [{"alias": "x", "artifactCollectionName": "y"}]}, "another collection"),
        ({"aliases": [3]}, "An alias is a text"),
        ({"ttlDurationSeconds": -7}, "time to live"),
        ({"runName": "nobody"}, "No run"),
        ({"projectName": "a/b"}, "project's name"),
        ({"clientID": ""}, "1 to 256"),
    ],
)
async def test_what_can_not_be_an_artifact_is_refused_with_a_sentence(saver, change, told):
    await saver.save()

    answer = await saver.answer(CREATE, input={**saver.said("1" * 32), **change})

    assert answer.status in (400, 404, 409)
    assert told in answer.body["errors"][0]["message"]


async def refused_commit(saver, raw, digest=None):
    made = await saver.create("f" * 32)
    manifest = await saver.manifest(made["id"], digest or md5_of(raw))
    await saver.put(manifest["file"]["uploadUrl"], raw, manifest["file"]["uploadHeaders"])
    answer = await saver.answer(COMMIT, artifactID=made["id"])
    assert answer.status in (400, 413), answer
    assert (await saver.read(made["id"]))["state"] == "PENDING"
    return answer.body["errors"][0]["message"]


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../up", "a/../../up", "a//b", "a/./b", "", "a\\..\\b", "C:\\x", "a\nb", "."],
)
async def test_path_that_leads_out_is_refused(saver, path):
    await saver.save({"ok": b"1"})

    told = await refused_commit(saver, json.dumps(manifest_of({path: stored(b"1")})).encode())

    assert "path" in told


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"{", "not JSON"),
        (b"[]", "version 1"),
        (b'{"version": 2, "contents": {}}', "version 1"),
        (b'{"version": 1}', "version 1"),
        (b'{"version": 1, "contents": {"a": 3}}', "no digest"),
        (b'{"version": 1, "contents": {"a": {"digest": "x"}}}', "base64"),
        (b'{"version": 1, "contents": {"a": {"digest": "x", "ref": 3}}}', "reference"),
    ],
)
async def test_manifest_that_is_none_is_refused(saver, raw, told):
    assert told in await refused_commit(saver, raw)


async def test_file_that_never_came_is_named(saver):
    raw = json.dumps(manifest_of({"gone.bin": stored(b"never")})).encode()

    assert "`gone.bin` never came" in await refused_commit(saver, raw)


async def test_manifest_with_too_many_files_is_refused(tmp_path):
    async with opened(tmp_path, artifact_files=2) as house:
        saver = Saver(house)
        refs = {str(n): {"digest": "x", "ref": "x://y"} for n in range(3)}
        await saver.save({}, references=dict(list(refs.items())[:2]))

        told = await refused_commit(saver, json.dumps(manifest_of(refs)).encode())

    assert "at most 2 files" in told


async def test_manifest_that_is_too_long_is_not_taken(tmp_path):
    async with opened(tmp_path, manifest_bytes=100) as house:
        saver = Saver(house)
        made = await saver.create()
        raw = json.dumps(manifest_of({"a": stored(b"1"), "b": stored(b"2")})).encode()
        manifest = await saver.manifest(made["id"], md5_of(raw))

        answer = await saver.put(manifest["file"]["uploadUrl"], raw)

    assert answer.status == 413


async def test_what_the_client_wrote_for_itself_stays_behind(saver):
    made = await saver.create()
    await saver.bring(made["id"], {"a": b"1"})
    entry = stored(b"1", local_path="/home/alice/secret/a", skip_cache=True, odd=[1])

    await saver.bring_manifest(made["id"], {"a": entry})
    await saver.commit(made["id"])

    shown = await saver.entries(made["id"])
    assert shown == {"a": {**stored(b"1"), "birthArtifactID": made["id"]}}


async def test_size_is_that_of_the_bytes_whatever_the_manifest_says(saver):
    made = await saver.create()
    await saver.bring(made["id"], {"a": b"123"})
    await saver.bring_manifest(made["id"], {"a": stored(b"123") | {"size": 10**15}})

    await saver.commit(made["id"])

    assert (await saver.read(made["id"]))["size"] == 3


async def test_commit_without_a_manifest_is_refused(saver):
    made = await saver.create()
    await saver.manifest(made["id"])

    answer = await saver.answer(COMMIT, artifactID=made["id"])

    assert answer.status == 400
    assert "no manifest yet" in answer.body["errors"][0]["message"]


async def test_nothing_is_added_to_a_committed_artifact(saver):
    saved = await saver.save()
    said = {"artifactFiles": [{"artifactID": saved["id"], "name": "x", "md5": md5_of(b"x")}]}
    manifest = {
        "artifactID": saved["id"],
        "name": "m",
        "digest": "",
        "runName": "run1",
        "manifestType": "FULL",
        "includeUpload": False,
        **saver.place,
    }

    for answer in (await saver.answer(FILES, input=said), await saver.answer(MANIFEST, **manifest)):
        assert answer.status == 409
        assert "log a new version" in answer.body["errors"][0]["message"]


# Names and lists ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version"),
    [("ds", 1), ("ds:latest", 1), ("ds:v0", 0), ("ds:best", 0), ("ds:v1", 1)],
)
async def test_version_is_found_by_its_names(saver, name, version):
    alias = [{"artifactCollectionName": "ds", "alias": "best"}]
    saved = [await saver.save({"a": b"1"}, aliases=alias), await saver.save({"a": b"2"})]

    project = await by_name(saver, name)

    member = project["artifactCollectionMembership"]
    assert project["artifact"]["id"] == member["artifact"]["id"] == saved[version]["id"]
    assert member["versionIndex"] == version
    assert [one["alias"] for one in member["aliases"]] == [["best"], ["latest"]][version]
    assert member["artifactCollection"]["__typename"] == "ArtifactSequence"


@pytest.mark.parametrize(
    "name", ["ds:v7", "ds:none", "other", "other:v0", "ds:", "", ":", "ds:v00"]
)
async def test_name_that_nothing_has_is_null(saver, name):
    await saver.save(aliases=[])

    project = await by_name(saver, name)

    assert project == {"artifact": None, "artifactCollectionMembership": None}


async def test_pending_artifact_is_found_by_id_alone(saver):
    made = await saver.create()

    assert (await by_name(saver, "ds:latest"))["artifact"] is None
    artifact = await saver.read(made["id"])
    assert (artifact["state"], artifact["versionIndex"]) == ("PENDING", None)
    assert artifact["currentManifest"] is None


LISTS = """
query($order: String, $filters: JSONString, $first: Int, $after: String) {
  project(name: "cats", entityName: "alice") {
    artifactTypes { edges { node { __typename id name description createdAt } cursor }
      pageInfo { endCursor hasNextPage } }
    artifactType(name: "dataset") {
      id name
      artifactCollections { totalCount pageInfo { hasNextPage }
        edges { node { __typename id name } cursor } }
      artifactSequence(name: "ds") { __typename }
      artifact(name: "ds:v0") { id }
      artifactCollection(name: "ds") {
        __typename id name description createdAt updatedAt state tags { edges { node { id } } }
        type: defaultArtifactType { name }
        aliases { edges { node { alias } cursor } pageInfo { endCursor hasNextPage } }
        artifacts(order: $order, filters: $filters, first: $first, after: $after) {
          totalCount pageInfo { endCursor hasNextPage }
          edges { version cursor node { id versionIndex } }
        }
      }
      other: artifactCollection(name: "weights") { id }
    }
    artifactCollections { totalCount edges { node { name } } }
  }
}
"""


async def test_types_collections_and_versions_are_listed(saver):
    for number in range(3):
        await saver.save({"a": str(number).encode()})
    await saver.save(name="weights", artifactTypeName="model")

    project = (await saver.data(LISTS, filters='{"state": "COMMITTED"}', first=2))["project"]

    assert [edge["node"]["name"] for edge in project["artifactTypes"]["edges"]] == [
        "dataset",
        "model",
    ]
    kind = project["artifactType"]
    assert [edge["node"]["name"] for edge in kind["artifactCollections"]["edges"]] == ["ds"]
    assert project["artifactCollections"]["totalCount"] == 2
    assert kind["artifactSequence"] == {"__typename": "ArtifactSequence"}
    assert kind["other"] is None
    collection = kind["artifactCollection"]
    assert collection["type"] == {"name": "dataset"}
    assert [edge["node"]["alias"] for edge in collection["aliases"]["edges"]] == ["latest"]
    versions = collection["artifacts"]
    assert [edge["version"] for edge in versions["edges"]] == ["v2", "v1"]
    assert (versions["totalCount"], versions["pageInfo"]["hasNextPage"]) == (3, True)
    rest = await saver.data(LISTS, after=versions["pageInfo"]["endCursor"], first=2)
    rest = rest["project"]["artifactType"]["artifactCollection"]["artifacts"]
    assert [edge["version"] for edge in rest["edges"]] == ["v0"]


async def test_versions_go_by_order_and_state(saver):
    for number in range(2):
        await saver.save({"a": str(number).encode()})

    async def versions(**wanted):
        found = (await saver.data(LISTS, **wanted))["project"]["artifactType"]
        return [edge["version"] for edge in found["artifactCollection"]["artifacts"]["edges"]]

    assert await versions(order="+createdAt") == ["v0", "v1"]
    assert await versions(order="-versionIndex") == ["v1", "v0"]
    assert await versions(filters='{"state": "PENDING"}') == []
    for odd in ({"order": "size"}, {"filters": '{"tags": "x"}'}, {"filters": "["}):
        assert (await saver.answer(LISTS, **odd)).status == 400


PAGES = """
query($first: Int, $after: String, $names: [String!]) {
  project(name: "cats", entityName: "alice") { artifactCollection(name: "ds") { __typename
    artifactMembership(aliasName: "v0") {
      files(first: $first, after: $after, names: $names) { totalCount
        pageInfo { hasNextPage endCursor } edges { node { name directUrl } cursor } } } } }
}
"""


async def test_files_come_in_pages_that_join_up(saver):
    await saver.save({f"d/{number:03}": str(number).encode() for number in range(120)})
    names, after = [], None

    while True:
        found = (await saver.data(PAGES, first=50, after=after))["project"]
        page = found["artifactCollection"]["artifactMembership"]["files"]
        names += [edge["node"]["name"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert names == [f"d/{number:03}" for number in range(120)]
    assert page["totalCount"] == 120
    found = (await saver.data(PAGES, names=["d/005", "none"]))["project"]
    page = found["artifactCollection"]["artifactMembership"]["files"]
    assert [edge["node"]["name"] for edge in page["edges"]] == ["d/005"]
    assert page["totalCount"] == 1


async def test_files_by_manifest_entries_are_those_asked_for(saver):
    saved = await saver.save({"a": b"1", "b": b"2", "c": b"3"})
    document = """
    query($id: ID!, $entries: [ArtifactManifestEntryInput!]) { artifact(id: $id) {
      filesByManifestEntries(storageLayout: "V2", manifestVersion: "1", entries: $entries) {
        pageInfo { hasNextPage } edges { node { name directUrl } } } } }"""
    entries = [{"name": name, "digest": "x", "birthArtifactID": None} for name in ("c", "a")]

    found = await saver.data(document, id=saved["id"], entries=entries)
    none = await saver.data(document, id=saved["id"], entries=[])

    edges = found["artifact"]["filesByManifestEntries"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == ["a", "c"]
    assert none["artifact"]["filesByManifestEntries"]["edges"] == []


# Lineage and changes -----------------------------------------------------------------------------

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
            MUTATE["use"],
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

    await saver.data(MUTATE["update"], input=said)
    changed = await saver.read(saved["id"])
    await saver.data(
        MUTATE["update"],
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
        MUTATE["add"], input={"artifactID": one["id"], "aliases": [place("x"), place("latest")]}
    )
    assert await saver.aliases(one["id"]) == ["x", "latest", "v0"]
    assert await saver.aliases(other["id"]) == ["v1"]
    await saver.data(MUTATE["drop"], input={"artifactID": one["id"], "aliases": [place("x")]})
    assert await saver.aliases(one["id"]) == ["latest", "v0"]
    wanted = [{"artifactCollectionName": "ds", "alias": name} for name in ("p", "q")]
    await saver.data(MUTATE["update"], input={"artifactID": one["id"], "aliases": wanted})
    assert await saver.aliases(one["id"]) == ["p", "q", "v0"]


async def test_alias_in_another_collection_is_not_given(saver):
    one = await saver.save()
    await saver.save(name="other")

    done = await saver.data(
        MUTATE["add"], input={"artifactID": one["id"], "aliases": [place("x", "other")]}
    )
    unknown = await saver.answer(
        MUTATE["add"], input={"artifactID": one["id"], "aliases": [place("x", "nothing")]}
    )

    assert done["addAliases"] == {"success": False}
    assert unknown.status == 404


async def test_artifact_with_aliases_is_deleted_only_with_them(saver):
    one, other = await saver.save({"a": b"1"}), await saver.save({"a": b"2"})

    kept = await saver.answer(MUTATE["delete"], input={"artifactID": other["id"]})
    gone = await saver.data(
        MUTATE["delete"], input={"artifactID": other["id"], "deleteAliases": True}
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

    await saver.data(MUTATE["delete"], input={"artifactID": saved["id"], "deleteAliases": True})

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


# Who may ------------------------------------------------------------------------------------------


def hexed(content):
    return base64.b64decode(md5_of(content)).hex()


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
    answer = await root.get(f"/artifacts/root/{hexed(b'1')}", role="admin")
    assert (answer.status, answer.body) == (200, b"1")


@pytest.mark.parametrize("mutation", MUTATE)
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
    answer = await Saver(house, role).answer(MUTATE[mutation], input=said[mutation])

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


def number(artifact):
    return ids.number("Artifact", artifact["id"])


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


# Bytes --------------------------------------------------------------------------------------------


async def test_upload_of_other_bytes_is_refused_and_nothing_kept(saver):
    made = await saver.create()
    (spot,) = await saver.places(made["id"], {"a": b"right"})

    wrong = await saver.put(spot["uploadUrl"], b"wrong")
    (again,) = await saver.places(made["id"], {"a": b"right"})

    assert wrong.status == 400
    assert "MD5" in wrong.body["error"]
    assert again["uploadUrl"] is not None
    assert (await saver.put(again["uploadUrl"], b"right")).status == 200


async def test_manifest_of_other_bytes_is_refused(saver):
    made = await saver.create()
    manifest = await saver.manifest(made["id"], md5_of(b"right"))

    assert (await saver.put(manifest["file"]["uploadUrl"], b"wrong")).status == 400
    assert (await saver.answer(COMMIT, artifactID=made["id"])).status == 400


async def test_upload_beyond_the_limit_is_refused(tmp_path):
    async with opened(tmp_path, upload_bytes=10) as house:
        saver = Saver(house)
        made = await saver.create()
        (spot,) = await saver.places(made["id"], {"a": b"x" * 11})

        assert (await saver.put(spot["uploadUrl"], b"x" * 11)).status == 413


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/storage/artifacts/{own}/", "/storage/artifacts/{other}/"),
        ("/contents/{md5}", "/contents/{zeros}"),
        ("/contents/{md5}", "/manifests/1"),
        ("expires=1", "expires=2"),
        ("size=", "size=9"),
        ("signature=", "signature=0"),
    ],
)
async def test_altered_address_takes_nothing(saver, old, new):
    made, other = await saver.create("1" * 32), await saver.create("2" * 32)
    (spot,) = await saver.places(made["id"], {"a": b"x"})
    signed = str(URL(spot["uploadUrl"], encoded=True).relative())
    facts = {
        "own": number(made),
        "other": number(other),
        "md5": hexed(b"x"),
        "zeros": "0" * 32,
    }
    changed = signed.replace(old.format(**facts), new.format(**facts), 1)
    assert changed != signed

    answer = await saver.house.ask("PUT", URL(changed, encoded=True), role=None, data=b"x")

    assert answer.status == 403


async def test_address_to_upload_does_not_download_and_expires(saver):
    made = await saver.create()
    (spot,) = await saver.places(made["id"], {"a": b"x"})

    assert (await saver.get(spot["uploadUrl"])).status in (403, 404)
    saver.house.clock.now += 24 * 3600 + 1
    assert (await saver.put(spot["uploadUrl"], b"x")).status == 403


async def test_address_to_download_expires(saver):
    saved = await saver.save()
    url = (await saver.read(saved["id"]))["files"]["edges"][0]["node"]["directUrl"]

    assert (await saver.get(url)).status == 200
    saver.house.clock.now += 3601
    assert (await saver.get(url)).status == 403


async def test_download_answers_ranges_and_runs_in_no_browser(saver):
    saved = await saver.save({"d/evil.html": b"<script>" + bytes(range(100))})
    url = (await saver.read(saved["id"]))["files"]["edges"][0]["node"]["directUrl"]

    whole = await saver.get(url)
    part = await saver.get(url, headers={"Range": "bytes=8-17"})
    open_end = await saver.get(url, headers={"Range": "bytes=100-"})

    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Disposition"] == "attachment; filename*=UTF-8''evil.html"
    assert whole.headers["Content-Security-Policy"].startswith("sandbox;")
    assert (part.status, part.body) == (206, bytes(range(10)))
    assert part.headers["Content-Range"] == "bytes 8-17/108"
    assert (open_end.status, len(open_end.body)) == (206, 8)


FALLBACKS = [
    "/artifactsV2/default/alice/cats/ds/{birth}/{md5}/a%20b.txt",
    "/artifactsV2/default/alice/cats/ds//{md5}/a.txt",
    "/artifactsV2/default/alice/cats/ds/{id}/{birth}/{md5}/a.txt",
    "/artifactsV2/default/alice/cats/ds/{id}//{md5}/a.txt",
    "/artifactsV2/default/alice/{birth}/{md5}",
    "/artifactsV2/default/alice//{md5}",
    "/artifacts/alice/{md5}",
]


@pytest.mark.parametrize("path", FALLBACKS)
async def test_fallback_address_gives_bytes_to_whom_it_may(house, path):
    saver = Saver(house)
    saved = await saver.save({"a b.txt": b"content"})
    quoted = quote(saved["id"], safe="")
    path = path.format(birth=quoted, id=quoted, md5=hexed(b"content"))

    answers = {role: await saver.get(path, role=role) for role in (None, *NAMES)}

    statuses = {role: answer.status for role, answer in answers.items()}
    assert statuses == {None: 401, "stranger": 404, "member": 200, "admin": 200}
    assert answers["member"].body == b"content"
    part = await saver.get(path, role="member", headers={"Range": "bytes=3-"})
    assert (part.status, part.body) == (206, b"tent")
    other = path.replace(hexed(b"content"), "0" * 32)
    assert (await saver.get(other, role="member")).status == 404


async def test_reference_gives_no_bytes_by_its_digest(saver):
    upload = await saver.create("1" * 32)
    await saver.bring(upload["id"], {"a": b"pending"})
    await saver.save({}, references={"r": {"digest": md5_of(b"pending"), "ref": "x://y"}})

    assert (await saver.get(f"/artifacts/alice/{hexed(b'pending')}", role="member")).status == 404


async def test_forbidden_and_unknown_artifacts_look_the_same(house):
    saved = await Saver(house).save()
    paths = [f"/storage/artifacts/{one}/files/a.txt" for one in (number(saved), 10**9)]

    answers = [await house.ask("GET", path, role="stranger") for path in paths]

    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].body["error"] == answers[1].body["error"]


PROBES = """
query {
  artifact: __type(name: "Artifact") { fields { name } }
  create: __type(name: "CreateArtifactInput") { inputFields { name } }
  aliases: __type(name: "AddAliasesInput") { name inputFields { name } }
  use: __type(name: "UseArtifactInput") { inputFields { name } }
  spec: __type(name: "CreateArtifactFileSpecInput") { inputFields { name } }
  project: __type(name: "Project") { fields { name args { name } } }
}
"""


async def test_what_clients_look_for_in_the_schema_is_there(saver):
    found = await saver.data(PROBES)

    def names(kind, member):
        return {one["name"] for one in found[kind][member]}

    assert names("artifact", "fields") >= {
        *("aliases", "tags", "ttlDurationSeconds", "ttlIsInherited", "historyStep"),
        "filesByManifestEntries",
    }
    assert names("create", "inputFields") >= {
        *("clientID", "sequenceClientID", "enableDigestDeduplication", "ttlDurationSeconds"),
        *("tags", "historyStep"),
    }
    assert names("aliases", "inputFields") >= {"artifactID", "aliases"}
    assert "usedAs" in names("use", "inputFields")
    assert "uploadPartsInput" in names("spec", "inputFields")
    arguments = next(one for one in found["project"]["fields"] if one["name"] == "artifact")
    assert {one["name"] for one in arguments["args"]} >= {"name", "enableTracking"}
