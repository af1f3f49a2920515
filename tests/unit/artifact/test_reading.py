"""Versions read back: files where they belong, whole, and nowhere else."""

import os
from pathlib import Path

import pytest

from wandb import Artifact
from wandb._artifact.cache import FileCache, file_cache
from wandb._artifact.exceptions import WaitTimeoutError
from wandb._base.digests import md5_string
from wandb.errors import CommError, UnsupportedError

FILES = {"a.txt": b"hello", "sub/b.bin": b"\0" * 1000, "empty": b""}


@pytest.fixture
def stored(catalog):
    return Artifact._from_facts(catalog.add(1, "digits", FILES), catalog)


def found(folder):
    paths = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_all_files_come_to_the_folder_of_the_version(stored, tmp_path):
    folder = stored.download()

    assert folder == str(tmp_path / "artifact" / "digits:v0")
    assert found(folder) == FILES


def test_facts_are_told(stored):
    assert (stored.name, stored.version, stored.state) == ("digits:v0", "v0", "COMMITTED")
    assert stored.qualified_name == "me/p/digits:v0"
    assert (stored.aliases, stored.file_count, stored.size) == (["latest"], 3, 1005)
    assert not stored.is_draft()
    assert stored.wait() is stored


def test_what_is_there_is_not_fetched_again(stored, catalog, tmp_path):
    stored.download(tmp_path / "out")
    count = len(catalog.fetched)
    (tmp_path / "out" / "a.txt").write_bytes(b"wrong")

    stored.download(tmp_path / "out", skip_cache=True)

    assert catalog.fetched[count:] == [("a.txt", "url:a.txt")]
    assert found(tmp_path / "out") == FILES


def test_cache_serves_a_second_folder(stored, catalog, tmp_path):
    stored.download(tmp_path / "one")
    count = len(catalog.fetched)

    stored.download(tmp_path / "two")

    assert len(catalog.fetched) == count
    assert found(tmp_path / "two") == FILES


def test_cache_that_was_cut_off_is_not_believed(stored, catalog, tmp_path):
    stored.download(tmp_path / "one")
    md5 = "5d41402abc4b2a76b9719d911017c592"
    Path(file_cache().path(md5)).write_bytes(b"he")

    stored.download(tmp_path / "two")

    assert found(tmp_path / "two") == FILES


def test_cache_of_other_content_of_the_same_size_is_not_believed(stored, catalog, tmp_path):
    stored.download(tmp_path / "one")
    Path(file_cache().path("5d41402abc4b2a76b9719d911017c592")).write_bytes(b"HELLO")

    stored.download(tmp_path / "two")

    assert found(tmp_path / "two") == FILES


def test_content_that_is_not_what_the_manifest_says_is_not_saved(stored, catalog, tmp_path):
    catalog.bodies[stored.id, "a.txt"] = b"HELLO"

    with pytest.raises(ValueError, match="not what the manifest says"):
        stored.download(tmp_path / "out")

    assert "a.txt" not in found(tmp_path / "out")
    assert not [name for name in found(tmp_path / "out") if name.endswith(".part")]
    assert file_cache().find("5d41402abc4b2a76b9719d911017c592", 5) is None


def test_file_that_was_there_stays_when_the_new_one_does_not_come(stored, catalog, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_bytes(b"old")
    del catalog.bodies[stored.id, "a.txt"]

    with pytest.raises(CommError):
        stored.download(tmp_path / "out")

    assert (tmp_path / "out" / "a.txt").read_bytes() == b"old"


def test_only_what_begins_with_a_path_is_fetched(stored, tmp_path):
    stored.download(tmp_path / "out", path_prefix="sub/")

    assert found(tmp_path / "out") == {"sub/b.bin": FILES["sub/b.bin"]}


def test_file_that_the_server_lists_nowhere_is_fetched_all_the_same(stored, catalog, tmp_path):
    catalog.listed = ["a.txt"]

    stored.download(tmp_path / "out")

    assert found(tmp_path / "out") == FILES
    assert ("empty", None) in catalog.fetched


HOSTILE = ["../out.txt", "/abs.txt", "a/../../b", "..", "x\0y"]


@pytest.mark.parametrize("path", HOSTILE)
def test_manifest_decides_no_place_outside_the_folder(catalog, tmp_path, path):
    artifact = Artifact._from_facts(catalog.add(1, "bad", {path: b"evil"}), catalog)

    with pytest.raises(ValueError, match="leads out"):
        artifact.download(tmp_path / "deep" / "out")

    assert b"evil" not in found(tmp_path).values()


def test_link_in_the_folder_leads_nobody_out(catalog, tmp_path):
    artifact = Artifact._from_facts(catalog.add(1, "bad", {"link/a.txt": b"evil"}), catalog)
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "out" / "link")

    with pytest.raises(ValueError, match="leads elsewhere"):
        artifact.download(tmp_path / "out")

    assert found(tmp_path / "elsewhere") == {}


def test_many_files_come_at_once_and_all(catalog, tmp_path):
    files = {f"{number // 100}/{number}.txt": b"%d" % number for number in range(1500)}
    artifact = Artifact._from_facts(catalog.add(1, "many", files), catalog)

    artifact.download(tmp_path / "out")

    assert found(tmp_path / "out") == files


def test_one_entry_is_fetched_by_itself(stored, tmp_path):
    entry = stored.get_entry("sub/b.bin")

    path = entry.download()

    assert path == str(tmp_path / "artifact" / "digits:v0" / "sub" / "b.bin")
    assert Path(path).read_bytes() == FILES["sub/b.bin"]
    assert entry.ref_url() == "wandb-artifact://41727469666163743a31/sub/b.bin"
    with pytest.raises(KeyError):
        stored.get_entry("none")


def test_only_file_is_fetched_by_file(catalog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    artifact = Artifact._from_facts(catalog.add(1, "one", {"a.txt": b"1"}), catalog)

    assert Path(artifact.file()).read_bytes() == b"1"


def test_file_of_several_is_an_error(stored):
    with pytest.raises(ValueError, match="3 files"):
        stored.file()


def test_checkout_leaves_nothing_else(stored, tmp_path):
    (tmp_path / "out" / "sub").mkdir(parents=True)
    (tmp_path / "out" / "sub" / "old.txt").write_bytes(b"old")

    stored.checkout(str(tmp_path / "out"))

    assert found(tmp_path / "out") == FILES


def test_verify_finds_what_differs(stored, tmp_path):
    folder = stored.download()
    stored.verify()

    Path(folder, "a.txt").write_bytes(b"HELLO")
    with pytest.raises(ValueError, match=r"a\.txt"):
        stored.verify()

    Path(folder, "a.txt").write_bytes(b"hello")
    Path(folder, "more.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"more\.txt"):
        stored.verify()


# --- references -------------------------------------------------------------------------------


def reference(target, path):
    return {
        "digest": target.manifest.entries[path].digest,
        "size": 0,
        "ref": target.get_entry(path).ref_url(),
    }


def test_reference_brings_the_file_that_it_means(stored, catalog, tmp_path):
    facts = catalog.add(2, "copy", {}, {"mine.txt": reference(stored, "a.txt")})
    artifact = Artifact._from_facts(facts, catalog)

    artifact.download(tmp_path / "out")

    assert found(tmp_path / "out") == {"mine.txt": b"hello"}
    assert artifact.get_entry("mine.txt").ref_target() == reference(stored, "a.txt")["ref"]


def test_reference_to_a_reference_is_followed(stored, catalog, tmp_path):
    first = Artifact._from_facts(
        catalog.add(2, "copy", {}, {"mine.txt": reference(stored, "a.txt")}), catalog
    )
    draft = Artifact("again", type="dataset")
    draft._catalog = catalog

    (entry,) = draft.add_reference(first.get_entry("mine.txt"))

    assert entry.ref == "wandb-artifact://41727469666163743a31/a.txt"
    assert (entry.path, entry.digest) == ("mine.txt", md5_string("hello"))


def test_references_in_a_circle_have_an_end(catalog, tmp_path):
    ref = "wandb-artifact://41727469666163743a31/a.txt"
    facts = catalog.add(1, "circle", {}, {"a.txt": {"digest": "ZQ==", "size": 0, "ref": ref}})
    artifact = Artifact._from_facts(facts, catalog)

    with pytest.raises(FileNotFoundError, match="without an end"):
        artifact.download(tmp_path / "out")


def test_reference_that_leads_nowhere_may_be_left_out(catalog, tmp_path, capsys):
    ref = "wandb-artifact://41727469666163743a39/a.txt"
    entry = {"digest": "ZQ==", "size": 0, "ref": ref}
    facts = catalog.add(1, "some", {"b.txt": b"2"}, {"a.txt": entry})
    artifact = Artifact._from_facts(facts, catalog)

    with pytest.raises(FileNotFoundError):
        artifact.download(tmp_path / "out")
    artifact.download(tmp_path / "out", allow_missing_references=True)

    assert found(tmp_path / "out") == {"b.txt": b"2"}
    assert "has no artifact" in capsys.readouterr().err


def test_reference_elsewhere_is_named(catalog, tmp_path):
    entry = {"digest": "etag", "size": 3, "ref": "s3://bucket/key"}
    artifact = Artifact._from_facts(catalog.add(1, "far", {}, {"k": entry}), catalog)

    with pytest.raises(UnsupportedError, match="s3://bucket/key"):
        artifact.download(tmp_path / "out")


# --- on its way -------------------------------------------------------------------------------


class Saving:
    def __init__(self, answer):
        self.answer = answer

    def wait(self, timeout_secs):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_wait_makes_the_draft_the_version(catalog):
    draft = Artifact("digits", type="dataset")
    draft._save_began(Saving((catalog.add(1, "digits", FILES), catalog)))

    assert draft.wait() is draft
    assert (draft.name, draft.is_draft(), draft.size) == ("digits:v0", False, 1005)


def test_wait_that_took_too_long_says_so():
    draft = Artifact("digits", type="dataset")
    draft._save_began(Saving(TimeoutError()))

    with pytest.raises(WaitTimeoutError, match="still on its way"):
        draft.wait(timeout=1)


def test_cache_is_whole_whoever_else_writes(tmp_path):
    cache = FileCache(str(tmp_path / "c"))

    def other(path):
        cache.keep("ab" * 16, lambda place: Path(place).write_bytes(b"same"))
        Path(path).write_bytes(b"same")

    kept = cache.keep("ab" * 16, other)

    assert kept == cache.find("ab" * 16, 4)
    assert os.listdir(tmp_path / "c" / "tmp") == []
