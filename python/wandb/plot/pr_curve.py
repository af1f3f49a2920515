"""`pr_curve`: how precise a classifier is at each recall."""

import numbers
from collections.abc import Iterable
from functools import partial
from typing import Any, TypeVar

from wandb.plot.curves import Scores, precision_at, rows_of
from wandb.plot.custom_chart import CustomChart, plot_table

T = TypeVar("T")


def pr_curve(
    y_true: Iterable[T] | None = None,
    y_probas: Iterable[numbers.Number] | None = None,
    labels: list[str] | None = None,
    classes_to_plot: list[T] | None = None,
    interp_size: int = 21,
    title: str = "Precision-Recall Curve",
    split_table: bool = False,
) -> CustomChart:
    """Draw the precision of each class over its recall.

    Precision and recall are taken at each distinct score, as scikit-learn does, which is not
    needed. Between these points a recall has the best precision of any recall as high; both are
    rounded to three digits.

    Args:
        y_true: The true classes, one for each sample.
        y_probas: Probabilities or other scores, of shape (samples, classes).
        labels: The classes' names, where classes are whole numbers from 0 on.
        classes_to_plot: Which classes to draw; all that occur if None.
        interp_size: At how many recalls between 0 and 1 the precision is told.
        title: The chart's title.
        split_table: Whether the table of the points is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log. Of more points than `wandb.Table.MAX_ROWS` so many are drawn by lot, the
        same ones each time.

    Raises:
        ValueError: What is passed is missing, not of these shapes, or not finite.

    Examples:
        chart = wandb.plot.pr_curve([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
        run.log({"pr": chart})
    """
    import numpy as np

    from wandb.data_types.table import Table

    scores = Scores(y_true, y_probas)
    recalls = np.linspace(0, 1, interp_size)[::-1]
    draw = partial(precision_at, recalls=recalls)
    curves = scores.curves(draw, classes_to_plot, labels)
    columns: dict[str, Any] = {
        "class": [label for label, curve in curves.items() for _ in curve],
        "precision": np.concatenate(list(curves.values())),
        "recall": np.tile(recalls, len(curves)),
    }
    order = ("precision", "recall", "class")
    return plot_table(
        data_table=Table(columns=list(columns), data=rows_of(columns, order)),
        vega_spec_name="wandb/area-under-curve/v0",
        fields={"x": "recall", "y": "precision", "class": "class"},
        string_fields={"title": title, "x-axis-title": "Recall", "y-axis-title": "Precision"},
        split_table=split_table,
    )
