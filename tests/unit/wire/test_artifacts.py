"""Records of artifacts: written, and read again."""

import gzip
import json

import pytest

from wandb._native import decode_record, encode_record
from wandb._wire.artifacts import (
    artifact_record,
    client_id_of,
    client_ids_of,
    entries_of,
    reference_parts,
    save_key,
    use_artifact_record,
)

FILE = {"digest": "YQ==", "size": 1, "local_path": "/staging/tmp1"}
CACHELESS = {**FILE, "skip_cache": True, "birthArtifactID": "QTox"}
REFERENCE = {"digest": "e", "size": 0, "ref": "wandb-client-artifact://abc/t", "extra": {"n": [1]}}


def recorded(contents, **fields):
    known = {
        "run_id": "r",
        "entity": None,
        "project": "p",
        "kind": "dataset",
        "name": "digits",
        "digest": "d" * 32,
        "client_id": "c" * 128,
        "sequence_client_id": "s" * 128,
    }
    record = artifact_record(**{**known, "contents": contents, **fields})
    return decode_record(encode_record(record))["artifact"]


def test_entries_come_back_as_they_were_written():
    contents = {"b/c.txt": FILE, "a": CACHELESS, "t.table.json": REFERENCE}

    content = recorded(contents, metadata={"k": 1}, aliases=["latest", "best"], tags=["t"])

    assert entries_of(content) == contents
    assert [entry["path"] for entry in content["manifest"]["contents"]] == sorted(contents)
    assert content["metadata"] == '{"k": 1}'
    assert content["aliases"] == ["latest", "best"]
    assert content["finalize"] is True
    assert client_ids_of(content) == {"abc"}


def test_entries_of_a_large_manifest_are_read_from_its_file(tmp_path):
    path = tmp_path / "manifest.jl.gz"
    with gzip.open(path, "wt") as file:
        file.write(json.dumps({"path": "a", **FILE}) + "\n")
        file.write(json.dumps({"path": "b", **CACHELESS}) + "\n")

    content = recorded(None, manifest_file=str(path))

    assert entries_of(content) == {"a": FILE, "b": CACHELESS}


def test_file_of_entries_that_holds_something_else_is_an_error(tmp_path):
    path = tmp_path / "manifest.jl.gz"
    with gzip.open(path, "wt") as file:
        file.write("[1]\n")

    with pytest.raises(ValueError, match="can't be read"):
        entries_of(recorded(None, manifest_file=str(path)))


def test_use_is_kept_with_type_and_name():
    record = use_artifact_record("QTox", kind="model", name="m:v0")

    assert decode_record(encode_record(record)) == record


def test_saves_of_the_same_words_have_the_same_key():
    key = save_key("c", ["latest", "best"], [], "d")

    assert key == save_key("c", ["best", "latest"], [], "d")
    assert key != save_key("c", ["latest"], ["best"], "d")
    assert key != save_key("c", ["latest", "best"], [], "e")


@pytest.mark.parametrize(
    ("ref", "parts"),
    [
        ("wandb-artifact://0a1b/dir/a b.txt", ("wandb-artifact", "0a1b", "dir/a b.txt")),
        ("s3://bucket", ("s3", "bucket", "")),
        ("no reference", ("", "", "no reference")),
    ],
)
def test_references_fall_into_parts(ref, parts):
    assert reference_parts(ref) == parts
    assert client_id_of(ref) is None
