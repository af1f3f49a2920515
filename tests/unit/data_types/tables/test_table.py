"""`Table`: how it is made, read and changed, and what it says about what it can't take."""

import datetime

import numpy as np
import pandas as pd
import pytest

import wandb
from wandb.data_types.column_types import NumberType, OptionalType, StringType, UnionType
from wandb.data_types.table import Table
from wandb.errors import Error


def types(table):
    return {name: str(one) for name, one in table._types.items()}


# --- making ---------------------------------------------------------------------------------


def test_an_empty_table_has_the_default_columns():
    table = Table()

    assert table.columns == ["Input", "Output", "Expected"]
    assert table.data == []


@pytest.mark.parametrize("argument", ["data", "rows"])
def test_rows_are_copied(argument):
    rows = [[1, "a"], (2, "b")]

    table = Table(columns=["n", "s"], **{argument: rows})
    rows[0][0] = 99

    assert table.data == [[1, "a"], [2, "b"]]
    assert types(table) == {"n": "None or Number", "s": "None or String"}


def test_columns_are_copied():
    names = ["a"]

    Table(columns=names, data=[[1]]).add_column("b", [2])

    assert names == ["a"]


def test_rows_may_be_any_iterables():
    table = Table(
        columns=["a", "b"], data=["xy", np.array([1, 2]), range(2)], allow_mixed_types=True
    )

    assert table.data == [["x", "y"], [1, 2], [0, 1]]


def test_an_array_becomes_rows_of_numpy_scalars():
    array = np.arange(6, dtype=np.float32).reshape(3, 2)

    table = Table(columns=["a", "b"], data=array)
    array[:] = -1

    assert table.data == [[0, 1], [2, 3], [4, 5]]
    assert type(table.data[0][0]) is np.float32
    assert types(table) == {"a": "None or Number", "b": "None or Number"}


def test_an_array_of_three_axes_has_arrays_as_cells():
    array = np.arange(12).reshape(2, 2, 3)

    table = Table(columns=["a", "b"], data=array)

    assert table.data[1][0].tolist() == [6, 7, 8]
    assert types(table)["a"] == "Ndarray(shape:[3]) or None"


def test_a_frame_brings_its_columns_and_leaves_its_index():
    frame = pd.DataFrame(
        {
            "f": [0.5, np.nan],
            "i": [1, 2],
            "s": ["x", None],
            "b": [True, False],
            "t": pd.to_datetime(["2024-01-02", "2024-01-03"]),
        },
        index=["first", "second"],
    )

    table = Table(dataframe=frame, columns=["left", "out"])

    assert table.columns == ["f", "i", "s", "b", "t"]
    assert types(table) == {
        "f": "None or Number",
        "i": "None or Number",
        "s": "None or String",
        "b": "Boolean or None",
        "t": "None or Timestamp",
    }
    assert table.data[0] == [0.5, 1, "x", True, np.datetime64("2024-01-02T00:00:00.000000000")]
    assert [type(cell) for cell in table.data[0]] == [
        np.float64,
        np.int64,
        str,
        np.bool_,
        np.datetime64,
    ]


def test_a_frame_may_be_the_data():
    assert Table(data=pd.DataFrame({"a": [1]})).data == [[1]]


def test_a_frame_changed_later_changes_no_table():
    frame = pd.DataFrame({"a": [1.5, 2.5]})
    table = Table(dataframe=frame)

    frame.loc[0, "a"] = 99

    assert table.get_column("a") == [1.5, 2.5]


def test_a_frame_without_rows_has_columns_of_unknown_type():
    table = Table(dataframe=pd.DataFrame({"a": [], "b": []}))

    assert table.data == []
    assert types(table) == {"a": "None or Unknown", "b": "None or Unknown"}


def test_names_of_columns_may_be_integers():
    table = Table(dataframe=pd.DataFrame([[1, 2]]))

    assert table.columns == [0, 1]
    assert table.get_column(1) == [2]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"columns": "ab"}, AssertionError, "list of names"),
        ({"columns": ["a", 2.5]}, AssertionError, "2.5 is of float"),
        ({"columns": ["a"], "data": "nonsense"}, AssertionError, "list of rows"),
        ({"columns": ["a"], "data": [[1, 2]]}, ValueError, r"expects 1 columns.*row 0 has 2"),
        ({"columns": ["a"], "data": [[1], []]}, ValueError, "row 1 has 0 cells"),
        ({"columns": ["a"], "data": np.zeros(3)}, ValueError, "two axes"),
        ({"columns": ["a"], "data": np.zeros((3, 2))}, ValueError, "expects 1 columns, found 2"),
        ({"columns": ["a"], "data": [[1], ["x"]]}, TypeError, "'x' of type String.*row 1 of .*'a'"),
        ({"columns": ["a"], "data": [[None]], "optional": False}, TypeError, "optional=True"),
        ({"columns": ["a"], "data": [["x"]], "dtype": int}, TypeError, "holds None or Number"),
        ({"columns": ["a"], "optional": [True, False]}, ValueError, "2 items for 1 columns"),
        ({"columns": ["a"], "dtype": [int, str]}, ValueError, "dtype has 2 items"),
        ({"dataframe": [[1]]}, AssertionError, "data frame"),
        ({"log_mode": "SOMETIMES"}, AssertionError, "IMMUTABLE, MUTABLE, INCREMENTAL"),
        ({"columns": ["a"], "data": [5]}, TypeError, "not iterable"),
    ],
)
def test_what_makes_no_table_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        Table(**arguments)


def test_columns_of_one_name_in_a_frame_are_kept_and_told(capsys):
    table = Table(dataframe=pd.DataFrame([[1, "x"]], columns=["again", "again"]))

    assert table.data == [[1, "x"]]
    assert "can't be told apart: again" in capsys.readouterr().err


def test_what_is_missing_in_columns_of_pandas_own_types_is_none():
    frame = pd.DataFrame({"i": pd.array([1, None], "Int64"), "s": pd.array(["x", None], "string")})

    table = Table(dataframe=frame)

    assert table.data == [[1, "x"], [None, None]]
    assert types(table) == {"i": "None or Number", "s": "None or String"}


def test_columns_of_one_name_are_kept_and_told(capsys):
    table = Table(columns=["twice", "twice"], data=[[1, "x"]])

    assert table.data == [[1, "x"]]
    assert "columns of the same name" in capsys.readouterr().err


def test_optional_may_differ_by_column():
    table = Table(columns=["a", "b"], optional=[False, True])

    with pytest.raises(TypeError, match="column 'a'"):
        table.add_data(None, 1)
    table.add_data(1, None)

    assert types(table) == {"a": "Number", "b": "None or Unknown"}


def test_mixed_types_are_held_where_they_are_allowed():
    table = Table(columns=["a"], data=[[1], ["x"], [None], [[2]]], allow_mixed_types=True)

    table.add_data(object)

    assert types(table) == {"a": "Any or None"}


# --- adding ---------------------------------------------------------------------------------


def test_a_row_that_does_not_fit_changes_nothing():
    table = Table(columns=["a", "b"], data=[[1, "x"]])

    with pytest.raises(TypeError, match=r"Data row contained incompatible types.*5 of type Number"):
        table.add_data(2, 5)
    with pytest.raises(ValueError, match="expects 2 columns"):
        table.add_data(2)

    assert table.data == [[1, "x"]]
    assert types(table) == {"a": "None or Number", "b": "None or String"}


def test_types_widen_row_by_row():
    table = Table(columns=["a", "b"])

    table.add_data(None, [1, 2])
    table.add_data(1.5, [3, 4])
    table.add_data(float("nan"), [5])

    assert types(table) == {"a": "None or Number", "b": "None or Number[]"}


def test_add_row_is_add_data():
    table = Table(columns=["a"])

    table.add_row(1)

    assert table.data == [[1]]


def test_rows_can_be_added_to_a_frame():
    table = Table(dataframe=pd.DataFrame({"a": [1.5]}))

    table.add_data(2)

    assert table.data == [[1.5], [2]]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ([1, 2], "Number"),
        (["x", "y"], "String"),
        (np.array([1, 2]), "Number"),
        (np.array([True, False]), "Boolean"),
        (np.zeros((2, 3)), "Ndarray(shape:[3])"),
        ([[1], [2]], "Number[]"),
        ([datetime.date(2024, 1, 1)] * 2, "Timestamp"),
    ],
)
@pytest.mark.parametrize("of", ["rows", "frame"])
def test_a_column_is_added(cells, wanted, of):
    made = {
        "rows": {"columns": ["a"], "data": [[1], [2]]},
        "frame": {"dataframe": pd.DataFrame({"a": [1, 2]})},
    }
    table = Table(**made[of])

    table.add_column("b", cells)

    assert str(table._types["b"]) == wanted
    assert [row[0] for row in table.data] == [1, 2]
    assert np.array_equal(np.array([row[1] for row in table.data]), np.array(cells))


def test_the_first_column_makes_the_rows():
    table = Table(columns=[])

    table.add_column("a", [1, 2])
    table.add_column("b", np.array([3, 4]))

    assert table.data == [[1, 3], [2, 4]]


@pytest.mark.parametrize("of", ["rows", "frame", "nothing"])
def test_a_column_of_mixed_types_leaves_the_table_as_it_was(of):
    made = {
        "rows": {"columns": ["a"], "data": [[1], [2]]},
        "frame": {"dataframe": pd.DataFrame({"a": [1, 2]})},
        "nothing": {"columns": []},
    }
    table = Table(**made[of])
    before = [list(row) for row in table._store.shown_rows()], list(table.columns)

    with pytest.raises(TypeError):
        table.add_column("b", [1, "x"])

    assert (table.data, table.columns) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a", [1]), "no other has"),
        ((5, [1]), "needs a string"),
        (("b", [1, 2]), "has 2 cells and the table 1 rows"),
        (("b", "x"), "list or a numpy array"),
        (("b", [1], "yes"), "True or False"),
    ],
)
def test_what_makes_no_column_is_named(arguments, words):
    table = Table(columns=["a"], data=[[1]])

    with pytest.raises(AssertionError, match=words):
        table.add_column(*arguments)

    assert (table.columns, table.data) == (["a"], [[1]])


def test_computed_columns_see_number_and_row():
    table = Table(columns=["a"], data=[[1], [2]])

    table.add_computed_columns(lambda ndx, row: {"sum": ndx + row["a"], "twice": row["a"] * 2})

    assert table.columns == ["a", "sum", "twice"]
    assert table.data == [[1, 1, 2], [2, 3, 4]]


def test_a_function_that_returns_no_dict_adds_nothing():
    table = Table(columns=["a"], data=[[1]])

    with pytest.raises(AssertionError, match="must return a dict"):
        table.add_computed_columns(lambda ndx, row: 5)

    assert table.columns == ["a"]


# --- types ----------------------------------------------------------------------------------


def test_cast_gives_a_type_and_returns_it():
    table = Table(columns=["a"], data=[[1], [2]])

    assert table.cast("a", float, optional=True) == OptionalType(NumberType())
    table.add_data(None)


def test_cast_refuses_what_does_not_fit_and_keeps_the_type():
    table = Table(columns=["a"], data=[[1], ["x"]], allow_mixed_types=True)

    with pytest.raises(TypeError, match="row 1 of column 'a'"):
        table.cast("a", int)
    with pytest.raises(AssertionError, match="no column 'b'"):
        table.cast("b", int)

    assert types(table) == {"a": "Any or None"}


def test_cast_to_several_types_holds_each():
    table = Table(columns=["a"])

    table.cast("a", [int, str], optional=True)
    table.add_data(1)
    table.add_data("x")
    table.add_data(None)

    assert table._types["a"] == OptionalType(UnionType([NumberType(), StringType()]))


# --- reading --------------------------------------------------------------------------------


def test_a_column_as_list_and_as_array():
    table = Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]])

    assert table.get_column("a") == [1, 2]
    assert table.get_column("a", convert_to="numpy").tolist() == [1, 2]
    with pytest.raises(AssertionError, match="no column 'c'"):
        table.get_column("c")
    with pytest.raises(AssertionError, match="convert_to"):
        table.get_column("a", convert_to="torch")


def test_an_array_that_was_got_is_a_copy():
    table = Table(dataframe=pd.DataFrame({"a": [1.5]}))

    table.get_column("a", convert_to="numpy")[0] = 99

    assert table.get_column("a") == [1.5]


def test_rows_changed_by_hand_are_the_tables():
    table = Table(dataframe=pd.DataFrame({"a": [1.5]}))

    table.data.append([2.5])
    table.data[0][0] = 0.5

    assert table.get_column("a") == [0.5, 2.5]


def test_a_table_becomes_a_frame():
    frame = pd.DataFrame({"a": [1.5, 2.5], "s": ["x", "y"]})

    back = Table(dataframe=frame).get_dataframe()

    pd.testing.assert_frame_equal(back, frame)


def test_rows_come_with_numbers_that_refer_to_the_table():
    table = Table(columns=["a"], data=[["x"], ["y"]])

    (first, row), _ = table.iterrows()

    assert (first, row) == (0, ["x"])
    assert table.get_index() == [0, 1]
    assert table.index_ref(1).get_row() == {"a": "y"}
    with pytest.raises(AssertionError, match="no row 2"):
        table.index_ref(2)


def test_equality_is_of_columns_types_and_cells():
    def made(cell=1, name="a"):
        return Table(columns=[name, "b"], data=[[cell, np.arange(2)]])

    assert made() == made()
    assert made() != made(cell=2)
    assert made() != made(name="c")
    assert made() != made(cell="x")
    assert made() != 5
    with pytest.raises(AssertionError, match=r"row 0, column 'a'"):
        made()._eq_debug(made(cell=2), should_assert=True)


def test_a_table_of_a_tables_rows_is_equal():
    table = Table(columns=["a", "b"], data=[[1, "x"], [None, "y"]])

    assert Table(columns=table.columns, data=table.data) == table


# --- keys -----------------------------------------------------------------------------------


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

    assert types(table)["row"].startswith("Foreignindex")
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


# --- increments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.add_column("b", [1]),
        lambda table: table.add_computed_columns(lambda ndx, row: {}),
    ],
)
def test_a_table_in_increments_only_grows(change):
    table = Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")

    with pytest.raises(Error, match="INCREMENTAL"):
        change(table)


def test_limits_are_those_of_the_original():
    assert (wandb.Table.MAX_ROWS, wandb.Table.MAX_ARTIFACT_ROWS) == (10_000, 200_000)
