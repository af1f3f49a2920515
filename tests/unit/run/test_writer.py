import pytest

from wandb._run.writer import ClosedWriter, LateWriter, Notices, SilentWriter
from wandb.errors import UsageError

NOTICES = [
    ("step_back", {"step": 3, "current": 7}, "3 after 7"),
    ("unencodable", {"key": "odd", "type": "Foo", "reason": "no form"}, "'odd'"),
    ("large", {"key": "big", "type": "bytes", "size_bytes": 5}, "'big'"),
    ("rows_lost", {"count": 9}, "9 rows"),
    ("disk", {"reason": "No space left"}, "No space left"),
    ("no_ring", {"reason": "no mmap"}, "no mmap"),
]


@pytest.mark.parametrize(("kind", "facts", "told"), NOTICES)
def test_notice_becomes_one_line(capsys, kind, facts, told):
    notices = Notices()

    notices.say(kind, facts)
    notices.say(kind, facts)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]


def test_each_key_is_named_once(capsys):
    notices = Notices()

    for key in ("a", "b", "a"):
        notices.say("unencodable", {"key": key, "type": "Foo", "reason": "no form"})

    assert len(capsys.readouterr().err.splitlines()) == 2


def test_step_back_is_told_once_whatever_the_steps(capsys):
    notices = Notices()

    notices.say("step_back", {"step": 3, "current": 7})
    notices.say("step_back", {"step": 4, "current": 9})

    assert len(capsys.readouterr().err.splitlines()) == 1


def test_unknown_notice_is_ignored(capsys):
    Notices().say("from the future", {})

    assert capsys.readouterr().err == ""


def test_closed_writer_refuses_and_remembers():
    writer = ClosedWriter("abc")
    writer.remember(SilentWriter({"a": 1}))

    with pytest.raises(UsageError, match=r"run abc is finished.*`log`"):
        writer.log({})
    with pytest.raises(UsageError, match=r"`config\.update`"):
        writer.append({"config": {}})
    writer.append({"telemetry": {}})
    assert (writer.step(), writer.summary(), writer.print("stdout", "x")) == (0, {"a": 1}, False)


def test_late_writer_opens_on_first_use_only():
    opened = []

    def open_now():
        opened.append(True)
        return SilentWriter({})

    writer = LateWriter(open_now)
    writer.tell()
    writer.close(None)
    assert (writer.step(), writer.history_tail(5), writer.print("stdout", "x")) == (0, {}, False)
    assert opened == []

    writer.log({"a": 1})
    assert opened == [True]


def test_silent_writer_puts_anything_in_the_summary():
    summary = {}
    writer = SilentWriter(summary)

    assert writer.log({1: 2}, step="x", commit=object()) is False
    writer.append({"config": {}})

    assert summary == {1: 2}
    assert writer.step() == 0
