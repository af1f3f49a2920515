"""`wandb.plot`: a chart's table in the row, and its panel in the config."""

import json

import pytest

from oracle.compare import same

TABLE = "table = wandb.Table(columns=['a', 'b', 'c'], data=[[1, 2.5, 'x'], [3, 4.5, 'y']])"
ROWS = [[1, 2.5, "x"], [3, 4.5, "y"]]
COLUMNS = ["a", "b", "c"]


def panel(name, fields, strings, table_key="k_table"):
    """Return a panel as it stands in the config."""
    run_fields = [{"name": one, "fields": []} for one in ("id", "name", "_defaultColorIndex")]
    table = {
        "name": "summaryTable",
        "args": [{"name": "tableKey", "value": table_key}],
        "fields": [],
    }
    query = {
        "name": "runSets",
        "args": [{"name": "runSets", "value": "${runSets}"}],
        "fields": [*run_fields, table],
    }
    return {
        "panel_type": "Vega2",
        "panel_config": {
            "panelDefId": name,
            "fieldSettings": fields,
            "stringSettings": strings,
            "transform": {"name": "tableWithLeafColNames"},
            "userQuery": {"queryFields": [query]},
        },
    }


def table_of(played, row, key="k_table"):
    """Return the file of a table that a row names."""
    [folder] = played.folder.glob("wandb/offline-run-*/files")
    return json.loads((folder / row[key]["path"]).read_text())


CHARTS = [
    (
        "wandb.plot.line(table, 'a', 'b', title='T')",
        panel("wandb/line/v0", {"x": "a", "y": "b", "stroke": None}, {"title": "T"}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot.line(table, x='a', y='b', stroke='c')",
        panel("wandb/line/v0", {"x": "a", "y": "b", "stroke": "c"}, {"title": ""}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot.scatter(table, 'a', 'b', 'T')",
        panel("wandb/scatter/v0", {"x": "a", "y": "b"}, {"title": "T"}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot.bar(table, 'c', 'b', 'T')",
        panel("wandb/bar/v0", {"label": "c", "value": "b"}, {"title": "T"}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot.histogram(table, 'b', 'T')",
        panel("wandb/histogram/v0", {"value": "b"}, {"title": "T"}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot_table('me/mine', table, {'x': 'a'}, {'s': 'S'})",
        panel("me/mine", {"x": "a"}, {"s": "S"}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot.plot_table(vega_spec_name='me/mine', data_table=table, fields={'x': 'a'})",
        panel("me/mine", {"x": "a"}, {}),
        (COLUMNS, ROWS),
    ),
    (
        "wandb.plot.line_series([0, 1], [[2, 3], [4, 5]], title='T', xname='X')",
        panel(
            "wandb/lineseries/v0",
            {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"},
            {"title": "T", "xname": "X"},
        ),
        (
            ["step", "lineKey", "lineVal"],
            [[0, "line_0", 2], [1, "line_0", 3], [0, "line_1", 4], [1, "line_1", 5]],
        ),
    ),
    (
        "wandb.plot.line_series([[0, 1], [2, 3, 4]], [[2, 3], [4, 5]], keys=['p', 'q'])",
        panel(
            "wandb/lineseries/v0",
            {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"},
            {"title": "", "xname": "x"},
        ),
        (
            ["step", "lineKey", "lineVal"],
            [[0, "p", 2], [1, "p", 3], [2, "q", 4], [3, "q", 5]],
        ),
    ),
    (
        "wandb.plot.line_series(np.arange(2), np.array([[2.5, 3.5]]))",
        panel(
            "wandb/lineseries/v0",
            {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"},
            {"title": "", "xname": "x"},
        ),
        (["step", "lineKey", "lineVal"], [[0, "line_0", 2.5], [1, "line_0", 3.5]]),
    ),
    (
        "wandb.plot.confusion_matrix(y_true=[0, 1, 1], preds=[0, 1, 0], class_names=['n', 'y'])",
        panel(
            "wandb/confusion_matrix/v1",
            {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"},
            {"title": "Confusion Matrix Curve"},
        ),
        (
            ["Actual", "Predicted", "nPredictions"],
            [["n", "n", 1], ["n", "y", 0], ["y", "n", 1], ["y", "y", 1]],
        ),
    ),
    (
        "wandb.plot.confusion_matrix([[0.1, 0.9], [0.8, 0.2]], y_true=np.array([1, 3]), title='T')",
        panel(
            "wandb/confusion_matrix/v1",
            {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"},
            {"title": "T"},
        ),
        (
            ["Actual", "Predicted", "nPredictions"],
            [
                *(["Class_1", f"Class_{n}", 0] for n in (1, 2, 3)),
                *(["Class_2", f"Class_{n}", count] for n, count in ((1, 0), (2, 1), (3, 0))),
                *(["Class_3", f"Class_{n}", count] for n, count in ((1, 1), (2, 0), (3, 0))),
            ],
        ),
    ),
]


@pytest.mark.parametrize(("made", "expected", "content"), CHARTS, ids=[row[0] for row in CHARTS])
def test_a_chart_is_a_table_in_the_row_and_a_panel_in_the_config(play, made, expected, content):
    played = play("run = init()", TABLE, f"run.log({{'k': {made}, 'loss': 1}})")

    assert not played.errors
    (row,) = played.log.rows
    assert row.keys() - {"_runtime", "_step", "_timestamp"} == {"k_table", "loss"}
    assert row["k_table"]["_type"] == "table-file"
    assert same(played.log.config["_wandb"]["visualize"], {"k": expected})
    columns, rows = content
    assert same(table_of(played, row), {"columns": columns, "data": rows})


def test_a_split_table_has_a_section_of_its_own(play):
    made = "wandb.plot.bar(table, 'c', 'b', split_table=True)"
    played = play("run = init()", TABLE, f"run.log({{'k': {made}}})")

    (row,) = played.log.rows
    assert "k" not in row
    key = "Custom Chart Tables/k_table"
    assert same(table_of(played, row, key)["data"], ROWS)
    expected = panel("wandb/bar/v0", {"label": "c", "value": "b"}, {"title": ""}, key)
    assert same(played.log.config["_wandb"]["visualize"]["k"], expected)


def test_a_chart_inside_a_dict_has_the_path_to_it_as_its_key(play):
    made = "wandb.plot.bar(table, 'c', 'b')"
    played = play("run = init()", TABLE, f"run.log({{'a': {{'b': {made}, 'n': 2}}, 'm': 1}})")

    (row,) = played.log.rows
    assert row.keys() - {"_runtime", "_step", "_timestamp"} == {"a", "m", "a.b_table"}
    assert row["a"] == {"n": 2}
    assert list(played.log.config["_wandb"]["visualize"]) == ["a.b"]
    shown = json.dumps(played.log.config["_wandb"]["visualize"])
    assert '"value": "a.b_table"' in shown


def test_a_table_shown_by_the_pages_own_chart_keeps_its_key(play):
    played = play(
        "run = init()", TABLE, "run.log({'k': wandb.visualize('wandb/metrics/v1', table)})"
    )

    (row,) = played.log.rows
    assert same(table_of(played, row, "k")["data"], ROWS)
    assert played.log.config["_wandb"]["viz"] == {
        "k": {
            "id": "wandb/metrics/v1",
            "historyFieldSettings": {"x-axis": "_step", "key": "k"},
        }
    }


def test_several_charts_in_one_row_and_over_steps(play):
    bars, points = "wandb.plot.bar(table, 'c', 'b')", "wandb.plot.scatter(table, 'a', 'b')"
    played = play(
        "run = init()",
        TABLE,
        f"run.log({{'p': {bars}, 'q': {points}}})",
        "run.log({'loss': 1})",
        f"run.log({{'p': {points}}})",
    )

    first, second, third = (row.keys() - {"_runtime", "_timestamp"} for row in played.log.rows)
    assert (first, second, third) == (
        {"_step", "p_table", "q_table"},
        {"_step", "loss"},
        {"_step", "p_table"},
    )
    assert [row["_step"] for row in played.log.rows] == [0, 1, 2]
    shown = played.log.config["_wandb"]["visualize"]
    assert {key: one["panel_config"]["panelDefId"] for key, one in shown.items()} == {
        "p": "wandb/scatter/v0",
        "q": "wandb/scatter/v0",
    }


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("wandb.plot.line([[1, 2]], 'a', 'b')", "Error"),
        ("wandb.plot_table('me/mine', None, {})", "Error"),
        ("wandb.visualize('some', {})", "Error"),
        ("wandb.plot.line_series([[1], [2], [3]], [[1], [2]])", "ValueError"),
        ("wandb.plot.line_series([1], [[1], [2]], keys=['p'])", "ValueError"),
        ("wandb.plot.confusion_matrix([[1, 0]], [0], [0])", "ValueError"),
        ("wandb.plot.confusion_matrix(y_true=[0], preds=[0, 1])", "ValueError"),
        (
            "wandb.plot.confusion_matrix(y_true=[0, 0], preds=[0, 1], class_names=['n'])",
            "ValueError",
        ),
        (
            "wandb.plot.confusion_matrix(y_true=[0, 1], preds=[0, 0], class_names=['n'])",
            "ValueError",
        ),
    ],
)
def test_what_can_be_no_chart_is_refused(play, made, error):
    played = play(made)

    assert played[made].error[:1] == (error,)


def test_the_facts_of_a_chart_are_its_attributes(play):
    played = play(
        TABLE,
        "chart = wandb.plot.bar(table, 'c', 'b')",
        "chart.table is table",
        "(chart.spec.spec_name, chart.spec.fields, chart.spec.string_fields, chart.spec.key)",
        "chart.set_key('z')",
        "(chart.spec.table_key, chart.spec.config_key, chart.spec.panel_type)",
        "wandb.plot.custom_chart.CustomChartSpec('n', {}, {}).table_key",
        "isinstance(chart, wandb.plot.CustomChart)",
    )

    values = [outcome.value for outcome in played.outcomes]
    assert values[2] is True
    assert values[3] == ("wandb/bar/v0", {"label": "c", "value": "b"}, {"title": ""}, "")
    assert values[5] == ("z_table", ("_wandb", "visualize", "z"), "Vega2")
    assert played.outcomes[6].error[:1] == ("Error",)
    assert values[7] is True
