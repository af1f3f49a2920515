"""Semantics §1, values: what a logged Python value is in the history."""

import json
from math import inf, nan

import pytest

from oracle.compare import same

NARROW_NAN = "NaN in np.float32, np.float16 and inside lists of them"
REJECTED = (
    "values that 0.21.3 rejects and 0.31.0 logs (dataclass, Decimal, complex, timedelta, range)"
)

TYPES = """
import collections, dataclasses, datetime, decimal, enum, fractions, types
class Colour(enum.Enum):
    RED = 'r'
class Number(enum.IntEnum):
    ONE = 1
class Mapping(dict): pass
class Whole(int): pass
class Thing: pass
Pair = collections.namedtuple('Pair', 'x y')
@dataclasses.dataclass
class Point:
    x: int = 1
"""

STORED = [
    ("0", 0),
    ("5.0", 5),
    ("0.1", 0.1),
    ("1e-7", 1e-07),
    ("1e21", 1e21),
    ("123456789.0", 123456789),
    ("5e-324", 5e-324),
    ("-0.0", 0),
    ("2**53 + 1", 2**53 + 1),
    ("2**63 - 1", 2**63 - 1),
    ("-2**63", -(2**63)),
    ("2**63", 9.223372036854776e18),
    ("-2**63 - 1", -9.223372036854776e18),
    ("10**400", inf),
    ("True", True),
    ("None", None),
    ("''", ""),
    ("'é😀\\n\\0'", "é😀\n\0"),
    (r"'\ud800'", "\ufffd"),
    ("nan", nan),
    ("inf", inf),
    ("-inf", -inf),
    ("np.float64(nan)", nan),
    ("[nan, [-inf]]", [nan, [-inf]]),
    ("{'x': inf}", {"x": inf}),
    ("np.float32(inf)", inf),
    ("np.float16(-inf)", -inf),
    ("np.float32(1.1)", 1.100000023841858),
    ("np.float16(0.1)", 0.0999755859375),
    ("np.int8(-3)", -3),
    ("np.uint64(2**64 - 1)", 1.8446744073709552e19),
    ("np.bool_(True)", True),
    ("np.str_('s')", "s"),
    ("np.longdouble(1.5)", 1.5),
    ("np.datetime64('2020-01-02')", "2020-01-02"),
    ("np.datetime64('2020-01-02T03:04:05')", "2020-01-02T03:04:05"),
    ("np.array(3)", 3),
    ("np.array([3])", 3),
    ("np.array([[3]])", 3),
    ("np.array([])", []),
    ("np.array([1.5, nan, inf])", [1.5, nan, inf]),
    ("np.array([nan, 1], dtype='float32')", [nan, 1]),
    ("np.arange(6).reshape(2, 3)", [[0, 1, 2], [3, 4, 5]]),
    ("np.arange(32)", list(range(32))),
    ("np.array(['a', 'b'])", ["a", "b"]),
    ("np.array([None, 1], dtype=object)", [None, 1]),
    ("np.array([True, False])", [True, False]),
    ("np.ma.array([1, 2], mask=[0, 1])", [1, None]),
    ("list(range(50))", list(range(50))),
    ("(1, 'x')", [1, "x"]),
    ("{7}", [7]),
    ("[]", []),
    ("[1, [2, {'q': 1, '': {}}]]", [1, [2, {"q": 1, "": {}}]]),
    ("[{'q': np.arange(3)}]", [{"q": [0, 1, 2]}]),
    ("b'bytes'", "bytes"),
    ("datetime.datetime(2020, 1, 2, 3, 4, 5, 6)", "2020-01-02T03:04:05.000006"),
    ("datetime.date(2020, 1, 2)", "2020-01-02"),
    ("Colour.RED", "RED"),
    ("Number.ONE", 1),
    ("len", "builtins.len"),
    ("np.linalg.norm", "numpy.linalg.norm"),
    ("Mapping(a=1)", {"a": 1}),
    ("Whole(5)", 5),
    ("Pair(1, 2)", [1, 2]),
    ("collections.OrderedDict(a=1)", {"a": 1}),
    ("collections.Counter('aab')", {"a": 2, "b": 1}),
    ("{'x': {1: 2, None: 3, 1.5: 4}}", {"x": {"1": 2, "null": 3, "1.5": 4}}),
]


@pytest.mark.parametrize(("expression", "stored"), STORED, ids=[pair[0] for pair in STORED])
def test_value_is_stored_as(play, expression, stored):
    played = play("run = init()", TYPES, f"run.log({{'k': {expression}, 'other': 1}})")

    (row,) = played.log.rows
    assert same(row["k"], stored)
    assert row["other"] == 1


@pytest.mark.parametrize(
    "expression",
    ["np.float32(nan)", "np.float16(nan)", "[np.float32(nan)]", "np.array(nan, dtype='float32')"],
)
def test_narrow_nan_stays_nan(play, either, expression):
    played = play("run = init()", f"run.log({{'k': {expression}}})")

    (row,) = played.log.rows
    stored = row["k"][0] if isinstance(row["k"], list) else row["k"]
    assert same(stored, either(NARROW_NAN, original=None, ours=nan))


@pytest.mark.parametrize("expression", ["{}", "{'x': {}}", "{'x': {'y': {}}}"])
def test_empty_dict_vanishes_and_its_row_stays(play, expression):
    played = play("run = init()", f"run.log({{'k': {expression}}})")

    (row,) = played.log.rows
    assert sorted(row) == ["_runtime", "_step", "_timestamp"]


@pytest.mark.parametrize(
    ("array", "values"),
    [
        ("np.arange(33)", [1] * 31 + [2]),
        ("np.array([1.5] * 40)", [0] * 16 + [40] + [0] * 15),
        ("np.arange(64, dtype='float32').reshape(8, 8)", [2] * 32),
    ],
)
def test_array_of_more_than_32_is_a_histogram_of_32_bins(play, array, values):
    played = play("run = init()", f"run.log({{'k': {array}}})", f"{array}.min()", f"{array}.max()")

    (row,) = played.log.rows
    assert sorted(row["k"]) == ["_type", "bins", "values"]
    assert row["k"]["_type"] == "histogram"
    assert row["k"]["values"] == values
    assert len(row["k"]["bins"]) == 33


@pytest.mark.parametrize("array", ["np.arange(40)", "np.arange(100) / 7", "-np.arange(1000) ** 3"])
def test_histogram_equals_that_of_numpy(play, array):
    played = play(
        "run = init()",
        f"run.log({{'k': {array}}})",
        f"[part.tolist() for part in np.histogram({array}, bins=32)]",
    )

    counts, edges = played.outcomes[-1].value
    (row,) = played.log.rows
    assert row["k"]["values"] == counts
    assert row["k"]["bins"] == edges


@pytest.mark.parametrize("where", ["[np.arange(33)]", "{'x': np.arange(33)}"])
def test_array_inside_a_value_is_a_histogram_too(play, where):
    played = play("run = init()", f"run.log({{'k': {where}}})")

    (row,) = played.log.rows
    inner = row["k"][0] if isinstance(row["k"], list) else row["k"]["x"]
    assert inner["_type"] == "histogram"


UNENCODABLE = [
    ("range(3)", "TypeError"),
    ("Point()", "TypeError"),
    ("decimal.Decimal('1.5')", "TypeError"),
    ("1+2j", "TypeError"),
    ("np.complex64(1)", "TypeError"),
    ("datetime.timedelta(seconds=3)", "TypeError"),
    ("Thing()", "TypeError"),
    ("object()", "TypeError"),
    ("(x for x in [1])", "TypeError"),
    ("slice(1, 2)", "TypeError"),
    (r"b'\xff'", "UnicodeDecodeError"),
    ("np.array([nan] * 33)", "ValueError"),
    ("np.array([inf] * 33)", "ValueError"),
    ("np.array(['a'] * 33)", "UFuncTypeError"),
    ("[1, Thing()]", "TypeError"),
    ("{'x': Thing()}", "TypeError"),
]


@pytest.mark.parametrize(("expression", "error"), UNENCODABLE, ids=[row[0] for row in UNENCODABLE])
def test_value_that_cannot_be_encoded_costs_no_other(client, play, either, expression, error):
    line = f"run.log({{'before': 1, 'k': {expression}, 'after': 2}})"
    played = play("run = init()", TYPES, line, "run.step", "run.log({'next': 1})")

    assert played[line].error[:1] == either(REJECTED, original=(error,), ours=())
    assert played["run.step"].value == either(REJECTED, original=0, ours=1)
    first = played.log.rows[0]
    assert first.keys() >= either(REJECTED, original={"next"}, ours={"before", "after"})


AS_0_31_0 = [
    ("Point()", {"x": 1}),
    ("[Point()]", [{"x": 1}]),
    ("decimal.Decimal('1.5')", "1.5"),
    ("1+2j", "1+2j"),
    ("datetime.timedelta(seconds=3)", "PT3S"),
]


@pytest.mark.parametrize(("expression", "stored"), AS_0_31_0, ids=[row[0] for row in AS_0_31_0])
def test_value_that_0_21_3_rejects_is_stored_as_0_31_0_does(play, either, expression, stored):
    played = play("run = init()", TYPES, f"run.log({{'k': {expression}}})")

    expected = either(REJECTED, original=[], ours=[stored])
    assert [row["k"] for row in played.log.rows] == expected


def test_later_mutation_of_a_logged_array_changes_nothing(play):
    played = play(
        "run = init()",
        "array, items, tree = np.zeros(3), [1], {'x': 1}",
        "row = {'array': array, 'items': items, 'tree': tree}",
        "run.log(row)",
        "array[:] = 9; items.append(9); tree['y'] = 9; row['new'] = 9",
        "run.log({})",
    )

    first = played.log.rows[0]
    assert (first["array"], first["items"], first["tree"]) == ([0, 0, 0], [1], {"x": 1})
    assert "new" not in first


def test_logged_dict_is_not_changed(play):
    played = play("run = init()", "row = {'a': 1, '': 2, 'n': {'x': {}}}", "run.log(row)", "row")

    assert played["row"].value == {"a": 1, "": 2, "n": {"x": {}}}


def test_numbers_are_written_in_their_shortest_form(play):
    played = play("run = init()", "run.log({'a': 5.0, 'b': 0.1, 'c': 2**63 - 1, 'd': 1e-7})")

    (history,) = played.log.of_kind("history")
    written = {item["nested_key"][0]: item["value_json"] for item in history["item"]}
    assert written["a"] == "5"
    assert written["b"] == "0.1"
    assert written["c"] == str(2**63 - 1)
    assert json.loads(written["d"]) == 1e-07
