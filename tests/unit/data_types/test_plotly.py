"""`Plotly`: figures of plotly's whole, matplotlib's converted or as images."""

import json
import sys
from types import ModuleType

import numpy as np
import pytest

from wandb.data_types import Plotly
from wandb.errors import Error

plotly = pytest.importorskip("plotly.graph_objects")


class Picture:
    """Stands in for `wandb.Image`."""

    def __init__(self, figure):
        self.figure = figure


@pytest.fixture
def pictures(monkeypatch):
    """Have an image type that only remembers what it is of."""
    module = ModuleType("wandb.data_types.image")
    module.Image = Picture
    monkeypatch.setitem(sys.modules, "wandb.data_types.image", module)


@pytest.fixture
def pyplot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def chart_of(kept, value):
    wire, data = kept(value)
    assert wire["_type"] == "plotly-file"
    assert wire["path"].startswith("media/plotly/key_0_")
    assert wire["path"].endswith(".plotly.json")
    return json.loads(data)


def test_a_figure_keeps_every_point(kept):
    points = np.arange(1000)
    figure = plotly.Figure(plotly.Scatter(x=points, y=points.reshape(-1, 1)))

    (trace,) = chart_of(kept, Plotly(figure))["data"]

    assert trace["x"] == points.tolist()
    assert trace["y"] == [[y] for y in points.tolist()]


def test_values_that_json_lacks_have_a_form(kept):
    figure = plotly.Figure()
    figure.update_layout(meta={"when": np.datetime64("2024-01-02"), "one": np.array(3)})

    meta = chart_of(kept, Plotly(figure))["layout"]["meta"]

    assert meta == {"when": "2024-01-02", "one": [3]}


# plotly's converter asks for what matplotlib will soon take away.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_figure_of_matplotlib_is_converted(kept, pyplot):
    figure, axes = pyplot.subplots()
    axes.plot([1, 2, 3], [4, 5, 6])

    # plotly's converter takes the figure from pyplot, so that goes first.
    for value in (pyplot, figure, axes, axes.lines[0]):
        (trace,) = chart_of(kept, Plotly.make_plot_media(value))["data"]
        assert trace["y"] == [4, 5, 6]
    assert chart_of(kept, Plotly(figure)) == chart_of(kept, Plotly.make_plot_media(axes))


def test_a_figure_with_pixels_is_an_image(pyplot, pictures):
    figure, axes = pyplot.subplots()
    axes.imshow([[0, 1], [2, 3]])

    assert Plotly.make_plot_media(axes).figure is figure
    with pytest.raises(ValueError, match=r"wandb\.Image"):
        Plotly(figure)


def test_a_figure_that_cannot_be_converted_is_an_image(pyplot, pictures, monkeypatch, capsys):
    def fail(figure):
        raise RuntimeError("odd spines")

    monkeypatch.setattr("plotly.tools.mpl_to_plotly", fail)
    figure, axes = pyplot.subplots()

    assert Plotly.make_plot_media(axes).figure is figure
    assert "odd spines" in capsys.readouterr().err


def test_without_plotly_matplotlib_gives_an_image(pyplot, pictures, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "plotly.tools", None)
    figure = pyplot.figure()

    assert Plotly.make_plot_media(figure).figure is figure
    assert "pip install plotly" in capsys.readouterr().err
    with pytest.raises(Error, match="pip install plotly"):
        Plotly(figure)


def test_read_back(again):
    chart = Plotly(plotly.Figure())

    assert again(chart) == chart


@pytest.mark.parametrize("wrong", [7, {"data": []}, "figure", plotly.Scatter()])
def test_bad_input_is_named(wrong):
    with pytest.raises(ValueError, match=type(wrong).__name__):
        Plotly(wrong)


def test_a_part_that_belongs_to_no_figure_is_named():
    lines = pytest.importorskip("matplotlib.lines")

    with pytest.raises(ValueError, match="Line2D belongs to no figure"):
        Plotly(lines.Line2D([0], [0]))
