"""Manifests: the digest that names a version, and what stands in the file."""

import pytest

from wandb._wire.manifest import contents_of, manifest_digest, manifest_json

# Recorded from a released client.
RECORDED = {
    "a.txt": "ZE0lNw+exNL8S11p3GrnjQ==",
    "new.txt": "ewfHF8jzGHIhxOwOv1OodA==",
    "ref/custom": "custom://foo/bar",
    "ref/http.bin": "remote-etag",
    "ref/local.bin": "0W+zbwkR+HiZjBNhka9wXg==",
    "sub/b.txt": "E1vyY0gEFRL8YWPf+1kGbw==",
    "tbl.table.json": "Bqcz3MbN7cTwyRGXwFRYBw==",
}


def test_digest_is_that_of_a_released_client():
    assert manifest_digest(RECORDED) == "67c00a754ed97950f733251cea059582"


def test_digest_does_not_depend_on_the_order_of_adding():
    backwards = dict(reversed(RECORDED.items()))

    assert manifest_digest(backwards) == manifest_digest(RECORDED)


def test_manifest_has_entries_by_path_and_nothing_of_this_machine():
    entries = {
        "b": {"digest": "Yg==", "size": 0, "local_path": "/home/me/b", "skip_cache": True},
        "a": {"digest": "YQ==", "size": 1, "birthArtifactID": "QTox", "extra": {}, "ref": None},
        "c": {"digest": "etag", "size": 3, "ref": "http://host/c", "extra": {"etag": '"etag"'}},
    }

    manifest = manifest_json(entries)

    assert manifest["version"] == 1
    assert manifest["storagePolicyConfig"] == {"storageLayout": "V2"}
    assert list(manifest["contents"].items()) == [
        ("a", {"digest": "YQ==", "birthArtifactID": "QTox", "size": 1}),
        ("b", {"digest": "Yg==", "size": 0}),
        (
            "c",
            {"digest": "etag", "ref": "http://host/c", "extra": {"etag": '"etag"'}, "size": 3},
        ),
    ]
    assert contents_of(manifest) == manifest["contents"]


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        {},
        {"version": 2, "contents": {}},
        {"version": 1, "contents": []},
        {"version": 1, "contents": {"a": {"size": 3}}},
        {"version": 1, "contents": {"a": {"digest": "YQ==", "ref": 7}}},
        {"version": 1, "contents": {"a": {"digest": "YQ==", "size": "many"}}},
    ],
)
def test_manifest_that_is_none_is_an_error(manifest):
    with pytest.raises(ValueError, match="manifest"):
        contents_of(manifest)
