"""Tables that are made of others: rows found by key, none lost, none made up."""

import pytest

from ferrule.errors import BadInput, TooLarge
from ferrule.tables.composed import Join, Parts, joined, read_composition, stacked
from ferrule.tables.frame import Column, Frame

MOST = 10_000


def frame(**columns):
    rows = len(next(iter(columns.values())))
    return Frame([Column(name, values) for name, values in columns.items()], rows, 10)


def table(made):
    return {column.name: column.values for column in made.columns}


def test_rows_are_joined_where_keys_are_equal_and_none_is_left_out():
    first = frame(id=[1, 2, 3], guess=["a", "b", "c"])
    second = frame(id=[3, 1, 4], truth=["C", "A", "D"])

    made = joined(first, second, ("id", "id"), max_cells=MOST)

    assert table(made) == {
        "id": [1, 2, 3, 4],
        "guess": ["a", "b", "c", None],
        "truth": ["A", None, "C", "D"],
    }
    assert made.rows == 4


def test_key_that_is_there_several_times_gives_each_pair():
    first, second = frame(k=["x", "x"], a=[1, 2]), frame(k=["x", "x"], b=[3, 4])

    made = table(joined(first, second, ("k", "k"), max_cells=MOST))

    assert list(zip(made["a"], made["b"], strict=True)) == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_keys_of_two_names_stay_two_columns_and_others_of_one_name_are_numbered():
    first, second = frame(id=[1], score=[0.5]), frame(row=[1], score=[0.7])

    made = table(joined(first, second, ("id", "row"), max_cells=MOST))

    assert made == {"id": [1], "score (1)": [0.5], "row": [1], "score (2)": [0.7]}


def test_missing_keys_meet_nothing_and_true_is_not_one():
    first, second = frame(k=[None, True, 1]), frame(k=[None, 1.0], b=["none", "one"])

    made = table(joined(first, second, ("k", "k"), max_cells=MOST))

    assert made["b"] == [None, None, "one", "none"]


def test_join_without_its_column_or_too_large_is_refused():
    one, many = frame(a=[1]), frame(k=[1] * 100)

    with pytest.raises(BadInput, match="no such column"):
        joined(one, many, ("k", "k"), max_cells=MOST)
    with pytest.raises(TooLarge):
        joined(many, many, ("k", "k"), max_cells=MOST)


def test_parts_go_below_each_other_by_the_names_of_their_columns():
    made = stacked([frame(a=[1, 2], b=[3, 4]), frame(b=[5], c=[6])], max_cells=MOST)

    assert [column.name for column in made.columns] == ["a", "b", "c"]
    assert table(made) == {"a": [1, 2, None], "b": [3, 4, 5], "c": [None, None, 6]}
    assert made.rows == 3
    with pytest.raises(TooLarge):
        stacked([frame(a=[1, 2])], max_cells=1)


def test_what_a_table_is_made_of_is_read_from_its_file():
    join = b'{"table1": "a.table.json", "table2": "b.table.json", "join_key": ["x", "y"]}'

    assert read_composition("j.joined-table.json", join) == Join(
        "a.table.json", "b.table.json", ("x", "y")
    )
    assert read_composition("p.partitioned-table.json", b'{"parts_path": "parts/"}') == Parts(
        "parts"
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"table1": 1}', b'{"table1": "a", "table2": "b", "join_key": [1, 2]}'],
)
def test_file_that_does_not_say_it_is_refused(body):
    with pytest.raises(BadInput):
        read_composition("j.joined-table.json", body)
