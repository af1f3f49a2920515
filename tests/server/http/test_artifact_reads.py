"""Versions by their names, lists of them, and what clients look for in the schema."""

import pytest

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


async def by_name(saver, name, **more):
    return (await saver.data(BY_NAME, name=name, **more))["project"]


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
