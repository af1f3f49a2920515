import pytest

from ferrule.domain import names
from ferrule.errors import BadInput


@pytest.mark.parametrize("name", ["p", "my project", "a.b-c_d", "проект", "x" * 128, "-x"])
def test_names_that_clients_take_are_taken(name):
    assert names.project_name(name) == name
    assert names.run_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "x" * 129,
        "\ud800",
        "",
        " ",
        " a",
        "a ",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a#b",
        "a?b",
        "a%b",
        "a:b",
        "a\nb",
        "a\x00b",
    ],
)
def test_names_that_break_a_path_or_an_address_are_refused(name):
    with pytest.raises(BadInput):
        names.project_name(name)
    with pytest.raises(BadInput):
        names.run_name(name)


@pytest.mark.parametrize("name", ["ann", "a", "0x", "team-1_b"])
def test_entities_have_small_plain_names(name):
    assert names.entity_name(name) == name


@pytest.mark.parametrize("name", ["", "Ann", "-a", "a b", "a/b", "x" * 65, "ü"])
def test_other_names_are_no_entities(name):
    with pytest.raises(BadInput):
        names.entity_name(name)


@pytest.mark.parametrize("name", ["a.txt", "media/images/x y.png", "..a", "a..b/c", "é", "a:b"])
def test_files_stay_in_their_run(name):
    assert names.file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "x" * 1025,
        "\ud800",
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/./b",
        "a\\b",
        "a\x00",
        "a\nb",
    ],
)
def test_names_that_lead_out_of_a_run_are_refused(name):
    with pytest.raises(BadInput):
        names.file_name(name)


def test_tags_are_kept_in_order_once():
    assert names.tags(["b", "a", "b"]) == ("b", "a")


@pytest.mark.parametrize("tags", [[""], ["x" * 65], ["a\nb"], [str(n) for n in range(257)]])
def test_tags_that_nobody_could_read_are_refused(tags):
    with pytest.raises(BadInput):
        names.tags(tags)


def test_half_a_character_in_a_text_shows_as_lost():
    assert names.text("a\ud800b", "notes") == "a?b"
    with pytest.raises(BadInput, match="notes"):
        names.text("x" * (names.MAX_TEXT + 1), "notes")
