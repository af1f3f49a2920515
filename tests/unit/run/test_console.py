import io
import types

import pytest

from wandb._run.console import Console


class Kept:
    def __init__(self):
        self.texts = []

    def keep(self, stream, text):
        self.texts.append((stream, text))


class Stream(io.StringIO):
    """Takes attributes, as the streams of programs do."""


@pytest.fixture
def streams(monkeypatch):
    # pytest puts its own `sys.stdout` back between set-up and test, so the module gets others.
    made = types.SimpleNamespace(stdout=Stream(), stderr=Stream())
    monkeypatch.setattr("wandb._run.console.sys", made)
    return made


@pytest.fixture
def console():
    made = Console()
    yield made
    made.stop_all()


def test_text_is_kept_and_still_written(streams, console):
    kept = Kept()
    console.start(kept.keep)

    print("hello", file=streams.stdout)
    streams.stderr.write("bad")

    assert kept.texts == [("stdout", "hello"), ("stdout", "\n"), ("stderr", "bad")]
    assert streams.stdout.getvalue() == "hello\n"
    assert streams.stderr.getvalue() == "bad"


def test_stream_objects_stay_and_write_comes_back(streams, console):
    kept = Kept()

    console.start(kept.keep)
    assert "write" in vars(streams.stdout)

    console.stop(kept.keep)
    assert "write" not in vars(streams.stdout)
    streams.stdout.write("after")
    assert kept.texts == []


def test_write_that_somebody_had_replaced_is_put_back(streams, console):
    mine = streams.stdout.write
    theirs = lambda text: mine(text.upper())  # noqa: E731
    streams.stdout.write = theirs
    kept = Kept()

    console.start(kept.keep)
    streams.stdout.write("loud")
    console.stop(kept.keep)

    assert streams.stdout.getvalue() == "LOUD"
    assert kept.texts == [("stdout", "loud")]
    assert streams.stdout.write is theirs


def test_wrapper_put_over_ours_stays(streams, console):
    kept = Kept()
    console.start(kept.keep)
    ours = streams.stdout.write
    streams.stdout.write = lambda text: ours(text + "!")

    streams.stdout.write("a")
    console.stop(kept.keep)
    streams.stdout.write("b")

    assert streams.stdout.getvalue() == "a!b!"
    assert kept.texts == [("stdout", "a!")]


def test_every_run_keeps_everything(streams, console):
    first, second = Kept(), Kept()
    console.start(first.keep)
    console.start(second.keep)

    streams.stdout.write("both")
    console.stop(first.keep)
    streams.stdout.write("one")

    assert first.texts == [("stdout", "both")]
    assert second.texts == [("stdout", "both"), ("stdout", "one")]


def test_what_a_keeper_prints_is_not_kept(streams, console):
    texts = []

    def keep(stream, text):
        texts.append(text)
        streams.stdout.write("noticed")

    console.start(keep)
    streams.stdout.write("x")

    assert texts == ["x"]
    assert streams.stdout.getvalue() == "xnoticed"


def test_journal_closed_by_another_thread_does_not_disturb_printing(streams, console):
    def keep(stream, text):
        raise RuntimeError("closed")

    console.start(keep)
    streams.stdout.write("still here")

    assert streams.stdout.getvalue() == "still here"


@pytest.mark.parametrize("stream", [None, object()])
def test_stream_that_cannot_be_wrapped_is_left_alone(streams, console, stream):
    streams.stdout = stream
    kept = Kept()

    console.start(kept.keep)
    streams.stderr.write("kept")

    assert kept.texts == [("stderr", "kept")]


def test_stream_replaced_later_is_put_back_all_the_same(streams, console):
    kept = Kept()
    console.start(kept.keep)
    replaced, streams.stdout = streams.stdout, Stream()

    streams.stdout.write("elsewhere")
    console.stop(kept.keep)

    assert kept.texts == []
    assert "write" not in vars(replaced)


def test_result_of_write_is_passed_on(streams, console):
    console.start(Kept().keep)

    assert streams.stdout.write("four") == 4


def test_what_could_not_be_written_is_not_kept_and_raises_as_before(streams, console):
    kept = Kept()
    console.start(kept.keep)

    with pytest.raises(TypeError):
        streams.stdout.write(5)

    assert kept.texts == []


def test_streams_of_bytes_and_of_anything_go_on_as_they_are(streams, console):
    got = []
    streams.stdout = types.SimpleNamespace(write=got.append)
    kept = Kept()
    console.start(kept.keep)

    for written in (b"caf\xc3\xa9", bytearray(b"\xff"), 7):
        streams.stdout.write(written)

    assert got == [b"caf\xc3\xa9", bytearray(b"\xff"), 7]
    assert kept.texts == [("stdout", "café"), ("stdout", "\ufffd"), ("stdout", "")]


def test_one_stream_can_be_kept_alone(streams, console):
    kept = Kept()
    console.start(kept.keep, streams=["stderr"])

    streams.stdout.write("out")
    streams.stderr.write("err")

    assert kept.texts == [("stderr", "err")]
