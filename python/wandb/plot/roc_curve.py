"""`roc_curve`: how many false positives a classifier pays for its true ones."""

import numbers
from collections.abc import Sequence
from typing import Any

from wandb.plot.curves import Scores, roc, rows_of
from wandb.plot.custom_chart import CustomChart, plot_table


def roc_curve(
    y_true: Sequence[numbers.Number],
    y_probas: Sequence[Sequence[float]] | None = None,
    labels: list[str] | None = None,
    classes_to_plot: list[numbers.Number] | None = None,
    title: str = "ROC Curve",
    split_table: bool = False,
) -> CustomChart:
    """Draw the true positive rate of each class over its false positive rate.

    The rates are taken at each distinct score, from the highest on, and rounded to three digits;
    points in the middle of a straight line are left out, as scikit-learn does. It is not needed.

    Args:
        y_true: The true classes, one for each sample.
        y_probas: Probabilities or other scores, of shape (samples, classes).
        labels: The classes' names, where classes are whole numbers from 0 on.
        classes_to_plot: Which classes to draw; all that occur if None.
        title: The chart's title.
        split_table: Whether the table of the points is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log. Of more points than `wandb.Table.MAX_ROWS` so many are drawn by lot, the
        same ones each time.

    Raises:
        ValueError: What is passed is missing, not of these shapes, or not finite.

    Examples:
        chart = wandb.plot.roc_curve([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
        run.log({"roc": chart})
    """
    import numpy as np

    from wandb.data_types.table import Table

    scores = Scores(y_true, y_probas)
    curves = scores.curves(roc, classes_to_plot, labels)
    columns: dict[str, Any] = {
        "class": [label for label, (rate, _) in curves.items() for _ in rate],
        "fpr": np.concatenate([rate for rate, _ in curves.values()]),
        "tpr": np.concatenate([rate for _, rate in curves.values()]),
    }
    return plot_table(
        data_table=Table(columns=list(columns), data=rows_of(columns, ("fpr", "tpr", "class"))),
        vega_spec_name="wandb/area-under-curve/v0",
        fields={"x": "fpr", "y": "tpr", "class": "class"},
        string_fields={
            "title": title,
            "x-axis-title": "False positive rate",
            "y-axis-title": "True positive rate",
        },
        split_table=split_table,
    )
