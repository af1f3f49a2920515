"""`Html`: text, files and streams, with a head put in or left as they are."""

import io

import pytest

from wandb.data_types import Html

BASE = '<base target="_blank">'


def text_of(kept, *args, **options):
    return kept(Html(*args, **options))[1].decode()


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("<p>a</p>", "", "<p>a</p>"),
        ("<html><head><title>", "<html><head>", "<title>"),
        ("<html><body>", "<html><head>", "</head><body>"),
    ],
)
def test_a_head_is_put_where_it_belongs(kept, page, before, after):
    text = text_of(kept, page)

    assert text.startswith(before + BASE)
    assert text.endswith(after)
    assert text.count("stylesheet") == 1


def test_only_the_first_head_counts_and_outer_space_goes(kept):
    text = text_of(kept, "\n <head><head> \n")

    assert text.startswith(f"<head>{BASE}")
    assert text.count(BASE) == 1
    assert text.endswith("<head>")


def test_left_as_it_is(kept, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"  <p>a</p>\r\n")

    assert text_of(kept, " <p> ", inject=False) == " <p> "
    assert kept(Html(path, inject=False))[1] == b"  <p>a</p>\r\n"


def test_files_streams_and_bytes_are_read_whole(kept, tmp_path):
    path = tmp_path / "page.html"
    path.write_text("from a file é", encoding="utf-8")
    text, data = io.StringIO("from text"), io.BytesIO(b"from bytes")
    text.read()

    assert "from a file é" in text_of(kept, path)
    assert "from a file é" in text_of(kept, str(path))
    assert "from text" in text_of(kept, text)
    assert "from bytes" in text_of(kept, data)
    assert text_of(kept, str(path), data_is_not_path=True).endswith(str(path))


def test_what_looks_like_a_file_and_is_none_is_text_with_a_word(kept, capsys):
    assert text_of(kept, "report.html").endswith("report.html")
    assert "there is no file 'report.html'" in capsys.readouterr().err


def test_json_and_lists(run_sink):
    pages = [Html("a"), Html("b")]

    wire = Html.list_to_wire(pages, run_sink, name="p_0")

    assert (wire["_type"], wire["count"]) == ("html", 2)
    assert [page["_type"] for page in wire["html"]] == ["html-file"] * 2
    assert [page["path"] for page in wire["html"]] == list(run_sink.files)
    assert all(path.startswith("media/html/p_0_") for path in run_sink.files)


def test_a_page_read_back_is_the_same(again):
    page = Html("<p>a</p>")

    assert again(page) == page
    assert again(page).html == page.html


@pytest.mark.parametrize("wrong", [7, None, ["<p>"]])
def test_bad_input_is_named(wrong):
    with pytest.raises(ValueError, match=type(wrong).__name__):
        Html(wrong)


def test_a_path_that_is_no_page_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"nothing\.html"):
        Html(tmp_path / "nothing.html")
