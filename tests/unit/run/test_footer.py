import math
import sys

import pytest

from wandb._run.footer import closing, history_lines, shown_path, sparkline, summary_lines
from wandb._settings.settings import Settings


@pytest.fixture(autouse=True)
def unicode_terminal(monkeypatch):
    monkeypatch.setattr(type(sys.stderr), "encoding", "utf-8", raising=False)


def test_sparkline_goes_from_least_to_greatest():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"


@pytest.mark.parametrize(
    ("numbers", "line"),
    [
        ([], ""),
        ([math.nan, math.inf], ""),
        ([5], "▁"),
        ([5, 5], "▁▁"),
        ([1, math.nan, 2], "▁█"),
        ([-1e308, 1e308], "▁█"),
        ([0, 5e-324], "▁▁"),
    ],
)
def test_sparkline_of_strange_numbers(numbers, line):
    assert sparkline(numbers) == line


def test_long_history_is_thinned():
    assert len(sparkline(list(range(1000)))) == 40


def test_ascii_terminal_gets_ascii(monkeypatch):
    monkeypatch.setattr(type(sys.stderr), "encoding", "ascii", raising=False)

    assert sparkline([0, 1]).isascii()


def test_hidden_metrics_are_not_drawn_and_names_are_sorted():
    lines = history_lines({"b": [1.0], "_step": [1.0], "a": [math.nan], "c": [1.0, 2.0]}, limit=10)

    assert lines == ["  b ▁", "  c ▁█"]


def test_limit_is_told():
    assert history_lines({"a": [1.0], "b": [1.0], "c": [1.0]}, limit=1) == ["  a ▁", "  and 2 more"]


def test_plain_values_are_shown():
    values = {
        "flag": True,
        "loss": 0.123456789,
        "n": 12345678,
        "none": None,
        "tree": {"a": 1},
        "text": "a\nb",
        "long": "x" * 100,
        "_step": 5,
    }

    assert summary_lines(values, limit=10) == [
        "  flag True",
        "  long " + "x" * 59 + "…",
        "  loss 0.12346",
        "     n 12345678",
        "  text a b",
    ]


def test_closing_lines_tell_rows_and_folder(capsys, tmp_path):
    settings = Settings(run_id="abc")

    closing(settings, str(tmp_path), {"rows": 1, "complete": True}, {}, {"a": 1})

    told = capsys.readouterr()
    assert told.out == ""
    assert "Run abc ended with 1 row, kept in" in told.err
    assert str(tmp_path) in told.err


def test_quiet_run_still_tells_of_losses(capsys):
    facts = {"rows": 1, "rows_lost": 3, "complete": False, "reason": "disk full"}

    closing(Settings(run_id="abc", quiet=True), "folder", facts, {}, {})

    told = capsys.readouterr().err
    assert "3 rows" in told
    assert "disk full" in told
    assert "ended" not in told


def test_path_below_the_current_folder_is_short(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert shown_path(str(tmp_path / "a" / "b")) == "./a/b"
    assert shown_path("/elsewhere") == "/elsewhere"


def test_folder_that_is_gone_is_told(capsys, tmp_path):
    facts = {"rows": 1, "complete": True, "reason": "it was removed", "path": "/there/run.wandb"}

    closing(Settings(run_id="abc"), str(tmp_path), facts, {}, {})

    assert "is gone: it was removed" in (told := capsys.readouterr().err)
    assert "/there/run.wandb" in told


@pytest.mark.parametrize(("recoverable", "word"), [(True, "is added by"), (False, "is lost")])
def test_end_that_could_not_be_written_is_told_with_what_becomes_of_it(
    capsys, tmp_path, recoverable, word
):
    facts = {"rows": 1, "complete": False, "reason": "disk full", "recoverable": recoverable}

    closing(Settings(run_id="abc"), str(tmp_path), facts, {}, {})

    assert "could not be written to its end (disk full)" in (told := capsys.readouterr().err)
    assert word in told
