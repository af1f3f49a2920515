"""The files of tables: their text, what stands in a run's row, and the way back."""

import datetime
import decimal
import enum
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb._native import table_columns_json, table_rows_json
from wandb.data_types.base import Content, Media
from wandb.data_types.table import Table


class Sketch(Media):
    """A medium that is a file."""

    _log_type = "sketch-file"
    kind = "sketch"

    def __init__(self, text="ink"):
        self._content = Content(".txt", data=text.encode())

    def __repr__(self):
        # Names of tests hold it: an address would differ in each process that collects them.
        return "Sketch()"


class Colour(enum.Enum):
    RED = 1


class Rank(enum.IntEnum):
    HIGH = 3


# --- the native writer ----------------------------------------------------------------------

PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=8)
)


def convert(cell):
    return json.dumps(cell).encode()


@given(st.lists(st.lists(PLAIN, max_size=4)))
def test_rows_are_written_as_python_writes_them(rows):
    written = table_rows_json(rows, b"[", b"]", convert, False)

    assert written.decode() == json.dumps(rows)


NESTED = st.recursive(
    st.one_of(PLAIN, st.dictionaries(st.text(max_size=2), PLAIN, max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.lists(inner, max_size=2).map(tuple)),
    max_leaves=5,
)


@given(st.lists(st.lists(NESTED, max_size=3), max_size=3))
def test_lists_in_cells_are_written_and_other_things_converted(rows):
    written = table_rows_json(rows, b"[", b"]", convert, False)

    assert written.decode() == json.dumps(rows)


def test_a_list_that_contains_itself_is_refused():
    endless = []
    endless.append(endless)

    with pytest.raises(ValueError, match="Circular"):
        table_rows_json([[endless]], b"", b"", convert, False)


@given(st.lists(st.tuples(st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans())))
def test_columns_are_written_as_their_rows(rows):
    floats, ints, flags = zip(*rows, strict=True) if rows else ((), (), ())
    columns = [
        np.array(floats, np.float64),
        np.array(ints, np.int64),
        np.array(flags, np.bool_),
        [str(number) for number in ints],
    ]

    for few in (columns, columns[:3]):
        written = table_columns_json(few, (0, len(rows)), b"[", b"]", convert, False)
        wanted = [list(row) for row in zip(*(list(map(plain, one)) for one in few), strict=True)]
        assert written.decode() == json.dumps(wanted)


def plain(cell):
    return cell.item() if isinstance(cell, np.generic) else cell


@pytest.mark.parametrize("rows", [1, 4095, 4096, 4097, 10_000])
def test_blocks_meet(rows):
    column = np.arange(rows)

    written = table_columns_json([column, list(range(rows))], (1, rows), b"[", b"]", convert, True)

    assert json.loads(written) == [[at, at] for at in range(1, rows)]


def test_a_nan_is_null_where_it_is_asked_for():
    column = np.array([math.nan, math.inf])

    assert table_columns_json([column], (0, 2), b"", b"", convert, True) == b"[null], [Infinity]"
    assert table_rows_json([[math.nan]], b"", b"", convert, True) == b"[null]"
    # The original's encoder knows numpy's float64 as a float, and others not.
    cells = [[np.float64("nan"), np.float32("nan"), np.float16("nan")]]
    assert table_rows_json(cells, b"", b"", convert, False) == b"[NaN, null, null]"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (np.arange(4)[::2], "without gaps"),
        (np.zeros((2, 2)), "one line"),
        (np.zeros(2, np.complex64), "convert it first"),
        ("text", "numpy array or a list"),
        (np.zeros(1), "less than 2 cells"),
        ([1], "less than 2 cells"),
    ],
    ids=repr,
)
def test_columns_that_can_not_be_written_are_refused(column, words):
    with pytest.raises((TypeError, ValueError), match=words):
        table_columns_json([column], (0, 2), b"", b"", convert, False)


# --- in a run -------------------------------------------------------------------------------


def test_a_run_has_a_file_and_a_row(run):
    table = Table(columns=["a", "b"], data=[[1, "x"], [2.5, None]])

    row = run.log("t", table)

    assert run.files[row["path"]] == b'{"columns": ["a", "b"], "data": [[1, "x"], [2.5, null]]}'
    assert row == {
        "_type": "table-file",
        "sha256": row["sha256"],
        "size": 56,
        "path": f"media/table/t_0_{row['sha256'][:20]}.table.json",
        "artifact_path": "wandb-client-artifact://c0/t",
        "ncols": 2,
        "nrows": 2,
        "log_mode": "IMMUTABLE",
    }


CELLS_IN_A_RUN = [
    (math.nan, math.nan),
    (np.float32(0.5), 0.5),
    (np.int8(5), 5),
    (np.bool_(True), True),
    (np.str_("s"), "s"),
    (Sketch(), "Sketch"),
    ([Sketch(), 1], ["Sketch", 1]),
    ({"a": Sketch(), "b": np.arange(2)}, {"a": "Sketch", "b": [0, 1]}),
    (np.arange(40).reshape(2, 20), np.arange(40).reshape(2, 20).tolist()),
    (datetime.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05"),
    (datetime.date(2024, 1, 2), "2024-01-02"),
    (np.datetime64("2024-01-02T03:04:05"), "2024-01-02T03:04:05"),
    (b"ab", [97, 98]),
    (Colour.RED, "RED"),
    (Rank.HIGH, 3),
    (2**70, 2**70),
    ("é\ud83d\u2028", "é\ud83d\u2028"),
    (math.inf, math.inf),
]


@pytest.mark.parametrize(("cell", "wanted"), CELLS_IN_A_RUN, ids=repr)
def test_a_cell_in_a_run(run, cell, wanted):
    row = run.log("t", Table(columns=["a"], data=[[cell]], allow_mixed_types=True))

    (found,) = run.file(row)["data"][0]
    assert found == wanted or (found != found and wanted != wanted)


def test_a_cell_that_has_no_json_is_named(run):
    with pytest.raises(TypeError, match="object"):
        run.log("t", Table(columns=["a"], data=[[object()]]))


@pytest.mark.parametrize("of", ["rows", "frame"])
def test_a_runs_file_has_the_first_rows(run, monkeypatch, of):
    monkeypatch.setattr(Table, "MAX_ROWS", 3)
    frame = pd.DataFrame({"a": range(5), "b": [0.5] * 5})
    table = Table(dataframe=frame)
    if of == "rows":
        table = Table(columns=["a", "b"], data=table.data)

    row = run.log("t", table)

    assert run.file(row)["data"] == [[0, 0.5], [1, 0.5], [2, 0.5]]
    assert row["nrows"] == 5


# --- in an artifact -------------------------------------------------------------------------


def test_an_artifact_has_types_and_all_rows(artifact):
    table = Table(columns=["a", "b"], data=[[1, "x"], [math.nan, None]])

    artifact.add(table, "t")

    union = {"allowed_types": [{"wb_type": "none"}, {"wb_type": "number"}]}
    text = {"allowed_types": [{"wb_type": "none"}, {"wb_type": "string"}]}
    assert artifact.json("t.table.json") == {
        "_type": "table",
        "column_types": {
            "wb_type": "typedDict",
            "params": {
                "type_map": {
                    "a": {"wb_type": "union", "params": union},
                    "b": {"wb_type": "union", "params": text},
                }
            },
        },
        "columns": ["a", "b"],
        "data": [[1, "x"], [None, None]],
        "log_mode": "IMMUTABLE",
        "ncols": 2,
        "nrows": 2,
    }
    text = artifact.files["t.table.json"].decode()
    assert text == json.dumps(json.loads(text), sort_keys=True)
    assert table.to_wire(artifact, name="t") == json.loads(text)


CELLS_IN_AN_ARTIFACT = [
    (math.nan, None),
    (np.float64("nan"), None),
    ([1.5, math.nan], [1.5, None]),
    ({"a": [np.int64(1)]}, {"a": [1]}),
    (datetime.datetime(2024, 1, 2), 1704153600000),
    (datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), 1704153600000),
    (datetime.date(2024, 1, 2), 1704153600000),
    (np.datetime64("2024-01-02"), 1704153600000),
    (np.datetime64("2024-01-02", "ns"), 1704153600000.0),
    (pd.Timestamp("2024-01-02"), 1704153600000),
    (pd.NaT, None),
    (decimal.Decimal("1.5"), 1.5),
    (Colour.RED, "RED"),
    (Rank.HIGH, "HIGH"),
    (b"ab", "ab"),
    ((1, 2), [1, 2]),
    ({3}, [3]),
    (np.longdouble(0.5), 0.5),
    (math.inf, math.inf),
]


@pytest.mark.parametrize(("cell", "wanted"), CELLS_IN_AN_ARTIFACT, ids=repr)
def test_a_cell_in_an_artifact(artifact, cell, wanted):
    artifact.add(Table(columns=["a"], data=[[cell]], allow_mixed_types=True), "t")

    assert artifact.json("t.table.json")["data"] == [[wanted]]


def test_media_in_cells_go_into_the_artifact(artifact):
    artifact.add(Table(columns=["a"], data=[[Sketch("one")]]), "t")

    ((cell,),) = artifact.json("t.table.json")["data"]
    assert cell["_type"] == "sketch-file"
    assert artifact.files[cell["path"]] == b"one"
    assert "size" not in cell


def test_short_arrays_are_lists_and_larger_ones_files(artifact):
    table = Table(columns=["short", "long", "grid"])
    for at in range(2):
        table.add_data(np.full(3, at), np.full(151, at), np.full((2, 2), at))

    artifact.add(table, "t")

    found = artifact.json("t.table.json")
    types = found["column_types"]["params"]["type_map"]
    assert found["data"] == [[[0, 0, 0], None, None], [[1, 1, 1], None, None]]
    assert types["short"] == {
        "wb_type": "list",
        "params": {"element_type": {"wb_type": "number"}, "length": 3},
    }
    grid = next(one for one in types["grid"]["params"]["allowed_types"] if "params" in one)
    kept = grid["params"]["serialization_path"]
    assert kept["path"].startswith("media/serialized_data/")
    assert np.load(artifact.fetch(kept["path"]))["grid"].tolist() == [[[0] * 2] * 2, [[1] * 2] * 2]


def test_rows_beyond_the_limit_are_left_out_and_told(artifact, monkeypatch, capsys):
    monkeypatch.setattr(Table, "MAX_ARTIFACT_ROWS", 3)

    artifact.add(Table(dataframe=pd.DataFrame({"a": range(5)})), "t")

    assert artifact.json("t.table.json")["data"] == [[0], [1], [2]]
    assert artifact.json("t.table.json")["nrows"] == 3
    assert "of 5 rows the first 3 are kept; set wandb.Table.MAX_ARTIFACT_ROWS" in (
        capsys.readouterr().err
    )


def test_a_table_that_another_refers_to_goes_with_it(artifact):
    people = Table(columns=["id"], data=[["ann"]])
    people.set_pk("id")
    visits = Table(columns=["who"], data=[["ann"]])
    visits.set_fk("who", people, "id")

    back = artifact.roundtrip(visits)

    assert back._types["who"].params["table"] == people
    assert back.data[0][0]._table.data == [["ann"]]


# --- back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        [[1, "x"], [None, "y"]],
        [[True, [1, 2]], [False, [3]]],
        [[np.zeros((2, 2)), 1], [np.ones((2, 2)), 2]],
        [[{"a": 1}, np.arange(3)], [{"a": 2}, np.arange(3)]],
        [],
    ],
    ids=repr,
)
def test_a_table_comes_back_of_an_artifact(artifact, rows):
    table = Table(columns=["a", "b"], data=rows)

    back = artifact.roundtrip(table)

    back._eq_debug(table, should_assert=True)
    back.add_data(*(rows[0] if rows else (1, 2)))


def test_times_come_back_in_utc(artifact):
    moment = datetime.datetime(2024, 1, 2, 3, tzinfo=datetime.timezone.utc)

    back = artifact.roundtrip(Table(columns=["a"], data=[[moment], [None]]))

    assert back.data == [[moment], [None]]


def test_a_table_comes_back_of_a_runs_row(run, tmp_path):
    row = run.log("t", Table(columns=["a"], data=[[1], [2]]))
    (tmp_path / "file").write_bytes(run.files[row["path"]])

    class Source:
        def fetch(self, path):
            return str(tmp_path / "file")

    assert Table.from_wire(row, Source()).data == [[1], [2]]


@pytest.mark.parametrize(
    "wire",
    [
        {"_type": "table"},
        {"_type": "table", "columns": ["a"], "data": 5},
        {
            "_type": "table",
            "columns": ["a", "b"],
            "data": [],
            "column_types": {
                "wb_type": "typedDict",
                "params": {"type_map": {"a": {"wb_type": "any"}}},
            },
        },
    ],
    ids=["nothing", "no rows", "no type"],
)
def test_what_is_no_table_is_refused(artifact, wire):
    with pytest.raises(ValueError, match="table's file"):
        Table.from_wire(wire, artifact)


def test_a_file_of_objects_runs_no_code(artifact):
    table = Table(columns=["a"], data=[[np.zeros((2, 2))]])
    artifact.add(table, "t")
    packed = tmp = artifact.fetch(next(path for path in artifact.files if path.endswith(".npz")))
    np.savez(tmp, a=np.array([object()], dtype=object))
    path = next(path for path in artifact.files if path.endswith(".npz"))
    with open(packed, "rb") as file:
        artifact.files[path] = file.read()

    with pytest.raises(ValueError, match="allow_pickle"):
        artifact.get("t.table.json")
