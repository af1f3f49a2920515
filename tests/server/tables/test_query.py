"""What a table answers, beside the same worked out row by row."""

import json
import random
from collections import Counter

import pytest

from ferrule.errors import BadInput
from ferrule.tables.conditions import mask_of
from ferrule.tables.expression import conditions_of
from ferrule.tables.frame import Column, Frame, Kind
from ferrule.tables.query import Order, TableQuery, answered
from ferrule.tables.reading import read_table


def frame(**columns):
    rows = len(next(iter(columns.values())))
    return Frame([Column(name, list(values)) for name, values in columns.items()], rows, 0)


def cells(found):
    return [row["cells"] for row in found["rows"]]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], Kind.NUMBER),
        ([1, "NaN", "-Infinity"], Kind.NUMBER),
        ([True, None], Kind.BOOLEAN),
        ([True, 1], Kind.MIXED),
        (["a", None], Kind.TEXT),
        ([1, "a"], Kind.MIXED),
        ([{"_type": "image-file"}, None], Kind.MEDIA),
        ([{"_type": "image-file"}, {"a": 1}], Kind.OBJECT),
        ([[1], []], Kind.LIST),
        ([None, None], Kind.EMPTY),
        ([], Kind.EMPTY),
    ],
)
def test_a_column_is_of_the_kind_of_its_cells(values, kind):
    assert Column("a", values).kind is kind


@pytest.mark.parametrize("descending", [False, True])
def test_missing_values_come_last_whichever_way_one_sorts(descending):
    table = frame(a=[2, None, 3, "NaN", 1])
    query = TableQuery(orders=(Order("a", descending),))

    found = [row[0] for row in cells(answered(table, query))]

    assert found == ([3, 2, 1] if descending else [1, 2, 3]) + [None, "NaN"]


def test_sorting_is_stable_and_by_several_columns():
    table = frame(a=["b", "A", "b", "a"], n=[1, 2, 0, 3])
    query = TableQuery(orders=(Order("a"), Order("n", True)))

    assert cells(answered(table, query)) == [["A", 2], ["a", 3], ["b", 1], ["b", 0]]


NUMBERS = [1, 2.5, None, -3, "NaN", 7]
TEXTS = ["Cat", "dog", None, "catfish", "", "ä.ö"]


@pytest.mark.parametrize(
    ("column", "op", "value", "fits"),
    [
        ("n", "is", 2.5, [1]),
        ("n", "is", None, [2, 4]),
        ("n", "is", True, []),
        ("n", "is", "1", []),
        ("n", "is_not", 1, [1, 2, 3, 4, 5]),
        ("n", "lt", 2, [0, 3]),
        ("n", "ge", 2.5, [1, 5]),
        ("n", "between", [1, 2.5], [0, 1]),
        ("n", "in", [1, 7, None], [0, 2, 4, 5]),
        ("n", "not_in", [1], [1, 2, 3, 4, 5]),
        ("n", "missing", None, [2, 4]),
        ("n", "exists", None, [0, 1, 3, 5]),
        ("t", "contains", "CAT", [0, 3]),
        ("t", "not_contains", "cat", [1, 2, 4, 5]),
        ("t", "matches", "^c|ö$", [3, 5]),
        ("t", "is", "dog", [1]),
        ("t", "gt", "d", [1, 5]),
        ("t", "missing", None, [2]),
    ],
)
def test_conditions_pick_the_rows_that_fit(column, op, value, fits):
    mask = mask_of(frame(n=NUMBERS, t=TEXTS), {"column": column, "op": op, "value": value})

    assert mask.nonzero()[0].tolist() == fits


def test_conditions_are_joined():
    tree = {
        "or": [
            {"and": [{"column": "n", "op": "gt", "value": 0}, {"column": "t", "op": "exists"}]},
            {"not": {"column": "n", "op": "exists"}},
        ]
    }

    mask = mask_of(frame(n=NUMBERS, t=TEXTS), tree)

    assert mask.nonzero()[0].tolist() == [0, 1, 2, 4, 5]
    assert mask_of(frame(n=NUMBERS), {"or": []}).sum() == 0
    assert mask_of(frame(n=NUMBERS), None).all()


def test_a_pattern_that_would_take_for_ever_takes_no_time():
    table = frame(t=["a" * 5000 + "b"] * 50)

    mask = mask_of(table, {"column": "t", "op": "matches", "value": "(a+)+$"})

    assert not mask.any()


@pytest.mark.parametrize("depth", [30, 5000])
def test_conditions_nest_no_deeper_than_is_read(depth):
    tree = {"column": "n", "op": "exists"}
    for _ in range(depth):
        tree = {"not": tree}

    with pytest.raises(BadInput, match="nests"):
        mask_of(frame(n=NUMBERS), tree)


def random_table(rows, seed):
    chance = random.Random(seed)
    return frame(
        flag=[chance.random() < 0.1 for _ in range(rows)],
        name=[chance.choice(["x", "y", "z", None]) for _ in range(rows)],
        score=[chance.choice([chance.gauss(0, 1), None, "NaN"]) for _ in range(rows)],
        count=[chance.randrange(4) for _ in range(rows)],
    )


@pytest.mark.parametrize("seed", range(20))
def test_groups_add_up_to_what_counting_row_by_row_gives(seed):
    table = random_table(seed * 17 + 1, seed)
    columns = {column.name: column.values for column in table.columns}
    keys = list(zip(columns["flag"], columns["name"], strict=True))

    found = answered(table, TableQuery(group=("flag", "name"), limit=1000))

    assert {tuple(g["key"]): g["count"] for g in found["groups"]} == Counter(keys)
    sizes = [group["count"] for group in found["groups"]]
    assert sizes == sorted(sizes, reverse=True)
    for group in found["groups"]:
        inside = [at for at, key in enumerate(keys) if list(key) == group["key"]]
        scores = [columns["score"][at] for at in inside]
        known = [score for score in scores if isinstance(score, float)]
        _, _, score, count = group["cells"]
        assert sum(score.get("counts", ())) == len(known)
        assert score["missing"] == len(scores) - len(known)
        assert (score.get("min"), score.get("max")) == (
            min(known, default=None),
            max(known, default=None),
        )
        assert sum(count["counts"]) == len(inside)


def test_histograms_of_groups_share_their_edges():
    table = frame(flag=[True, True, False], n=[0.0, 1.0, 9.5])

    first, second = answered(table, TableQuery(group=("flag",)))["groups"]

    assert first["cells"][1]["edges"] == second["cells"][1]["edges"]
    assert (first["cells"][1]["edges"][0], first["cells"][1]["edges"][-1]) == (0.0, 9.5)


@pytest.mark.parametrize(
    "values",
    [[1e308, -1e308], [5e-324, 0.0], [2**60, 2**60 + 2], ["Infinity", 3], [7], [1e308, 1e308]],
    ids=str,
)
def test_extreme_numbers_have_a_histogram(values):
    table = frame(g=[1] * len(values), n=values)

    summary = answered(table, TableQuery(group=("g",)))["groups"][0]["cells"][1]

    finite = [value for value in values if not isinstance(value, str)]
    assert sum(summary["counts"]) == len(finite)
    json.dumps(summary, allow_nan=False)


def test_commonest_values_come_first_with_their_counts():
    table = frame(g=[1] * 6, t=["b", "a", "b", None, "c", "b"])

    [group] = answered(table, TableQuery(group=("g",)))["groups"]

    assert group["cells"][1] == {
        "kind": "top",
        "values": [
            {"value": "b", "count": 3},
            {"value": "a", "count": 1},
            {"value": "c", "count": 1},
        ],
        "distinct": 3,
        "missing": 1,
    }


def test_sentences_are_told_by_their_words():
    table = frame(g=[1] * 4, t=[f"the cat sat on mat number {n}" for n in range(4)])

    summary = answered(table, TableQuery(group=("g",)))["groups"][0]["cells"][1]

    assert summary["kind"] == "words"
    assert {"value": "cat", "count": 4} in summary["values"]
    assert summary["left_out"] == 0


def test_words_are_of_the_first_rows_of_many_and_that_is_told():
    table = frame(g=[1] * 5003, t=[f"the cat sat on mat number {n}" for n in range(5003)])

    summary = answered(table, TableQuery(group=("g",)))["groups"][0]["cells"][1]

    assert {"value": "cat", "count": 5000} in summary["values"]
    assert summary["left_out"] == 3


def test_media_of_a_group_are_a_gallery():
    images = [{"_type": "image-file", "path": f"media/{n}.png"} for n in range(9)]
    table = frame(g=[n % 2 for n in range(9)], m=[*images[:8], None])

    first, second = answered(table, TableQuery(group=("g",), orders=(Order("g"),)))["groups"]

    assert [one["row"] for one in first["cells"][1]["values"]] == [0, 2, 4, 6]
    assert (first["cells"][1]["missing"], second["cells"][1]["count"]) == (1, 4)


def test_groups_come_by_the_page_in_the_order_asked_for():
    table = frame(t=["a"] * 2 + ["b"] * 3 + ["c"], n=range(6))

    def keys(**more):
        found = answered(table, TableQuery(group=("t",), **more))["groups"]
        return [group["key"][0] for group in found]

    assert keys() == ["b", "a", "c"]
    assert keys(orders=(Order("t", True),)) == ["c", "b", "a"]
    assert keys(orders=(Order(None),)) == ["c", "a", "b"]
    assert keys(offset=1, limit=1) == ["a"]


def test_true_and_one_are_different_groups():
    found = answered(frame(m=[True, 1, "1", 1]), TableQuery(group=("m",)))

    assert [(group["key"][0], group["count"]) for group in found["groups"]] == [
        (1, 2),
        ("1", 1),
        (True, 1),
    ]


def test_large_whole_numbers_are_told_apart():
    found = answered(frame(m=[2**62, 2**62 + 1]), TableQuery(group=("m",)))

    assert found["total_groups"] == 2


def test_two_columns_of_one_name_are_both_shown():
    table = Frame([Column("a", [1]), Column("a", [2])], 1, 0)

    assert cells(answered(table, TableQuery())) == [[1, 2]]


def test_long_text_is_cut_unless_it_is_wanted_whole():
    table = frame(t=["x" * 3000])

    assert cells(answered(table, TableQuery()))[0][0] == {"_clipped": "x" * 2000, "length": 3000}
    assert cells(answered(table, TableQuery(whole=True)))[0][0] == "x" * 3000


def test_ragged_rows_are_filled_up_and_cut():
    body = b'{"columns": ["a", "b"], "data": [[1], [1, 2, 3], 5, []]}'

    table = read_table("t.table.json", body, max_cells=100)

    assert cells(answered(table, TableQuery())) == [[1, None], [1, 2], [5, None], [None, None]]


def test_csv_is_read_with_its_numbers():
    body = '\ufeffa,b,c,d\n1,x,,true\n2.5,"y, z",3,False\n'.encode()

    table = read_table("t.csv", body, max_cells=100)

    assert [column.kind.value for column in table.columns] == [
        "number",
        "text",
        "number",
        "boolean",
    ]
    assert cells(answered(table, TableQuery())) == [
        [1.0, "x", None, True],
        [2.5, "y, z", 3, False],
    ]


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("", None),
        ('row["a"] = 1', {"column": "a", "op": "is", "value": 1}),
        ('row["a"]', {"column": "a", "op": "is", "value": True}),
        ("row['it\\'s'] != \"x\"", {"column": "it's", "op": "is_not", "value": "x"}),
        (
            'row["a"] >= -1.5e3 and not row["b"] contains "é\\n"',
            {
                "and": [
                    {"column": "a", "op": "ge", "value": -1500.0},
                    {"not": {"column": "b", "op": "contains", "value": "é\n"}},
                ]
            },
        ),
        (
            '(row["a"] == null or row["b"] = false) and row["c"] < 2',
            {
                "and": [
                    {
                        "or": [
                            {"column": "a", "op": "is", "value": None},
                            {"column": "b", "op": "is", "value": False},
                        ]
                    },
                    {"column": "c", "op": "lt", "value": 2},
                ]
            },
        ),
    ],
)
def test_expressions_are_read_as_conditions(expression, tree):
    assert conditions_of(expression) == tree


@pytest.mark.parametrize(
    "expression",
    [
        "row",
        "row[",
        'row["a"',
        'row["a"] =',
        'row["a"] = x',
        "1 = 1",
        "row[1]",
        '"',
        "row['a'] 3",
        "(" * 50,
        'row["a"] = 1 or',
        "not " * 50,
    ],
)
def test_expression_that_can_not_be_read_is_refused_with_a_sentence(expression):
    with pytest.raises(BadInput, match=r"\.$"):
        conditions_of(expression)
