"""Curves beside those of scikit-learn, through the steps that 0.21.3 takes with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wandb
from wandb.plot.curves import Scores, drawn, precision_at, roc

metrics = pytest.importorskip("sklearn.metrics")
pytestmark = pytest.mark.filterwarnings("ignore")


def samples(seed, size, classes, ties):
    rng = np.random.default_rng(seed)
    truths = rng.integers(0, classes, size)
    probas = rng.dirichlet(np.ones(classes), size)
    return truths, probas.round(1) if ties else probas


def their_precision(truths, probas, one, place, recalls):
    precision, recall, _ = metrics.precision_recall_curve(truths, probas[:, place], pos_label=one)
    highest = np.maximum.accumulate(precision)[::-1]
    return highest[np.searchsorted(recall[::-1], recalls, side="left")]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(1, 300),
    classes=st.integers(2, 5),
    ties=st.booleans(),
    narrow=st.booleans(),
)
def test_curves_are_those_of_scikit_learn(seed, size, classes, ties, narrow):
    truths, probas = samples(seed, size, classes, ties)
    probas = probas.astype("float32") if narrow else probas
    recalls = np.linspace(0, 1, 21)[::-1]
    scores = Scores(truths, probas)

    for place, one in enumerate(np.unique(truths)):
        false, true, _ = metrics.roc_curve(truths, probas[:, place], pos_label=one)
        ours = roc(scores, place)
        np.testing.assert_array_equal(ours, (false, true))
        expected = their_precision(truths, probas, one, place, recalls)
        np.testing.assert_array_equal(precision_at(scores, place, recalls), expected)


@pytest.mark.parametrize("counts", [(30, 20, 10), (1, 1, 1000), (33, 33, 34), (5, 5, 5, 5, 5)])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.93])
def test_what_is_drawn_is_what_scikit_learn_draws(counts, share):
    from sklearn.utils import resample

    rng = np.random.default_rng(3)
    classes = rng.permutation(np.repeat([f"c{at}" for at in range(len(counts))], counts))
    most = int(len(classes) * share)
    places = np.arange(len(classes))
    theirs = resample(places, replace=False, n_samples=most, random_state=42, stratify=classes)

    assert sorted(drawn(classes, most)) == sorted(theirs)


def test_a_roc_curve_has_its_points_as_rows():
    chart = wandb.plot.roc_curve(
        [0, 1, 1, 0], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.6, 0.4]], labels=["no", "yes"]
    )

    assert chart.table.columns == ["class", "fpr", "tpr"]
    assert chart.table.data == [
        *(["no", fpr, tpr] for fpr, tpr in ((0, 0), (0, 0.5), (0.5, 1), (1, 1))),
        *(["yes", fpr, tpr] for fpr, tpr in ((0, 0), (0, 0.5), (0.5, 1), (1, 1))),
    ]
    assert chart.spec.spec_name == "wandb/area-under-curve/v0"
    assert chart.spec.fields == {"x": "fpr", "y": "tpr", "class": "class"}
    assert chart.spec.string_fields == {
        "title": "ROC Curve",
        "x-axis-title": "False positive rate",
        "y-axis-title": "True positive rate",
    }


def test_a_precision_curve_has_as_many_points_as_asked_for():
    chart = wandb.plot.pr_curve([0, 1], [[0.9, 0.1], [0.2, 0.8]], interp_size=3, title="T")

    assert chart.table.columns == ["class", "precision", "recall"]
    assert chart.table.data == [[one, 1.0, at] for one in (0, 1) for at in (1.0, 0.5, 0.0)]
    assert chart.spec.fields == {"x": "recall", "y": "precision", "class": "class"}
    assert chart.spec.string_fields == {
        "title": "T",
        "x-axis-title": "Recall",
        "y-axis-title": "Precision",
    }


@pytest.mark.parametrize("draw", [wandb.plot.roc_curve, wandb.plot.pr_curve])
def test_only_chosen_classes_are_drawn(draw):
    truths, probas = samples(0, 50, 3, False)

    chart = draw(truths, probas, classes_to_plot=[0, 2])

    assert {row[0] for row in chart.table.data} == {0, 2}


@pytest.mark.parametrize("truths", [["b", "a", "b"], [True, False, True], [1.0, 0.0, 1.0]])
def test_classes_may_be_texts_truths_and_whole_floats(truths):
    probas = [[0.2, 0.8], [0.7, 0.3], [0.6, 0.4]]

    chart = wandb.plot.roc_curve(truths, probas, labels=["x", "y"])

    assert {row[0] for row in chart.table.data} == set(truths)


def test_a_class_that_is_all_there_is_has_no_false_positive_rate():
    chart = wandb.plot.roc_curve([0, 0], [[0.9, 0.1], [0.2, 0.8]])

    assert all(np.isnan(row[1]) for row in chart.table.data)


@pytest.mark.parametrize("draw", [wandb.plot.roc_curve, wandb.plot.pr_curve])
def test_more_points_than_a_table_takes_are_thinned_alike_each_time(draw, monkeypatch, capsys):
    monkeypatch.setattr(wandb.Table, "MAX_ROWS", 30)
    truths, probas = samples(1, 500, 3, False)

    one, other = draw(truths, probas), draw(truths, probas)

    assert len(one.table.data) == 30
    assert one.table.data == other.table.data
    assert [row[1:] for row in one.table.data] == sorted(row[1:] for row in one.table.data)
    assert "30 of them" in capsys.readouterr().err


@pytest.mark.parametrize("draw", [wandb.plot.roc_curve, wandb.plot.pr_curve])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((None, [[1.0]]), "both"),
        (([0, 1], None), "both"),
        (([], []), "y_true"),
        (([[0, 1]], [[1.0, 0.0]]), "y_true"),
        (([0.5, 1], [[1.0, 0.0], [0.0, 1.0]]), "classes"),
        (([0, 1], [0.5, 0.5]), "y_probas"),
        (([0, 1], [[0.5, 0.5]]), "y_probas"),
        (([0, 1], [[0.5, float("nan")], [0.5, 0.5]]), "finite"),
        (([0, 1], [["a", "b"], ["c", "d"]]), "finite"),
        (([0, 1], [[0.5], [0.5]]), "scores of 1 classes"),
        (([0, 7], [[0.5, 0.5], [0.5, 0.5]], ["a", "b"]), "class 7"),
        (([0, 1], [[0.5, 0.5], [0.5, 0.5]], None, [9]), "classes_to_plot"),
    ],
)
def test_what_has_no_curve_is_refused(draw, arguments, told):
    with pytest.raises(ValueError, match=told):
        draw(*arguments)
