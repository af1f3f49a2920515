from datetime import datetime

import pytest

from wandb._service.logic import console as room
from wandb._service.logic import line as columns
from wandb._service.logic import terminal
from wandb._service.logic.console import ConsoleLines, file_name, shown, stamped


def seen(*writes, console=None):
    """What lines a server has in the end."""
    console = console or ConsoleLines()
    lines = {}
    for write in writes:
        stream, text = write if isinstance(write, tuple) else ("out", write)
        console.write(stream, text, 1.0)
        lines |= {line.number: line.text for line in console.take_changed()}
    assert sorted(lines) == list(range(len(lines)))
    return [lines[number] for number in sorted(lines)]


def changes(console, stream, text, timestamp):
    """What is sent after one write."""
    console.write(stream, text, timestamp)
    return {line.number: (line.text, line.timestamp) for line in console.take_changed()}


LINK, LINK_END = "\x1b]8;;file:///a\x1b\\", "\x1b]8;;\x1b\\"
RED, GREEN, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[0m"


@pytest.mark.parametrize(
    ("writes", "lines"),
    [
        (["a\nb\n"], ["a", "b"]),
        (["a", "b", "\n", "c"], ["ab", "c"]),
        (["a\n\n\nb"], ["a", "", "", "b"]),
        (["10%\r20%\r100%\n"], ["100%"]),
        (["10%", "\r", "20%", "\r", "done\n"], ["done"]),
        (["longer\rab\n"], ["abnger"]),
        (["longer\r\x1b[Kab\n"], ["ab"]),
        (["longer\x1b[2K\rab\n"], ["ab"]),
        (["longer\r\x1b[2Cx\x1b[1K\n"], ["   ger"]),
        (["ab\x08c\n"], ["ac"]),
        (["a\r\nb\r\n"], ["a", "b"]),
        (["  both sides   \n"], ["  both sides"]),
        # Colours stay as they were written …
        ([f"{RED}red{PLAIN}\n"], [f"{RED}red{PLAIN}"]),
        ([f"{RED}10%{PLAIN}\r{RED}20%{PLAIN}\n"], [f"{RED}20%{PLAIN}"]),
        # … have no width, and go with what they colour.
        ([f"{RED}longer{PLAIN}\rab\n"], [f"ab{RED}nger{PLAIN}"]),
        ([f"{GREEN}10%\r20%{PLAIN}\n"], [f"{GREEN}20%{PLAIN}"]),
        ([f"a{GREEN}b\n", "c\r", f"d{PLAIN}\n"], [f"a{GREEN}b", f"{GREEN}d{PLAIN}"]),
        ([f"{GREEN}a\x1b7b{PLAIN}\n"], [f"{GREEN}a{PLAIN}{GREEN}b{PLAIN}"]),
        ([f"longer\r{GREEN}\n"], ["longer"]),
        (["a\x1b[10Gb\n"], ["a        b"]),
        (["abc\x1b[2Dx\n"], ["axc"]),
        (["abc\x1b[3CX\n"], ["abc   X"]),
        (["abcdef\r\x1b[2P\n"], ["cdef"]),
        (["abc\r\x1b[2@\n"], ["  abc"]),
        (["abcd\r\x1b[2X\n"], ["  cd"]),
        (["wide 日本語 x\r日\n"], ["日de 日本語 x"]),
        (["e\u0301x\rE\n"], ["Ex"]),
        (["ex\re", "\u0301\n"], ["e\u0301x"]),
        (
            [f"bar\r\x1b[2K{LINK}file{LINK_END}\n"],
            [f"{LINK}file{LINK_END}"],
        ),
        ([f"longer\r{LINK}file{LINK_END}\n"], ["fileer"]),
        # Lines above the present one, as far as they can be reached.
        (["one\ntwo\n\x1b[2A\rONE\n\nthree\n"], ["ONE", "two", "three"]),
        (["one\ntwo\n\x1b[2FONE\x1b[Etwo!\n"], ["ONE", "two!"]),
        (["\x1b[A\rx\n"], ["x"]),
        (["one\ntwo\nthree\x1b[2A\r\x1b[Jgone\n"], ["gone", "", ""]),
        (["at \x1b7here\x1b8THERE\n"], ["at THERE"]),
        # A page that is cleared is kept; what follows stands below it.
        (["kept\n\x1b[2J\x1b[Hnew\n\x1b[HNEW\n"], ["kept", "NEW"]),
        # What sets up the terminal is no text, but for links.
        (["\x1b]0;title\x07osc\x1b[?25l\x1b[?25h\x1b(B\x1b=\n"], ["osc"]),
        (
            ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n"],
            ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\"],
        ),
        (["a\tb\x07\u2028\x85\n"], ["a\tb\x07\u2028\x85"]),
        # A sequence may come in parts.
        (["longer\r\x1b", "[", "K", "ab\n"], ["ab"]),
        (["\x1b]0;ti", "tle\x1b", "\\x\n"], ["x"]),
        (["a\x1b[999999999999Cb\x1b[99999999A\n"], ["a" + " " * (columns.WIDEST - 1) + "b"]),
        (["é✓\n"], ["é✓"]),
    ],
)
def test_terminal_text_as_lines(writes, lines):
    assert seen(*writes) == lines


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_how_text_is_cut_into_writes_changes_nothing(size):
    text = f"a\n{RED}10%{PLAIN}\rb\x1b[Kc\nd\ne\x1b[2A\rZ\x1b[Jz\n\x1b]0;t\x07end"

    assert seen(*(text[at : at + size] for at in range(0, len(text), size))) == seen(text)


def test_nested_bars_keep_a_line_each():
    frames = [f"\router {n}\n\rinner {n}\x1b[A" for n in range(5)]

    assert seen(*frames, "\n\n", "after\n") == ["outer 4", "inner 4", "after"]


def test_streams_have_open_lines_of_their_own():
    lines = seen(("out", "wait… "), ("err", "oh\n"), ("out", "done\n"), ("err", "more"))

    assert lines == ["wait… done", "oh", "more"]


def test_line_that_goes_on_is_sent_again_under_its_number():
    console = ConsoleLines()

    assert changes(console, "out", "a", 5.0) == {0: ("a", 5.0)}
    assert changes(console, "out", "b\nc", 6.0) == {0: ("ab", 5.0), 1: ("c", 6.0)}
    assert console.take_changed() == []


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\n10%\r", "20%\nb\n", ["a", "20%", "b"]),
        (f"a\n{GREEN}10%\r", "20%\n", ["a", f"{GREEN}20%{PLAIN}"]),
        ("one\ntwo\x1b[A", "\rONE\n\rTWO\n", ["ONE", "TWO"]),
        ("x\x1b[", "2Dy", ["y"]),
        ("longer\r", "ab\n", ["abnger"]),
    ],
)
def test_numbering_goes_on_from_a_state(before, after, lines):
    first = ConsoleLines()
    first.write("out", before, 1.0)
    sent = {line.number: line.text for line in first.take_changed()}
    second = ConsoleLines(first.state())

    second.write("out", after, 2.0)

    sent |= {line.number: line.text for line in second.take_changed()}
    assert [sent[number] for number in sorted(sent)] == lines


def test_state_of_an_earlier_version_is_understood():
    kept = {"lines": [[0, "a", 1.0], [1, "10%", 1.0]], "up": 0, "column": 0, "fresh": False}

    console = ConsoleLines({"next": 2, "open": {"out": kept}})

    assert changes(console, "out", "20%", 2.0) == {1: ("20%", 1.0)}


def test_time_is_in_utc_and_errors_and_writers_are_marked():
    assert stamped("x", stderr=False, timestamp=0.25) == "1970-01-01T00:00:00.250000 x"
    error = stamped("x", stderr=True, timestamp=0.0, label="rank_1")
    assert error == "ERROR 1970-01-01T00:00:00.000000 [rank_1] x"


@pytest.mark.parametrize("secs", [-(2**63), -1, 2**63 - 1])
def test_moment_that_no_calendar_has_is_shown_as_the_nearest(secs):
    year = "1970-01-01" if secs < 0 else "9999-01-01"
    assert stamped("x", stderr=False, timestamp=float(secs)).startswith(year)

    name = file_name({"console_multipart": True}, {"seconds": secs})
    assert name.endswith("_000000000.log")


def test_line_beyond_the_longest_goes_on_in_the_next():
    lines = seen("." * 150_000, "." * 10, "\nb")

    assert [len(line) for line in lines] == [100_000, 50_010, 1]


def test_what_is_kept_for_later_has_a_bound():
    console = ConsoleLines()
    for n in range(1000):
        console.write("out", f"{n}\n{RED}", 1.0)
        console.take_changed()

    kept = console.state()["open"]["out"]
    assert len(kept["lines"]) == terminal.REACH
    assert kept["style"] == RED


@pytest.fixture
def work(monkeypatch):
    """How many characters and columns were gone through."""
    done = [0]

    def counted(call):
        def counting(subject, *more):
            done[0] += len(subject) + sum(len(one) for one in more)
            return call(subject, *more)

        return counting

    for name in ("_cells", "_add_cells", "_drawn", "_width", "style_after"):
        monkeypatch.setattr(columns, name, counted(getattr(columns, name)))
    return done


@pytest.mark.parametrize(
    "movement",
    [
        "\b",
        "\rb",
        "\x1b[5C",
        "\x1b[5Dx",
        "\x1b[9999@",
        "\r\x1b[P",
        "\r\x1b[9999X",
        "\x1b[A\x1b[B",
        f"{RED}x{PLAIN}",
        "\r\x1b[K\x1b[9999C",
        "\x1b7\x1b8",
        "\n\x1b[A\r\x1b[1K",
    ],
)
@pytest.mark.parametrize("length", [0, 3_000, 90_000])
def test_movement_costs_the_same_however_long_the_line_is(work, movement, length):
    console, count = ConsoleLines(), 500
    console.write("out", "first\n" + "a" * length + movement * count, 1.0)

    assert work[0] < 10 * (length + len(movement) * count)
    screen = console._screens["out"]
    assert all(len(line.cells) <= columns.WIDEST for line in screen.lines)
    assert all(len(line.text) <= columns.LONGEST_LINE for line in console.take_changed())


@pytest.mark.parametrize(
    "text",
    [
        RED * 100_000,
        "a\r" + f"\x1b[{'1;' * 60_000}m" + "b\x1b[1m" * 100,
        "a" + "\u0301" * 200_000 + "\r",
        "".join(f"x\x1b[38;2;{n % 256};{n // 256};{'0' * 40}m" for n in range(10_000)) + "\r",
        LINK * 10_000,
    ],
)
def test_line_has_a_bound_whatever_it_is_made_of(text):
    console = ConsoleLines()
    console.write("out", text, 1.0)

    assert all(len(line.text) <= columns.LONGEST_LINE for line in console.take_changed())
    assert len(console.state()["open"]["out"]["style"]) <= 16 * 128


def test_what_is_beyond_the_columns_that_may_change_stays_or_is_replaced():
    wide = "a" * 9_000

    assert seen(f"{wide}\r\n") == [wide]
    assert seen(f"{wide}\rb\n") == ["b" + wide[1:]]
    assert seen(f"{wide}\r{'b' * 8_000}\n") == ["b" * 8_000]
    assert seen(f"{wide}\r\x1b[Kb\n") == ["b"]
    assert seen(f"{wide}\r\x1b[2P\n")[0][4_096:] == wide[4_096:]


def test_state_holds_lines_above_only_where_they_are_short():
    console = ConsoleLines()
    console.write("out", "a" * 90_000 + "\n" + "b\n" * 3, 1.0)
    assert [text for _, text, _ in console.state()["open"]["out"]["lines"]] == ["b", "b", "b"]

    console.write("out", "a" * 90_000, 1.0)
    [kept] = console.state()["open"]["out"]["lines"]
    assert kept[1] == "a" * 90_000
    after = ConsoleLines(console.state())
    assert changes(after, "out", "!\n\x1b[9A\x1b[1Gc", 2.0)[4] == ("c" + "a" * 89_999 + "!", 1.0)


# --- the file ---------------------------------------------------------------------------------


def printed(*writes):
    named = {"out": "STDOUT", "err": "STDERR"}
    return [
        ("run-1.wandb", {"output_type": named[stream], "line": text}) for stream, text in writes
    ]


def test_file_holds_last_states_without_times():
    records = printed(("out", "a\n10%"), ("err", "oh\n"), ("out", "\r20%\n"))

    assert "".join(shown(records)) == "a\n20%\noh\n"


def test_old_line_that_changes_late_is_written_once_and_last(monkeypatch):
    monkeypatch.setattr(room, "_HELD_LINES", 64)
    monkeypatch.setattr(room, "_FOLD_RECORDS", 8)
    bar = [("err", f"\r{n}%") for n in range(0, 101, 10)]
    records = [("out", f"first {n}\n") for n in range(5)]
    for one in bar:
        records += [one, *(("out", f"line {n}\n") for n in range(200))]

    text = "".join(shown(printed(*records)))

    lines = text.splitlines()
    assert lines[:6] == [*(f"first {n}" for n in range(5)), "100%"]
    assert lines[6:] == [f"line {n}" for n in range(200)] * len(bar)


STARTED = {"seconds": 1_700_000_000, "nanos": 5_000_000}
# In local time, as the original has it.
MOMENT = datetime.fromtimestamp(STARTED["seconds"]).strftime("%Y%m%d_%H%M%S")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "output.log"),
        ({"x_label": "rank_1"}, "output_rank_1.log"),
        ({"console_multipart": True}, f"logs/output_{MOMENT}_005000000.log"),
        ({"console_multipart": True, "x_label": "w"}, f"logs/output_w_{MOMENT}_005000000.log"),
    ],
)
def test_file_is_named_by_writer_and_start(options, name):
    assert file_name(options, STARTED) == name
