"""Columns that name the rows of their own table or of another."""

import pytest

from wandb.data_types.table import Table


def test_a_key_and_who_refers_to_it():
    people = Table(columns=["id", "age"], data=[["ann", 1], ["bob", 2]])
    people.set_pk("id")
    visits = Table(columns=["who", "day"], data=[["ann", 1]])

    visits.set_fk("who", people, "id")
    visits.add_data("bob", 2)

    assert [key._col_name for key in visits.get_column("who")] == ["id", "id"]
    assert all(key._table is people for key in visits.get_column("who"))
    assert people.data[0][0]._table is people


def test_a_cell_that_is_a_row_of_another_table_makes_its_column_refer_to_it():
    other = Table(columns=["a"], data=[["x"], ["y"]])
    table = Table(columns=["row"])

    for index in other.get_index():
        table.add_data(index)
    made = Table(columns=["row"], data=[[index] for index in other.get_index()])

    assert str(table._types["row"]).startswith("Foreignindex")
    assert [index.get_row() for index in made.get_column("row")] == [{"a": "x"}, {"a": "y"}]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda table, other: table.set_pk("a"), "key already"),
        (lambda table, other: table.set_fk("k", other, "a"), "own key"),
        (lambda table, other: table.set_fk("a", other, "b"), "no column 'b'"),
        (lambda table, other: table.set_fk("a", table, "k"), "its own table"),
        (lambda table, other: table.set_fk("c", other, "a"), "no column 'c'"),
    ],
)
def test_keys_that_can_not_be(wrong, words):
    table = Table(columns=["k", "a"], data=[["x", "y"]])
    other = Table(columns=["a"], data=[["y"]])
    table.set_pk("k")

    with pytest.raises(AssertionError, match=words):
        wrong(table, other)


def test_a_key_stays_one():
    table = Table(columns=["k"])
    table.set_pk("k")

    with pytest.raises(AssertionError, match="k: a column that is a key stays one"):
        table.cast("k", str)


def test_a_column_that_is_no_text_is_no_key():
    with pytest.raises(TypeError):
        Table(columns=["k"], data=[[1]]).set_pk("k")
