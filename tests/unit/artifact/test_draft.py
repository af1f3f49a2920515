"""Drafts: what can be added, as it was when it was added."""

import os
import stat
from pathlib import Path

import pytest

from wandb import Artifact
from wandb._artifact.artifact import internal_artifact
from wandb._artifact.exceptions import ArtifactFinalizedError, ArtifactNotLoggedError
from wandb._artifact.sink import ArtifactSink
from wandb._base.digests import md5_string
from wandb.data_types.base import Content, WBValue
from wandb.errors import UnsupportedError


@pytest.fixture
def draft():
    return Artifact("digits", type="dataset")


def written(folder, name, content=b"hello"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["a b", "a/b", "", "a\n", "ü", "a" * 129])
def test_name_that_no_server_takes_is_an_error(name):
    with pytest.raises(ValueError, match="name of an artifact"):
        Artifact(name, type="dataset")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a", "job"), ("a", "wandb-thing"), ("run-1", "run_table"), ("source-x", "code")],
)
def test_types_of_the_client_itself_are_refused(name, kind):
    with pytest.raises(ValueError, match="kept for"):
        Artifact(name, type=kind)


@pytest.mark.parametrize(("name", "kind"), [("a", "run_table"), ("a", "code"), ("x", "model")])
def test_types_that_only_some_names_may_not_have(name, kind):
    assert Artifact(name, type=kind).type == kind


def test_metadata_is_a_copy_in_values_of_json():
    given = {"shape": (1, 2), "none": None}

    draft = Artifact("a", type="t", metadata=given)
    given["late"] = 1

    assert draft.metadata == {"shape": [1, 2], "none": None}
    with pytest.raises(TypeError, match="metadata must be a dict"):
        Artifact("a", type="t", metadata=[1])


def test_draft_says_what_it_is(draft):
    assert draft.is_draft()
    assert (draft.id, draft.state, draft.name, draft.type) == (None, "PENDING", "digits", "dataset")
    assert len(draft._client_id) == len(draft._sequence_client_id) == 128
    assert repr(draft) == "<Artifact digits>"


@pytest.mark.parametrize("name", ["version", "aliases", "file_count", "entity", "commit_hash"])
def test_what_only_a_server_knows_is_an_error_before(draft, name):
    with pytest.raises(ArtifactNotLoggedError, match=f"Artifact.{name}"):
        getattr(draft, name)


@pytest.mark.parametrize("call", ["download", "verify", "checkout", "file", "files", "wait"])
def test_what_needs_a_server_is_an_error_before(draft, call):
    with pytest.raises(ArtifactNotLoggedError, match=f"Artifact.{call}"):
        getattr(draft, call)()


def test_file_is_kept_as_it_was_when_it_was_added(draft, tmp_path):
    path = written(tmp_path, "a.txt")

    entry = draft.add_file(path)
    path.write_bytes(b"other")

    assert (entry.path, entry.digest, entry.size) == ("a.txt", md5_string("hello"), 5)
    assert Path(entry.local_path).read_bytes() == b"hello"
    assert Path(entry.local_path).parent == tmp_path / "data" / "artifacts" / "staging"
    assert stat.S_IMODE(os.stat(entry.local_path).st_mode) == stat.S_IRUSR
    assert draft.get_added_local_path_name(str(path)) == "a.txt"
    assert draft.size == 5


def test_file_that_stays_as_it_is_is_not_copied(draft, tmp_path):
    path = written(tmp_path, "a.txt")

    entry = draft.add_file(str(path), policy="immutable")

    assert entry.local_path == str(path)
    with pytest.raises(ValueError, match="policy"):
        draft.add_file(str(path), policy="other")


def test_temporary_file_is_named_by_its_content(draft, tmp_path):
    path = written(tmp_path, "x.table.json", b"{}")

    entry = draft.add_file(path, name="media/x.table.json", is_tmp=True)

    assert entry.path == "media/99914b932bd37a50b983.table.json"


def test_folder_is_added_with_all_that_is_below(draft, tmp_path, capsys):
    written(tmp_path / "d", "a.txt", b"1")
    written(tmp_path / "d", "sub/b.txt", b"22")

    draft.add_dir(tmp_path / "d", name="in")

    assert sorted(draft.manifest.entries) == ["in/a.txt", "in/sub/b.txt"]
    assert draft.size == 3


def test_other_content_under_a_path_wants_to_be_asked_for(draft, tmp_path):
    draft.add_file(written(tmp_path, "a.txt", b"1"))
    draft.add_file(written(tmp_path, "a.txt", b"1"))

    with pytest.raises(ValueError, match="other content"):
        draft.add_file(written(tmp_path, "a.txt", b"2"))
    assert draft.manifest.entries["a.txt"].digest == md5_string("1")

    draft.add_file(written(tmp_path, "a.txt", b"2"), overwrite=True)
    assert draft.manifest.entries["a.txt"].digest == md5_string("2")


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b"])
def test_path_that_leads_out_of_the_artifact_is_refused(draft, tmp_path, name):
    with pytest.raises(ValueError, match="relative"):
        draft.add_file(written(tmp_path, "a.txt"), name=name)
    assert len(draft.manifest) == 0


def test_what_is_no_file_or_folder_is_refused(draft, tmp_path):
    with pytest.raises(ValueError, match="no file"):
        draft.add_file(tmp_path)
    with pytest.raises(ValueError, match="no folder"):
        draft.add_dir(tmp_path / "none")


def test_new_file_is_added_when_the_block_ends(draft):
    with draft.new_file("notes/a.txt") as file:
        file.write("words")

    assert draft.manifest.entries["notes/a.txt"].digest == md5_string("words")
    with pytest.raises(ValueError, match="already"), draft.new_file("notes/a.txt"):
        pass
    with draft.new_file("notes/a.txt", mode="w") as file:
        file.write("more")
    assert draft.manifest.entries["notes/a.txt"].digest == md5_string("more")


def test_new_file_of_a_block_that_raised_is_not_added(draft):
    with pytest.raises(ZeroDivisionError), draft.new_file("a.txt"):
        raise ZeroDivisionError

    assert len(draft.manifest) == 0


def test_entries_and_folders_are_removed(draft, tmp_path):
    written(tmp_path / "d", "a.txt", b"1")
    written(tmp_path / "d", "sub/b.txt", b"2")
    written(tmp_path / "d", "sub/c.txt", b"3")
    draft.add_dir(tmp_path / "d")

    draft.remove(draft.manifest.entries["a.txt"])
    draft.remove("sub")

    assert len(draft.manifest) == 0
    with pytest.raises(FileNotFoundError, match="sub"):
        draft.remove("sub")


def test_finalized_artifact_takes_nothing_more(draft, tmp_path):
    path = written(tmp_path, "a.txt")
    draft.finalize()

    for change in (
        lambda: draft.add_file(path),
        lambda: draft.add_dir(tmp_path),
        lambda: draft.new_file("x").__enter__(),
        lambda: draft.remove("a.txt"),
        lambda: draft.add_reference("wandb-artifact://00/a"),
        lambda: draft.add(object(), "x"),
    ):
        with pytest.raises(ArtifactFinalizedError):
            change()


def test_digest_is_that_of_the_manifest(draft, tmp_path):
    draft.add_file(written(tmp_path, "a.txt"))

    assert draft.digest == draft.manifest.digest() != Artifact("e", type="t").digest


@pytest.mark.parametrize(
    ("key", "name"), [("plain", "plain"), ("a/b c", "abc-pXQ4lg"), ("x.y", "x.y")]
)
def test_names_of_the_clients_own_artifacts_fit_any_key(key, name):
    made = internal_artifact(key, "run_table")

    assert made.type == "run_table"
    assert made.name.partition("-")[0] == name.partition("-")[0]
    assert len(made.name) == len(name)


# --- values -----------------------------------------------------------------------------------


class Image(WBValue):
    """Stands for an image: its class has an image's name."""

    _log_type = "image-file"

    def __init__(self, content):
        self._content = content

    def to_wire(self, sink, *, name):
        return {"_type": self._log_type, **sink.keep(self._content, kind="images", name=name)}


def test_object_is_json_beside_its_file(draft):
    content = Content(".png", data=b"pixels")

    entry = draft.add(Image(content), "best")

    path = f"media/images/{content.md5[:20]}.png"
    assert entry.path == "best.image-file.json"
    assert sorted(draft.manifest.entries) == ["best.image-file.json", path]
    assert Path(entry.local_path).read_text() == (
        f'{{"_type": "image-file", "path": "{path}", "sha256": "{content.sha256}"}}'
    )
    assert draft.manifest.entries[path].digest == md5_string("pixels")


def test_users_own_file_keeps_its_name(draft, tmp_path):
    content = Content(".png", path=written(tmp_path, "cat.png", b"pixels"))

    kept = ArtifactSink(draft).keep(content, kind="images", name="x")

    assert kept == {
        "sha256": content.sha256,
        "path": f"media/images/{content.sha256[:20]}/cat.png",
    }
    assert draft.get_added_local_path_name(content.path) == kept["path"]


def test_same_object_is_added_once(draft):
    image = Image(Content(".png", data=b"pixels"))

    assert draft.add(image, "a") is draft.add(image, "b")
    assert (
        draft.add(Image(Content(".png", data=b"pixels")), "a")
        is draft.manifest.entries["a.image-file.json"]
    )


def test_object_of_a_logged_artifact_becomes_a_reference(draft):
    image = Image(Content(".png", data=b"pixels"))
    first = draft.add(image, "a")
    draft.finalize()
    other = Artifact("other", type="dataset")

    entry = other.add(image, "b")

    assert (entry.path, entry.digest, entry.size) == ("b.image-file.json", first.digest, 0)
    assert entry.ref == f"wandb-client-artifact://{draft._client_id}/a.image-file.json"


def test_what_is_no_object_is_refused(draft):
    with pytest.raises(TypeError, match="dict can't be added"):
        draft.add({}, "x")


def test_references_elsewhere_are_refused_with_a_sentence(draft):
    with pytest.raises(UnsupportedError, match="s3://"):
        draft.add_reference("s3://bucket/key")
    with pytest.raises(ValueError, match="URI"):
        draft.add_reference("/data/a.csv")
    with pytest.raises(ValueError, match="no entry"):
        draft.add_reference("wandb-client-artifact://nobody/a")
