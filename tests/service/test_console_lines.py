import pytest

from wandb._service.logic.console import ConsoleLines, stamped


def shown(*writes, console=None):
    """What lines a server has in the end."""
    console = console or ConsoleLines()
    lines = {}
    for write in writes:
        stream, text = write if isinstance(write, tuple) else ("out", write)
        lines |= {n: text for n, (text, _) in console.write(stream, text, 1.0).items()}
    assert sorted(lines) == list(range(len(lines)))
    return [lines[number] for number in sorted(lines)]


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
        (["ab\x08c\n"], ["ac"]),
        (["a\r\nb\r\n"], ["a", "b"]),
        (["\x1b[31mred\x1b[0m\n"], ["\x1b[31mred\x1b[0m"]),
        (["\x1b[31m10%\x1b[0m\r\x1b[31m20%\x1b[0m\n"], ["\x1b[31m20%\x1b[0m"]),
        (["one\ntwo\n\x1b[2A\rONE\n\nthree\n"], ["ONE", "two", "three"]),
        (["\x1b[A\rx\n"], ["x"]),
        (["a\x1b"], ["a\x1b"]),
        (["é✓\n"], ["é✓"]),
    ],
)
def test_terminal_text_as_lines(writes, lines):
    assert shown(*writes) == lines


def test_streams_have_open_lines_of_their_own():
    lines = shown(("out", "wait… "), ("err", "oh\n"), ("out", "done\n"), ("err", "more"))

    assert lines == ["wait… done", "oh", "more"]


def test_line_that_goes_on_is_sent_again_under_its_number():
    console = ConsoleLines()

    assert console.write("out", "a", 5.0) == {0: ("a", 5.0)}
    assert console.write("out", "b\nc", 6.0) == {0: ("ab", 5.0), 1: ("c", 6.0)}


def test_numbering_goes_on_from_a_state():
    first = ConsoleLines()
    first.write("out", "a\n10%\r", 1.0)

    second = ConsoleLines(first.state())

    assert second.write("out", "20%\nb\n", 2.0) == {1: ("20%", 1.0), 2: ("b", 2.0)}


def test_time_is_in_utc_and_errors_are_marked():
    assert stamped("x", stderr=False, timestamp=0.25) == "1970-01-01T00:00:00.250000 x"
    assert stamped("x", stderr=True, timestamp=0.0).startswith("ERROR 1970-01-01T00:00:00.000000 ")


def test_text_beyond_the_longest_line_is_neither_kept_nor_sent_again():
    console = ConsoleLines()
    console.write("out", "." * 150_000, 1.0)

    assert console.write("out", "." * 10, 1.0) == {}
    assert console.write("out", "\nb", 2.0) == {1: ("b", 2.0)}
    assert len(console.state()["open"]["out"]["lines"][0][1]) == 100_000
