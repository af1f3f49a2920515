"""What artifacts and their aliases may be called."""

import pytest

from ferrule.domain import artifacts
from ferrule.errors import BadInput
from ferrule.ports.artifacts import ArtifactChange, version_of


@pytest.mark.parametrize("name", ["ds", "run-abc-my.table", "a" * 128, "_x-1"])
def test_names_that_clients_take_are_taken(name):
    assert artifacts.artifact_name(name) == name
    assert artifacts.type_name(name) == name
    assert artifacts.alias(name) == name


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "a" * 129, "a\nb", "..", "a?b"])
def test_names_that_break_an_address_are_refused(name):
    with pytest.raises(BadInput):
        artifacts.artifact_name(name)


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "v0", "v12", "a\n", "x" * 129])
def test_aliases_that_could_be_taken_for_something_else_are_refused(name):
    with pytest.raises(BadInput):
        artifacts.alias(name)


@pytest.mark.parametrize("name", ["v", "v01", "version", "v1.0", "90%", "V1", "best model"])
def test_other_aliases_are_fine(name):
    assert artifacts.alias(name) == name
    assert version_of(name) is None


def test_aliases_lose_repetitions_and_keep_their_order():
    said = ["b", {"artifactCollectionName": "ds", "alias": "a"}, "b"]

    assert artifacts.aliases(said, "ds") == ("b", "a")
    assert artifacts.aliases(None, "ds") == ()
    with pytest.raises(BadInput, match="At most"):
        artifacts.aliases(["x"] * 257, "ds")


@pytest.mark.parametrize(
    ("name", "parts"),
    [("ds", ("ds", "latest")), ("ds:v3", ("ds", "v3")), ("ds:a:b", ("ds", "a:b"))],
)
def test_name_has_a_collection_and_a_version(name, parts):
    assert artifacts.parted(name) == parts


@pytest.mark.parametrize("said", [None, "", "null"])
def test_no_metadata_is_none(said):
    assert artifacts.metadata(said) is None


@pytest.mark.parametrize("said", ["{", "[]", "3", '{"a":' * 100_000, "{} " + " " * (4 << 20)])
def test_metadata_that_is_no_object_is_refused(said):
    with pytest.raises(BadInput):
        artifacts.metadata(said)


@pytest.mark.parametrize(("said", "kept"), [(None, None), (-1, None), (-2, -2), (60, 60)])
def test_time_to_live_as_it_is_kept(said, kept):
    assert artifacts.ttl(said) == kept


def test_a_change_of_the_time_to_live():
    assert ArtifactChange(at=1).ttl_of(5) == 5
    assert ArtifactChange(at=1, ttl_secs=-1).ttl_of(5) is None
    assert ArtifactChange(at=1, ttl_secs=-2).ttl_of(5) == -2
