"""`Bokeh`: plots, documents and files of them."""

import json
import sys

import pytest

from wandb.data_types import Bokeh
from wandb.errors import Error

plotting = pytest.importorskip("bokeh.plotting")
documents = pytest.importorskip("bokeh.document")


@pytest.fixture
def plot():
    figure = plotting.figure(width=100, height=100)
    figure.line([1, 2, 3], [4, 5, 6])
    return figure


def document_of(kept, value):
    wire, data = kept(Bokeh(value))
    assert wire["_type"] == "bokeh-file"
    assert wire["path"].startswith("media/bokeh/key_0_")
    assert wire["path"].endswith(".bokeh.json")
    return json.loads(data)


def test_a_plot_is_one_root_and_stays_free(kept, plot):
    first, second = document_of(kept, plot), document_of(kept, plot)

    assert first == second
    (root,) = first["roots"]
    assert root["id"] == plot.id
    assert plot.document is None


def test_a_document_is_kept_with_its_plot(kept, plot):
    document = documents.Document()
    document.add_root(plot)

    assert document_of(kept, document)["roots"] == document_of(kept, plot)["roots"]
    assert plot.document is document


def test_a_file_is_kept_as_it_is(kept, again, plot, tmp_path):
    path = tmp_path / "plot.bokeh.json"
    path.write_bytes(kept(Bokeh(plot))[1] + b"\n")

    assert kept(Bokeh(path))[1] == path.read_bytes()
    assert again(Bokeh(str(path))) == Bokeh(path)


def test_its_document_is_an_object_of_bokehs(again, plot):
    for value in (Bokeh(plot), again(Bokeh(plot))):
        (root,) = value.b_obj.roots
        assert root.id == plot.id


@pytest.mark.parametrize(
    ("name", "text", "error", "words"),
    [
        ("plot.json", "{}", ValueError, r"ends with \.bokeh\.json"),
        ("plot.bokeh.json", "{", ValueError, "holds no JSON"),
        ("plot.bokeh.json", "[]", ValueError, "roots"),
        ("gone.bokeh.json", None, FileNotFoundError, "gone"),
    ],
)
def test_bad_files_are_named(tmp_path, name, text, error, words):
    path = tmp_path / name
    if text is not None:
        path.write_text(text)

    with pytest.raises(error, match=words):
        Bokeh(path)


def test_other_things_are_named():
    with pytest.raises(TypeError, match="int"):
        Bokeh(7)


def test_without_bokeh_it_says_what_to_install(plot, monkeypatch):
    monkeypatch.setitem(sys.modules, "bokeh.document", None)

    with pytest.raises(Error, match="pip install bokeh"):
        Bokeh(plot)
