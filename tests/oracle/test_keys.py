"""Semantics §1, keys: nested dicts stay nested, and nearly every string is a key."""

import pytest

from oracle.compare import user_rows

KEPT = [
    "a.b",
    "a/b",
    "a b",
    " ",
    "é😀",
    "line\nbreak",
    "trail.",
    ".",
    "..",
    "x\0y",
    "k" * 5000,
    "%s{}",
]


@pytest.mark.parametrize("key", KEPT, ids=ascii)
def test_key_is_kept_as_it_is(play, key):
    played = play("run = init()", f"run.log({{{key!r}: 1}})", "plain(run.summary)")

    assert user_rows(played.log) == [{key: 1, "_step": 0}]
    assert played.log.summary[key] == 1
    assert played["plain(run.summary)"].value[key] == 1


def test_nested_dicts_are_paths_and_never_joined(play):
    played = play("run = init()", "run.log({'d': {'x': 1, 'y': {'z': 2}}, 'd.x': 3, 'd/x': 4})")

    (history,) = played.log.of_kind("history")
    paths = [tuple(item["nested_key"]) for item in history["item"]]
    own = sorted(path for path in paths if not path[0].startswith("_"))
    assert own == [("d", "x"), ("d", "y", "z"), ("d.x",), ("d/x",)]


def test_empty_key_is_dropped_at_the_top_only(play):
    played = play("run = init()", "run.log({'': 1, 'n': {'': 2}, 'l': [{'': 3}]})")

    assert user_rows(played.log) == [{"n": {"": 2}, "l": [{"": 3}], "_step": 0}]


def test_row_of_the_empty_key_alone_is_an_empty_row(play):
    played = play("run = init()", "run.log({'': 1})", "run.step")

    assert user_rows(played.log) == [{"_step": 0}]
    assert played["run.step"].value == 1


def test_dicts_in_lists_are_one_leaf(play):
    played = play("run = init()", "run.log({'l': [{'q': 1}, {'q': {'r': 2}}]})")

    (history,) = played.log.of_kind("history")
    (item,) = [item for item in history["item"] if item["nested_key"] == ["l"]]
    assert user_rows(played.log)[0]["l"] == [{"q": 1}, {"q": {"r": 2}}]
    assert item["value_json"].startswith("[")


@pytest.mark.parametrize("depth", [10, 60])
def test_deep_nesting_is_kept(play, depth):
    tree = "{'k': " * depth + "1" + "}" * depth
    played = play("run = init()", f"run.log({tree})")

    (row,) = user_rows(played.log)
    for _ in range(depth):
        row = row["k"]
    assert row == 1


def test_wide_rows_are_kept(play):
    played = play("run = init()", "run.log({f'key{n}': n for n in range(3000)})")

    (row,) = user_rows(played.log)
    assert row == {**{f"key{n}": n for n in range(3000)}, "_step": 0}


def test_rows_longer_than_a_block_are_kept(play):
    played = play(
        "run = init()", *[f"run.log({{'text': '{n}' * {n} * 40000}})" for n in range(1, 6)]
    )

    assert [len(row["text"]) for row in played.log.rows] == [n * 40000 for n in range(1, 6)]


def test_keys_of_a_str_subclass_are_their_text(play):
    played = play(
        "run = init()",
        "class Key(str):\n    def __str__(self): return 'wrong'",
        "run.log({Key('a'): 1, 'n': {Key('b'): 2}, np.str_('c'): 3})",
    )

    assert user_rows(played.log) == [{"a": 1, "n": {"b": 2}, "c": 3, "_step": 0}]
