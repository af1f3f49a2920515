"""`confusion_matrix`: which classes a classifier takes for which."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from wandb.plot.custom_chart import CustomChart, plot_table

T = TypeVar("T")


def confusion_matrix(
    probs: Sequence[Sequence[float]] | None = None,
    y_true: Sequence[T] | None = None,
    preds: Sequence[T] | None = None,
    class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve",
    split_table: bool = False,
) -> CustomChart:
    """Draw how often each class was taken for each.

    Args:
        probs: Probabilities, of shape (samples, classes). The most probable class of a sample is
            its prediction. Pass either these or `preds`.
        y_true: The true classes, one for each sample.
        preds: The predicted classes.
        class_names: The classes' names; then classes are numbers from 0 on that count them. If
            None, the classes that occur are named `Class_1`, `Class_2` and so on, in order.
        title: The chart's title.
        split_table: Whether the table of the counts is shown in a section "Custom Chart Tables".

    Returns:
        A chart to log.

    Raises:
        ValueError: Both `probs` and `preds` are given, or none; there is no `y_true`, or not one
            for each prediction; or a class has no name.

    Examples:
        chart = wandb.plot.confusion_matrix(
            y_true=[0, 1, 2, 0], preds=[0, 2, 2, 0], class_names=["cat", "dog", "owl"]
        )
        run.log({"confusion": chart})
    """
    from wandb.data_types.table import Table

    truths, guesses = _samples(probs, y_true, preds)
    places, names = _classes(truths, guesses, class_names)
    counts = Counter(
        (_place(places, truth), _place(places, guess))
        for truth, guess in zip(truths, guesses, strict=True)
    )
    # Floats, as the original's are.
    rows = [
        [truth, guess, float(counts[row, column])]
        for row, truth in enumerate(names)
        for column, guess in enumerate(names)
    ]
    columns = ["Actual", "Predicted", "nPredictions"]
    return plot_table(
        data_table=Table(columns=columns, data=rows),
        vega_spec_name="wandb/confusion_matrix/v1",
        fields={column: column for column in columns},
        string_fields={"title": title},
        split_table=split_table,
    )


def _samples(probs: Any, y_true: Any, preds: Any) -> tuple[list[Any], list[Any]]:
    """Return the true and the predicted class of each sample."""
    if (probs is None) == (preds is None):
        raise ValueError("pass either `probs` or `preds`")
    if y_true is None:
        raise ValueError("pass the true classes as `y_true`")
    truths, guesses = _listed(y_true), _most_probable(probs) if preds is None else _listed(preds)
    if len(truths) != len(guesses):
        raise ValueError(
            f"there are {len(guesses)} predictions and {len(truths)} true classes: "
            "pass one of each for each sample"
        )
    return truths, guesses


def _most_probable(probs: Any) -> list[Any]:
    import numpy as np

    if np.ndim(probs) != 2:
        raise ValueError(
            f"`probs` must be of shape (samples, classes), not {np.shape(probs)}: "
            "pass predicted classes as `preds`"
        )
    guesses: list[Any] = np.argmax(probs, axis=1).tolist()
    return guesses


def _listed(values: Any) -> list[Any]:
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _classes(
    truths: list[Any], guesses: list[Any], class_names: Sequence[str] | None
) -> tuple[dict[Any, int], list[str]]:
    """Return the row and column of each class, and the names of rows and columns."""
    if class_names is None:
        found = _sorted({*truths, *guesses})
        return {one: at for at, one in enumerate(found)}, [
            f"Class_{at + 1}" for at in range(len(found))
        ]
    for what, values in (("predicted", guesses), ("true", truths)):
        if len(set(values)) > len(class_names):
            raise ValueError(
                f"there are {len(set(values))} {what} classes and {len(class_names)} names in "
                "`class_names`: name each class"
            )
    return {at: at for at in range(len(class_names))}, list(class_names)


def _sorted(classes: set[Any]) -> list[Any]:
    try:
        return sorted(classes)
    except TypeError as err:
        raise TypeError(f"classes must be of one type: all numbers, or all text ({err})") from err


def _place(places: dict[Any, int], one: Any) -> int:
    try:
        return places[one]
    except KeyError:
        raise ValueError(
            f"the class {one!r} has no name: with `class_names`, classes are the numbers "
            f"0 to {len(places) - 1}"
        ) from None
