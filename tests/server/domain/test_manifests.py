"""What a manifest may say, and what becomes of it."""

import json

import pytest

from ferrule.domain import manifests
from ferrule.domain.manifests import Limits
from ferrule.errors import BadInput, TooLarge
from ferrule.ports.manifests import FULL, INCREMENTAL, PATCH, Entry, Manifest

LIMITS = Limits()
MD5 = "ZE0lNw+exNL8S11p3GrnjQ=="


def birth(text):
    return int(text) if text.isdecimal() else None


def read(contents, limits=LIMITS):
    raw = json.dumps({"version": 1, "contents": contents}).encode()
    return manifests.read(raw, limits, birth)


def test_digest_is_the_clients_own():
    digests = {
        "a.txt": MD5,
        "new.txt": "ewfHF8jzGHIhxOwOv1OodA==",
        "ref/custom": "custom://foo/bar",
        "ref/http.bin": "remote-etag",
        "ref/local.bin": "0W+zbwkR+HiZjBNhka9wXg==",
        "sub/b.txt": "E1vyY0gEFRL8YWPf+1kGbw==",
        "tbl.table.json": "Bqcz3MbN7cTwyRGXwFRYBw==",
    }
    entries = [Entry(path, digest) for path, digest in sorted(digests.items())]

    assert manifests.digest_of(entries) == "67c00a754ed97950f733251cea059582"


def test_entries_are_read_without_what_is_the_clients_own():
    (entry,) = read(
        {"a": {"digest": MD5, "size": 7, "birthArtifactID": "5", "local_path": "/x", "odd": 1}}
    )

    assert entry == Entry("a", MD5, 7, birth_id=5)


def test_reference_keeps_where_it_leads():
    (entry,) = read({"r": {"digest": "e", "ref": "s3://b/k", "extra": {"etag": "x"}, "size": 2}})

    assert entry == Entry("r", "e", 2, ref="s3://b/k", extra='{"etag": "x"}')


@pytest.mark.parametrize("size", [None, -1, "7", 1.5, True, 2**63])
def test_odd_size_counts_for_nothing(size):
    assert read({"a": {"digest": MD5, "size": size}})[0].size == 0


@pytest.mark.parametrize("birth_id", [None, 7, "junk", ["x"]])
def test_odd_origin_counts_for_nothing(birth_id):
    assert read({"a": {"digest": MD5, "birthArtifactID": birth_id}})[0].birth_id is None


@pytest.mark.parametrize("path", ["a", "a b", "a/b", "..a", "a..b/c", "é", "a:b", "media/x.png"])
def test_path_below_the_artifact_is_taken(path):
    assert manifests.path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/a", "a/", "..", "../a", "a/../b", "./a", "a//b", "x" * 1025, "é" * 513),
        *("a\\..\\b", "\\a", "\\\\host\\share", "c:\\x", "C:/x", "a\x00", "a\n", "\ud800"),
    ],
)
def test_path_that_leads_out_or_can_be_none_is_refused(path):
    with pytest.raises(BadInput):
        manifests.path(path)


@pytest.mark.parametrize("digest", ["", "x", "a" * 32, MD5[:-1], MD5 + "=", "é", "Zg=="])
def test_digest_that_is_no_md5_is_refused(digest):
    with pytest.raises(BadInput, match="MD5"):
        manifests.md5_digest(digest)


@pytest.mark.parametrize(
    "entry",
    [
        {"digest": "d", "ref": "x" * 20_000},
        {"digest": "d" * 20_000, "ref": "x"},
        {"digest": "d", "ref": "x", "extra": {"k": "v" * 20_000}},
    ],
)
def test_endless_reference_is_refused(entry):
    with pytest.raises(BadInput):
        read({"r": entry})


def test_manifest_beyond_its_limit_is_refused():
    refs = {str(number): {"digest": "d", "ref": "x"} for number in range(4)}

    assert len(read(refs, Limits(entries=4))) == 4
    with pytest.raises(TooLarge):
        read(refs, Limits(entries=3))


def test_nesting_without_end_is_refused():
    raw = b'{"version": 1, "contents": ' + b'{"a":' * 100_000

    with pytest.raises(BadInput):
        manifests.read(raw, Limits(), birth)


def test_later_layers_win_and_paths_are_in_order():
    old = [Entry("b", "1"), Entry("a", "1")]
    new = [Entry("c", "2"), Entry("b", "2")]

    assert manifests.joined([old, new], Limits()) == (
        Entry("a", "1"),
        Entry("b", "2"),
        Entry("c", "2"),
    )
    with pytest.raises(TooLarge):
        manifests.joined([old, new], Limits(entries=2))


def numbered(*kinds):
    return [
        Manifest(1, "m", kind, "d", blob="" if kind.islower() else "b", id=number)
        for number, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "chosen"),
    [
        ([FULL], [0]),
        ([FULL, FULL], [1]),
        ([FULL, "full"], [0]),
        ([PATCH, PATCH, "patch"], [0, 1]),
        ([INCREMENTAL, INCREMENTAL], [1]),
        ([PATCH, FULL, PATCH], [1]),
    ],
)
def test_manifests_that_make_up_an_artifact(kinds, chosen):
    assert [one.id for one in manifests.to_read(numbered(*kinds))] == chosen


@pytest.mark.parametrize("kinds", [[], ["full"]])
def test_without_a_manifest_there_is_nothing_to_commit(kinds):
    with pytest.raises(BadInput, match="no manifest"):
        manifests.to_read(numbered(*kinds))


def test_what_is_handed_out_can_be_read_again():
    entries = [
        Entry("a", MD5, 7, birth_id=5, blob="sha"),
        Entry("r", "e", 2, ref="x://y", extra='{"k": 1}'),
        Entry("s", "e", 0, ref="x://z"),
    ]

    raw = manifests.written(entries, str)

    assert json.loads(raw) == {
        "version": 1,
        "storagePolicy": "wandb-storage-policy-v1",
        "storagePolicyConfig": {"storageLayout": "V2"},
        "contents": {
            "a": {"digest": MD5, "size": 7, "birthArtifactID": "5"},
            "r": {"digest": "e", "size": 2, "ref": "x://y", "extra": {"k": 1}},
            "s": {"digest": "e", "size": 0, "ref": "x://z"},
        },
    }
    again = manifests.read(raw, Limits(), birth)
    assert again[1:] == entries[1:]
    assert again[0] == Entry("a", MD5, 7, birth_id=5)
