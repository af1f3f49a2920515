import io
import logging

import pytest

from wandb._base import terminal
from wandb.errors import term

RED_TAPE = "\x1b["


class Screen(io.StringIO):
    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture(autouse=True)
def _fresh_speech(monkeypatch):
    monkeypatch.setattr(terminal, "_speech", terminal._Speech())
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def said(capsys):
    return lambda: capsys.readouterr().err


def test_face_hands_out_the_functions_of_the_room():
    assert (term.termlog, term.termwarn, term.termerror) == (
        terminal.termlog,
        terminal.termwarn,
        terminal.termerror,
    )


def test_every_line_gets_the_prefix_and_its_level(said):
    terminal.termlog("a\nb")
    terminal.termwarn("c\nd")
    terminal.termerror("e")

    assert said() == ("wandb: a\nwandb: b\nwandb: WARNING c\nwandb: WARNING d\nwandb: ERROR e\n")


def test_prefix_and_newline_can_be_left_out(said):
    terminal.termlog("a", prefix=False)
    terminal.termwarn("b", prefix=False)
    terminal.termlog("c", newline=False)
    terminal.termlog()

    assert said() == "a\nWARNING b\nwandb: cwandb: \n"


def test_same_text_is_said_once_per_level_when_not_to_be_repeated(said):
    for _ in range(2):
        terminal.termlog("a", repeat=False)
        terminal.termwarn("a", repeat=False)
    terminal.termlog("a")

    assert said() == "wandb: a\nwandb: WARNING a\nwandb: a\n"


def test_text_said_with_repeat_can_be_said_once_more_without(said):
    terminal.termlog("a")
    terminal.termlog("a", repeat=False)

    assert said() == "wandb: a\nwandb: a\n"


def test_nothing_goes_to_stdout(capsys):
    terminal.termerror("a")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("show_info", "wandb: WARNING w\nwandb: ERROR e\n"),
        ("show_warnings", "wandb: i\nwandb: ERROR e\n"),
        ("show_errors", "wandb: i\nwandb: WARNING w\n"),
    ],
)
def test_switch_silences_its_level(said, switch, expected):
    terminal.configure(**{switch: False})

    terminal.termlog("i")
    terminal.termwarn("w")
    terminal.termerror("e")

    assert said() == expected


def test_silent_hushes_all_and_sends_it_to_the_log(said, caplog):
    terminal.configure(silent=True, logger=logging.getLogger("speech"))

    with caplog.at_level(logging.INFO, logger="speech"):
        terminal.termlog("i %s")
        terminal.termerror("e")

    assert said() == ""
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "i %s"),
        ("ERROR", "e"),
    ]


def test_settings_object_sets_the_switches(said):
    class Quiet:
        silent, show_info, show_warnings, show_errors, show_colors = False, False, True, True, None

    terminal.termsetup(Quiet(), None)
    terminal.termlog("i")
    terminal.termwarn("w")

    assert said() == "wandb: WARNING w\n"


def test_color_appears_on_a_terminal_only(monkeypatch, said):
    terminal.termwarn("plain")
    tty = Screen(tty=True)
    monkeypatch.setattr("sys.stderr", tty)
    terminal.termwarn("painted")

    assert RED_TAPE not in said()
    assert RED_TAPE in tty.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_color_stays_off_where_the_terminal_asks_so(monkeypatch, name, value):
    tty = Screen(tty=True)
    monkeypatch.setattr("sys.stderr", tty)
    monkeypatch.setenv(name, value)

    terminal.termlog("plain")

    assert tty.getvalue() == "wandb: plain\n"


@pytest.mark.parametrize(("colors", "painted"), [(True, True), (False, False)])
def test_setting_decides_on_color_before_the_terminal_does(monkeypatch, colors, painted):
    stream = Screen(tty=not colors)
    monkeypatch.setattr("sys.stderr", stream)
    terminal.configure(colors=colors)

    terminal.termlog("a")

    assert (RED_TAPE in stream.getvalue()) is painted


def _closed():
    stream = io.StringIO()
    stream.close()
    return stream


class _Broken:
    def write(self, text):
        raise OSError("no space left")


@pytest.mark.parametrize("stream", [None, _closed(), _Broken(), object()])
def test_speaking_never_raises_whatever_stderr_is(monkeypatch, stream):
    monkeypatch.setattr("sys.stderr", stream)

    terminal.termerror("a")


def test_text_the_stream_cannot_encode_is_escaped(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(raw, encoding="ascii"))

    terminal.termlog("é")

    assert raw.getvalue() == b"wandb: \\xe9\n"
