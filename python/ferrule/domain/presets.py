"""The charts that come with the server, by the names that clients log.

A specification is Vega-Lite over rows of the data `wandb`: the rows of each shown run's table,
with the run's name in the column `name`. In it stand `${field:x}` for the column that the
client chose for the field `x`, and `${string:title}` for a text of the client's. A field without a
column stands for `name`, a string without a text for nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preset:
    """A chart's name on the page, and its specification as JSON."""

    title: str
    spec: str


def _preset(title: str, spec: Spec, *, shown: str | None = "${string:title}") -> Preset:
    frame: Spec = {"$schema": _SCHEMA, "data": {"name": "wandb"}}
    if shown is not None:
        frame["title"] = shown
    frame |= {"width": "container", "height": "container", "autosize": {"type": "fit"}}
    return Preset(title, json.dumps(frame | spec))


def _number(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def _word(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "nominal", **more}


_RUN = _word("name", title="run")
# Numbers that are far from zero are compared with each other, not with it.
_LOOSE: Spec = {"scale": {"zero": False}}
_RATE: Spec = {"scale": {"domain": [0, 1]}}


def _marked(mark: str, encoding: Spec, **more: Any) -> Spec:
    return {"mark": {"type": mark, "tooltip": True, **more}, "encoding": encoding}


def _lines(x: Spec, y: Spec, line: Spec) -> Spec:
    """Draw a line for each of a column's values, its dashes telling the run."""
    return _marked("line", {"x": x, "y": y, "color": line, "strokeDash": {**_RUN, "legend": None}})


def _heat_map(x: str, y: str, count: str) -> Spec:
    """Draw a cell for each pair of words, one map for each run; the words as they come."""
    counted: Spec = {
        "aggregate": [{"op": "sum", "field": count, "as": "count"}],
        "groupby": [x, y, "name"],
    }
    most: Spec = {
        "joinaggregate": [{"op": "max", "field": "count", "as": "most"}],
        "groupby": ["name"],
    }
    # The numbers stand in the cells; the darkest ones hide black.
    ink: Spec = {"condition": {"test": "datum.count > datum.most / 2", "value": "white"}}
    cells: Spec = {
        "mark": {"type": "rect", "tooltip": True},
        "encoding": {"color": _number("count", legend=None)},
    }
    texts: Spec = {
        "mark": "text",
        "encoding": {"text": _number("count"), "color": {**ink, "value": "black"}},
    }
    places: Spec = {"x": _word(x, sort=None, axis={"labelAngle": -30}), "y": _word(y, sort=None)}
    layers = {"encoding": places, "layer": [cells, texts]}
    return {
        "transform": [counted, most],
        "facet": {"column": _word("name", title=None)},
        "spec": layers,
        # Runs with few samples are as readable as those with many.
        "resolve": {"scale": {"color": "independent"}},
    }


_BY_CLIENT: Mapping[str, Preset] = {
    "line/v0": _preset(
        "Line",
        _lines(
            _number("${field:x}", **_LOOSE),
            _number("${field:y}", **_LOOSE),
            _word("${field:stroke}"),
        ),
    ),
    "lineseries/v0": _preset(
        "Lines",
        _lines(
            _number("${field:step}", title="${string:xname}", **_LOOSE),
            _number("${field:lineVal}", title=None, **_LOOSE),
            _word("${field:lineKey}", title=None, sort=None),
        ),
    ),
    "scatter/v0": _preset(
        "Scatter",
        _marked(
            "point",
            {
                "x": _number("${field:x}", **_LOOSE),
                "y": _number("${field:y}", **_LOOSE),
                "color": _RUN,
            },
        ),
    ),
    "bar/v0": _preset(
        "Bars",
        _marked(
            "bar",
            {
                "x": _number("${field:value}"),
                "y": _word("${field:label}", sort=None),
                "yOffset": _RUN,
                "color": _RUN,
            },
        ),
    ),
    "histogram/v0": _preset(
        "Histogram",
        _marked(
            "bar",
            {
                "x": _number("${field:value}", bin={"maxbins": 50}),
                "y": {"aggregate": "count", "stack": None, "title": "count"},
                "color": _RUN,
            },
            opacity=0.6,
        ),
    ),
    "area-under-curve/v0": _preset(
        "Area under a curve",
        _lines(
            _number("${field:x}", title="${string:x-axis-title}", **_RATE),
            _number("${field:y}", title="${string:y-axis-title}", **_RATE),
            _word("${field:class}"),
        ),
    ),
    "confusion_matrix/v1": _preset(
        "Confusion matrix",
        _heat_map("${field:Predicted}", "${field:Actual}", "${field:nPredictions}"),
    ),
}

# Those that go with scikit-learn name their columns themselves.
_BY_COLUMNS: Mapping[str, Preset] = {
    "calibration/v1": _preset(
        "Calibration",
        _lines(
            _number("mean_predicted_value", **_RATE),
            _number("fraction_of_positives", **_RATE),
            _word("model"),
        ),
        shown=None,
    ),
    "class_proportions/v1": _preset(
        "Class proportions",
        _marked(
            "bar",
            {
                "x": _word("class"),
                "y": _number("count"),
                "xOffset": _word("dataset"),
                "color": _word("dataset"),
            },
        ),
        shown=None,
    ),
    "elbow/v1": _preset(
        "Elbow",
        _lines(_number("cluster_ranges"), _number("errors", **_LOOSE), _RUN),
        shown=None,
    ),
    "feature_importances/v1": _preset(
        "Feature importances",
        _marked(
            "bar",
            {
                "x": _number("importances"),
                "y": _word("feature_names", sort="-x"),
                "yOffset": _RUN,
                "color": _RUN,
            },
        ),
        shown=None,
    ),
    "learning_curve/v1": _preset(
        "Learning curve",
        _lines(_number("train_size"), _number("score", **_LOOSE), _word("dataset")),
        shown=None,
    ),
    "metrics/v1": _preset(
        "Metrics",
        _marked(
            "bar",
            {
                "x": _number("metric_value"),
                "y": _word("metric_name"),
                "yOffset": _word("model_name"),
                "color": _word("model_name"),
            },
        ),
        shown=None,
    ),
    "residuals_plot/v1": _preset(
        "Residuals",
        _marked(
            "point",
            {
                "x": _number("y_pred", **_LOOSE),
                "y": _number("residuals", **_LOOSE),
                "color": _word("dataset"),
            },
        ),
        shown=None,
    ),
    "outliers/v1": _preset(
        "Outlier candidates",
        {
            "layer": [
                _marked("bar", {"x": _number("instance_indicies"), "y": _number("distance")}),
                _marked("rule", {"y": _number("influence_threshold", aggregate="max")}),
            ]
        },
        shown=None,
    ),
    "silhouette_/v1": _preset(
        "Silhouette",
        {
            "layer": [
                _marked(
                    "rule",
                    {
                        "x": _number("x1"),
                        "x2": {"field": "x2"},
                        "y": _number("y_sil", axis=None),
                        "color": _word("color_sil"),
                    },
                ),
                _marked("rule", {"x": _number("silhouette_avg", aggregate="mean")}),
            ]
        },
        shown=None,
    ),
    "decision_boundaries/v1": _preset(
        "Decision boundaries",
        _marked(
            "circle",
            {
                "x": _number("x", **_LOOSE),
                "y": _number("y", **_LOOSE),
                "color": _word("color"),
            },
        ),
        shown=None,
    ),
}

PRESETS: Mapping[str, Preset] = {**_BY_CLIENT, **_BY_COLUMNS}
"""What comes with the server, by the names below `wandb/`."""
