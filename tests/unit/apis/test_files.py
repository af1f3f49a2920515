import pytest

from wandb.apis.public.console import ConsoleChunk, console_lines
from wandb.errors import CommError, UnsupportedError


@pytest.fixture
def run(make_run, open_run):
    made = make_run("r1").log(0, loss=1.0).print("hello").print("\n")
    stored = made.folder / "files"
    (stored / "media").mkdir(parents=True)
    (stored / "output.log").touch()
    (stored / "requirements.txt").write_text("numpy==2\n")
    (stored / "media" / "a.json").write_text("{}")
    return open_run()


def test_files_hold_what_is_stored_and_what_the_journal_tells(run):
    assert [one.name for one in run.files()] == [
        "media/a.json",
        "output.log",
        "requirements.txt",
        "wandb-summary.json",
    ]


def test_files_are_chosen_by_names_or_by_pattern(run):
    assert [one.name for one in run.files(names=["output.log", "zz"])] == ["output.log"]
    assert [one.name for one in run.files(pattern="%.json")] == [
        "media/a.json",
        "wandb-summary.json",
    ]
    with pytest.raises(CommError, match="not both"):
        run.files(names=["a"], pattern="%")


def test_file_is_copied_once_unless_told_otherwise(run, tmp_path):
    one = run.file("media/a.json")

    with one.download(root=str(tmp_path / "copy")) as copied:
        assert copied.read() == "{}"
    with pytest.raises(CommError, match="left as it is"):
        one.download(root=str(tmp_path / "copy"))
    one.download(root=str(tmp_path / "copy"), exist_ok=True).close()
    one.download(root=str(tmp_path / "copy"), replace=True).close()


def test_file_tells_its_size_type_and_digest(run):
    one = run.file("requirements.txt")

    assert (one.size, one.mimetype, one.md5) == (9, "text/plain", "zlrNXPuxIRUQKLKp9JJY+A==")
    assert one.url is not None
    assert one.url.startswith("file:")


def test_unknown_file_is_an_error_that_lists_the_others(run):
    with pytest.raises(CommError, match=r"no file 'zz'.*output\.log, requirements\.txt"):
        run.file("zz")


def test_file_can_not_be_deleted(run):
    with pytest.raises(UnsupportedError):
        run.file("requirements.txt").delete()


def test_console_text_is_a_file_and_numbered_lines(run, tmp_path):
    with run.file("output.log").download(root=str(tmp_path / "copy")) as copied:
        assert copied.read() == "hello\n"
    (line,) = run.console_logs()
    assert (line.number, line.level, line.content) == (0, "info", "hello")
    assert line.timestamp is not None


def text_of(*chunks):
    lines = console_lines(ConsoleChunk(text, stderr, None) for text, stderr in chunks)
    return [(line.number, line.level, line.content) for line in lines]


def test_streams_do_not_cut_each_others_lines():
    assert text_of(("ab", False), ("oops\n", True), ("c\nd", False)) == [
        (0, "info", "abc"),
        (1, "error", "oops"),
        (2, "info", "d"),
    ]


def test_carriage_return_writes_over_the_line_and_line_ends_may_have_one():
    assert text_of(("10%\r20%\r", False), ("100%\nx\r\n\n", False)) == [
        (0, "info", "100%"),
        (1, "info", "x"),
        (2, "info", ""),
    ]
    assert text_of(("hello\rJ\n", False)) == [(0, "info", "Jello")]


def test_cursor_movements_change_lines_as_they_do_on_a_server():
    bars = "a: 1%\nb: 1%\n\x1b[2Aa: 9%\n\x1b[Kb: 9%\n"

    assert text_of((bars, False)) == [(0, "info", "a: 9%"), (1, "info", "b: 9%")]


def test_only_line_feeds_end_a_line():
    assert text_of(("a\x0bb\u2028c\x85d\n", False)) == [(0, "info", "a\x0bb\u2028c\x85d")]


def test_last_lines_can_be_asked_for(make_run, open_run):
    made = make_run("r2")
    for number in range(5):
        made.print(f"{number}\n")

    assert [line.content for line in open_run("r2").console_logs(last=2)] == ["3", "4"]
