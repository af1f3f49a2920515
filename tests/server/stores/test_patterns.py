"""Patterns from strangers: a search that takes its time keeps nobody else waiting, and ends."""

import pytest

from ferrule.stores.sql.filters import matches
from wandb._native import Pattern
from wandb._wire.filters import FilterError, parse


@pytest.mark.parametrize("pattern", [".*.*.*.*!", "(x+x+)+y", "(x|x)*$y"])
def test_pattern_that_backtracks_elsewhere_ends_on_a_long_text(pattern):
    assert matches(pattern, "x" * (1 << 20)) is False


def test_pattern_is_searched_for_anywhere_in_a_text():
    assert Pattern("b.d").search("abcde")
    assert Pattern("(?i)É$").search("caf\u00e9")
    assert not Pattern("^b").search("abcde")
    assert matches("a", None) is None


def test_lone_surrogates_stand_for_what_is_no_character():
    assert Pattern("^a\ud800b$").search("a\udfffb")
    assert not Pattern("a").search("\ud800")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(", "unclosed group"),
        ("a(?=b)", "look-around"),
        (r"(a)\1", "backreferences"),
        (r"(\w{50}){50}", "too large"),
    ],
)
def test_what_it_cannot_do_is_told_in_a_sentence(pattern, told):
    with pytest.raises(ValueError, match=told):
        Pattern(pattern)
    with pytest.raises(FilterError, match=told):
        parse({"name": {"$regex": pattern}})
