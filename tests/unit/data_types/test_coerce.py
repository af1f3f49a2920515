"""Bare values of other libraries are known by their classes, and become values of ours."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

from wandb.data_types import Bokeh, Html, Plotly
from wandb.data_types.coerce import as_value
from wandb.data_types.registry import _CLASSES, class_of


class Made:
    """Stands in for a type that another file makes, and remembers what it is of."""

    def __init__(self, *args, **options):
        self.args, self.options = args, options


@pytest.fixture
def tables(monkeypatch):
    module = ModuleType("wandb.data_types.table")
    module.Table = Made
    monkeypatch.setitem(sys.modules, "wandb.data_types.table", module)


@pytest.fixture
def images(monkeypatch):
    module = ModuleType("wandb.data_types.image")
    module.Image = Made
    monkeypatch.setitem(sys.modules, "wandb.data_types.image", module)


def test_values_of_ours_are_themselves():
    page = Html("a")

    assert as_value(page) is page


@pytest.mark.parametrize("value", [None, 1, "text", [1], {"a": 1}, object(), sys, len])
def test_other_values_are_none(value):
    assert as_value(value) is None


def test_figures_of_plotly():
    plotly = pytest.importorskip("plotly.graph_objects")

    class Mine(plotly.Figure):
        pass

    assert isinstance(as_value(plotly.Figure()), Plotly)
    assert isinstance(as_value(Mine()), Plotly)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_figures_of_matplotlib_and_what_is_in_them():
    pytest.importorskip("matplotlib").use("agg")
    pytest.importorskip("plotly")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    (line,) = axes.plot([1, 2])

    assert all(isinstance(as_value(each), Plotly) for each in (pyplot, figure, axes, line))


def test_plots_and_documents_of_bokeh():
    plotting = pytest.importorskip("bokeh.plotting")
    from bokeh.document import Document

    assert isinstance(as_value(plotting.figure()), Bokeh)
    assert isinstance(as_value(Document()), Bokeh)


def test_pictures_of_pillow(images):
    picture = pytest.importorskip("PIL.Image").new("RGB", (2, 2))

    assert as_value(picture).args == (picture,)


def test_data_frames_of_pandas(tables):
    frame = pytest.importorskip("pandas").DataFrame({"a": [1, 2]})

    assert as_value(frame).options == {"dataframe": frame}


def test_data_frames_of_polars(tables):
    kind = type("DataFrame", (SimpleNamespace,), {"__module__": "polars.dataframe.frame"})
    frame = kind(columns=["a", "b"], rows=lambda: [(1, "x"), (2, "y")])

    made = as_value(frame)

    assert made.options == {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}


def test_nothing_heavy_is_loaded_to_know_a_value():
    script = (
        "import sys; from wandb.data_types.coerce import as_value; as_value(object());"
        "print(sorted({'numpy', 'PIL', 'plotly', 'matplotlib', 'bokeh'} & sys.modules.keys()))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stderr


# In a run's row a table is told by the file that it has there.
IN_ROWS = {"table-file": "table", "incremental-table-file": "table"}


@pytest.mark.parametrize("log_type", sorted(_CLASSES))
def test_every_type_leads_to_the_class_that_writes_it(log_type):
    assert class_of(log_type)._log_type == IN_ROWS.get(log_type, log_type)
