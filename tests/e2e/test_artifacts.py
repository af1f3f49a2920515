"""Artifacts from each released client to a server, and back to each."""

from dataclasses import dataclass
from typing import Any

import pytest

from e2e.ferrule_server import Server, serving
from e2e.programs.artifacts import NAMES
from e2e.running import run_program
from oracle.harness import Client, released_client

pytestmark = [pytest.mark.timeout(300), pytest.mark.released]

VERSIONS = ("0.21.3", "0.31.0")
REFERENCES = ["ref/local.bin"]


@dataclass
class Logged:
    """What a client logged, and where."""

    client: Client
    facts: dict[str, Any]
    server: Server
    key: str


@pytest.fixture(scope="module", params=VERSIONS)
def logged(request, tmp_path_factory):
    client = released_client(request.param)
    folder = tmp_path_factory.mktemp("artifacts")
    with serving(folder / "server") as server:
        key = server.add_user("alice")
        facts = run_program(
            client, folder / "client", "artifacts", "TARGET", url=server.url, key=key
        )
        # What was acknowledged is there, whatever becomes of the process.
        server.kill()
        server.start()
        yield Logged(client, facts, server, key)


@pytest.fixture(scope="module", params=VERSIONS)
def read(request, logged, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"read-{request.param}")
    return run_program(
        released_client(request.param),
        folder,
        "read_artifacts",
        logged.facts["path"],
        "TARGET",
        url=logged.server.url,
        key=logged.key,
    )


def text_of(files):
    return {name: content.decode() for name, content in files.items()}


def test_versions_are_made_only_of_what_is_new(logged):
    first, same, changed = (logged.facts[name] for name in ("first", "same", "changed"))

    assert (first["version"], same["version"], changed["version"]) == ("v0", "v0", "v1")
    assert first["id"] == same["id"] != changed["id"]
    assert first["files"] == sorted([*NAMES, *REFERENCES])
    assert first["aliases"] == ["best", "latest"]
    assert {"again", "best", "latest"} <= set(same["aliases"])
    assert changed["aliases"] == ["latest"]
    assert first["digest"] != changed["digest"]


def test_used_version_is_downloaded_whole(logged):
    assert logged.facts["used"]["version"] == "v0"
    downloaded = logged.facts["downloaded"]
    assert downloaded.pop("ref/local.bin") == "loc"
    assert downloaded == text_of(NAMES)


def test_draft_of_a_version_is_a_version(logged):
    draft = logged.facts["draft"]

    assert draft["version"] == "v2"
    assert draft["files"] == sorted({*NAMES, *REFERENCES, "new.txt"} - {"empty"})


def test_incremental_and_distributed_artifacts_are_joined(logged):
    assert logged.facts["inc1"]["files"] == ["0.txt", "1.txt"]
    assert logged.facts["distributed"]["files"] == ["0", "1", "2"]
    assert logged.facts["distributed"]["version"] == "v0"


def test_bytes_come_once(logged):
    # The draft and the second version share all but a file each.
    blobs = list((logged.server.folder / "data" / "cas").rglob("*"))
    contents = [path.read_bytes() for path in blobs if path.is_file()]

    assert len(contents) == len(set(contents))
    assert contents.count(b"hello b") == 1


def test_each_client_reads_what_another_logged(logged, read):
    facts = logged.facts
    assert read["ds"]["digest"] == facts["first"]["digest"]
    assert read["ds"]["files"] == facts["first"]["files"]
    kind, description, metadata, tags, count = read["facts"]
    assert (kind, description, metadata) == ("dataset", "words", {"k": 1, "n": {"x": [1, 2]}})
    assert (tags, count) == (["t1", "t2"], 5)
    assert read["downloaded"].pop("ref/local.bin") == "loc"
    assert read["downloaded"] == text_of(NAMES)
    assert read["many"] == 1000
    assert read["entry"] == "hello b"
    assert read["inc"] == {"0.txt": "0", "1.txt": "1"}
    assert read["dist"] == ["0", "1", "2"]


def test_files_are_listed(read):
    expected = [(name, len(content)) for name, content in NAMES.items()]

    assert sorted(map(tuple, read["files"])) == sorted([*expected, ("ref/local.bin", 3)])
    assert read["elsewhere"] == ["custom"]
    assert read["one_file"] == ["a.txt"]


def test_manifest_says_nothing_of_the_machine_it_came_from(logged, read):
    assert read["manifest"] == {
        "digest": "ZE0lNw+exNL8S11p3GrnjQ==",
        "size": 7,
        "birthArtifactID": logged.facts["first"]["id"],
    }


def test_files_of_other_artifacts_are_followed(read):
    assert read["pointing"] == {"pointer.txt": "hello a"}
    assert read["joined"] == [[1, "a"], [2, "b"]]


def test_logged_table_is_an_artifact_that_reads_back(read):
    assert read["table"] == [["n", "s"], [[1, "one"], [2.5, None]]]


def test_types_collections_and_versions_are_listed(logged, read):
    assert read["types"] == ["dataset", "run_table"]
    assert {"ds", "many", "inc", "dist", "pointing"} <= set(read["collections"])
    assert read["versions"] == ["v2", "v1", "v0"]
    assert {"again", "best", "latest"} <= set(read["collection_aliases"])
    assert read["exists"] == [True, False, False]
    assert read["collection_exists"] == [True, False]


def test_lineage_leads_both_ways(logged, read):
    assert read["logged_by"] == logged.facts["id"]
    assert logged.facts["id"] in read["used_by"]
    assert {"ds:v0", "ds:v1", "ds:v2", "many:v0"} <= set(read["made"])
    assert "ds:v0" in read["used"]


def test_artifact_is_changed_through_the_api(read):
    changed = read["changed"]

    assert (changed["version"], changed["logged_again"]) == ("v1", "v1")
    assert changed["tagged"]
    assert changed["metadata"] == {"by": changed["description"]}
    assert "aliases" in changed["told"]
