"""Artifacts from what a client says and brings to versions, and what is refused of it."""

import base64
import json

import pytest

from server.http.conftest import opened
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
