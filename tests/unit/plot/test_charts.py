"""What `wandb.plot` refuses, where 0.21.3 fails without saying why."""

import pytest

import wandb
from wandb.errors import Error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "either"),
        ({"preds": [0]}, "y_true"),
        ({"y_true": [2], "preds": [0], "class_names": ["a", "b"]}, "class 2 has no name"),
    ],
)
def test_a_confusion_matrix_needs_samples_and_names(arguments, told):
    with pytest.raises(ValueError, match=told):
        wandb.plot.confusion_matrix(**arguments)


def test_line_series_takes_whatever_can_be_gone_through():
    chart = wandb.plot.line_series(iter([0, 1]), (iter([2, 3]) for _ in range(1)), keys=iter("p"))

    assert chart.table.data == [[0, "p", 2], [1, "p", 3]]


def test_texts_are_places_of_their_own():
    chart = wandb.plot.line_series(["mo", "tu"], [[1, 2]])

    assert chart.table.data == [["mo", "line_0", 1], ["tu", "line_0", 2]]


def test_no_lines_are_no_rows():
    assert wandb.plot.line_series([], []).table.data == []


def test_a_chart_without_a_key_has_no_table_key():
    with pytest.raises(Error, match="no key"):
        wandb.plot.custom_chart.CustomChartSpec("n", {}, {}).config_value  # noqa: B018


def test_functions_stay_functions_beside_their_modules():
    import wandb.plot.bar
    import wandb.plot.histogram

    assert callable(wandb.plot.bar)
    assert callable(wandb.plot.histogram)
