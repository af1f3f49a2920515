"""The algebra of column types: what a type takes, what it becomes, its JSON and its words."""

import datetime
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wandb
from wandb.data_types import column_kinds
from wandb.data_types.column_types import (
    AnyType,
    BooleanType,
    ConstType,
    InvalidType,
    NoneType,
    NumberType,
    OptionalType,
    PythonObjectType,
    StringType,
    TimestampType,
    Type,
    TypeRegistry,
    UnionType,
    UnknownType,
)
from wandb.data_types.container_types import ListType, NDArrayType, TypedDictType

type_of = TypeRegistry.type_of


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, NoneType()),
        (math.nan, NoneType()),
        (np.float64(math.nan), NumberType()),
        (True, BooleanType()),
        (np.bool_(True), BooleanType()),
        (5, NumberType()),
        (np.float32(0.5), NumberType()),
        (np.longlong(3), NumberType()),
        (np.complex64(1j), NumberType()),
        ("text", StringType()),
        (np.str_("text"), PythonObjectType("str_")),
        (b"bytes", PythonObjectType("bytes")),
        (datetime.date(2024, 1, 2), TimestampType()),
        (datetime.datetime(2024, 1, 2), TimestampType()),
        (np.datetime64("2024-01-02"), TimestampType()),
        (datetime.timedelta(1), PythonObjectType("timedelta")),
        (np.timedelta64(1), PythonObjectType("timedelta64")),
        ([1, 2], ListType(NumberType, 2)),
        ([1, None], ListType(OptionalType(NumberType), 2)),
        ((1, "a"), ListType(InvalidType, 2)),
        ([], ListType(UnknownType, 0)),
        ({"a": 1}, TypedDictType({"a": int})),
        (np.zeros((2, 3)), NDArrayType((2, 3))),
    ],
    ids=repr,
)
def test_type_of_a_value(value, wanted):
    assert type_of(value) == wanted


def test_text_and_dicts_that_stand_for_artifacts_have_their_own_type():
    for value in ("wandb-artifact://abc/x", {"_type": "artifactVersion", "id": "x"}):
        assert type_of(value).to_json() == {"wb_type": "artifactVersion"}


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [
        (int, NumberType()),
        (str, StringType()),
        (NumberType, NumberType()),
        (NumberType(), NumberType()),
        ([], ListType()),
        ([int], ListType(NumberType)),
        ([int, str], UnionType([NumberType(), StringType()])),
        ({"a": int}, TypedDictType({"a": NumberType()})),
        (5, ConstType(5)),
        (np.float32, NumberType()),
    ],
    ids=repr,
)
def test_type_of_what_a_user_writes_for_one(dtype, wanted):
    assert TypeRegistry.type_from_dtype(dtype) == wanted


def test_an_example_stands_for_its_type(tmp_path):
    (tmp_path / "page.html").write_text("<p>")
    classes = wandb.Classes([{"id": 1, "name": "cat"}])

    page = TypeRegistry.type_from_dtype(wandb.Html(str(tmp_path / "page.html")))
    ids = TypeRegistry.type_from_dtype(classes)

    assert page.to_json() == {"wb_type": "html-file"}
    assert ids == classes.get_type()
    assert ids.assign(1) == ids
    assert isinstance(ids.assign(2), InvalidType)


@pytest.mark.parametrize(
    ("wb_type", "value", "wanted"),
    [
        (NumberType(), 1, NumberType()),
        (NumberType(), "a", InvalidType()),
        (NumberType(), None, InvalidType()),
        (UnknownType(), 1, NumberType()),
        (UnknownType(), None, InvalidType()),
        (AnyType(), [1], AnyType()),
        (AnyType(), None, InvalidType()),
        (OptionalType(UnknownType()), None, OptionalType(UnknownType())),
        (OptionalType(UnknownType()), 1, OptionalType(NumberType())),
        (OptionalType(NumberType()), "a", InvalidType()),
        (UnionType([NumberType, StringType]), "a", UnionType([StringType, NumberType])),
        (ConstType(5), 5, ConstType(5)),
        (ConstType(5), 6, InvalidType()),
        (ListType(NumberType, 2), [1, 2, 3], ListType(NumberType, 3)),
        (ListType(NumberType, 2), ["a"], InvalidType()),
        (NDArrayType((2,)), np.zeros(2), NDArrayType((2,))),
        (NDArrayType((2,)), np.zeros(3), InvalidType()),
        (TypedDictType({"a": NumberType()}), {"a": 2}, TypedDictType({"a": NumberType()})),
        (TypedDictType({"a": NumberType()}), {"b": 2}, InvalidType()),
        (InvalidType(), 1, InvalidType()),
    ],
    ids=repr,
)
def test_assigning_a_value(wb_type, value, wanted):
    assert wb_type.assign(value) == wanted


def test_lists_of_different_lengths_have_no_length():
    both = ListType(NumberType, 2).assign_type(ListType(NumberType, 3))

    assert both == ListType(NumberType)


@pytest.mark.parametrize(
    "wb_type",
    [
        OptionalType(NumberType()),
        ListType(OptionalType(StringType()), 3),
        TypedDictType({"a": NumberType(), "b": ListType(AnyType())}),
        ConstType({1, 2}),
        PythonObjectType("Tensor"),
        NDArrayType((2, 3), {"path": "p", "key": "k"}),
    ],
    ids=repr,
)
def test_a_type_comes_back_of_its_json(wb_type):
    assert TypeRegistry.type_from_dict(wb_type.to_json()) == wb_type


def test_json_has_params_where_there_are_any():
    assert NumberType().to_json() == {"wb_type": "number"}
    assert OptionalType(NumberType()).to_json() == {
        "wb_type": "union",
        "params": {"allowed_types": [{"wb_type": "none"}, {"wb_type": "number"}]},
    }


@pytest.mark.parametrize("wire", [{"wb_type": "nonsense"}, {}, {"wb_type": ["x"]}])
def test_json_of_no_type_is_refused(wire):
    with pytest.raises(TypeError, match="there is no column type"):
        TypeRegistry.type_from_dict(wire)


def test_own_types_join_the_registry():
    class Celsius(float):
        pass

    class CelsiusType(Type):
        name = "celsius"
        types = (Celsius,)

    TypeRegistry.add(CelsiusType)

    assert isinstance(type_of(Celsius(5)), CelsiusType)
    assert isinstance(TypeRegistry.type_from_dict({"wb_type": "celsius"}), CelsiusType)


def test_explanations_name_the_part_that_does_not_fit():
    said = TypedDictType({"a": ListType(NumberType())}).explain({"a": [1, "x"]})

    assert "Key 'a'" in said
    assert "Index 1" in said
    assert "String is not assignable to Number" in said


# --- the native pass beside the algebra -----------------------------------------------------

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.just("wandb-artifact://x"),
    st.dates(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from([np.float32(1), np.int8(2), np.bool_(False), np.float64("nan"), np.str_("s")]),
    st.sampled_from([b"x", 1j, {"a": 1}, {1}]),
)
ONE_KIND = st.one_of(
    st.lists(st.one_of(st.none(), st.floats(), st.integers())),
    st.lists(st.one_of(st.none(), st.text())),
    st.lists(st.one_of(st.none(), st.booleans())),
    st.lists(st.dates()),
    st.lists(CELLS, max_size=6),
)
STARTS = st.sampled_from(
    [
        UnknownType(),
        OptionalType(UnknownType()),
        NumberType(),
        OptionalType(NumberType()),
        StringType(),
        OptionalType(AnyType()),
        AnyType(),
        OptionalType(BooleanType()),
        UnionType([NumberType(), StringType()]),
        UnionType([NoneType(), NumberType(), UnknownType()]),
        ListType(StringType()),
        ConstType(5),
        OptionalType(TimestampType()),
    ]
)


def slow(wb_type, cells):
    """Assign one cell after another."""
    for cell in cells:
        wb_type = wb_type.assign(cell)
        if isinstance(wb_type, InvalidType):
            break
    return wb_type


@given(STARTS, ONE_KIND)
def test_a_type_widened_by_kinds_is_the_one_that_each_cell_gives(start, cells):
    found = column_kinds.widened(start, column_kinds.cell_kinds.items(cells))

    wanted = slow(start, cells)
    # None says that the kinds don't tell; that is so for each column that holds what doesn't fit.
    assert found == wanted if found is not None else True
    if isinstance(wanted, InvalidType):
        assert found is None


@given(STARTS, CELLS)
def test_a_kind_that_leaves_a_type_unchanged_is_one_whose_cells_do(start, cell):
    kinds = column_kinds.cell_kinds.items([cell])

    if not kinds & ~column_kinds.unchanged_by(start):
        assert start.assign(cell) == start


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_rows_become_columns_with_the_kinds_of_their_cells(rows):
    columns, kinds, ragged = column_kinds.cell_kinds.columns(rows, 2)

    assert ragged is None
    for place in (0, 1):
        column = [row[place] for row in rows]
        assert list(map(id, columns[place])) == list(map(id, column))
        assert kinds[place] == column_kinds.cell_kinds.items(column)
        assert kinds[place] == column_kinds.cell_kinds.column(rows, place)


def test_the_first_ragged_row_is_told():
    columns, _, ragged = column_kinds.cell_kinds.columns([[1, 2], (3, 4), [5]], 2)

    assert (columns, ragged) == ([[1, 3], [2, 4]], 2)


def test_misfits_are_the_places_whose_kind_is_not_allowed():
    allowed = bytes([column_kinds.NUMBER, column_kinds.TEXT, column_kinds.ALL])

    assert column_kinds.cell_kinds.misfits((1, "a", [0]), allowed) is None
    assert column_kinds.cell_kinds.misfits(("a", 1, [0]), allowed) == [0, 1]
