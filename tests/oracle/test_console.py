"""Semantics §10: what is printed is recorded, and the terminal sees it unchanged."""

import pytest

START = "import os, sys, wandb\nrun = wandb.init()\n"


def recorded(ended, stream="STDOUT"):
    """Return what the only run recorded of one stream."""
    return ended.log.console(stream)


def test_each_write_is_one_record(script):
    ended = script(START + "print('hello')\nprint('a', 'b', sep='-')\nrun.finish()\n")

    lines = [x for x in ended.log.of_kind("output_raw") if x.get("output_type") == "STDOUT"]
    assert [line["line"] for line in lines] == ["hello", "\n", "a", "-", "b", "\n"]
    assert all(line["timestamp"]["seconds"] > 1.6e9 for line in lines)
    assert ended.stdout == "hello\na-b\n"


def test_streams_are_told_apart(script):
    ended = script(START + "print('out')\nprint('err', file=sys.stderr)\nrun.finish()\n")

    assert recorded(ended) == "out\n"
    assert recorded(ended, "STDERR") == "err\n"
    assert "err" in ended.stderr


def test_only_what_is_printed_during_the_run_is_recorded(script):
    ended = script("print('before')\n" + START + "print('during')\nrun.finish()\nprint('after')\n")

    assert recorded(ended) == "during\n"
    assert ended.stdout == "before\nduring\nafter\n"


TEXTS = [
    ("print('é😀')", "é😀\n"),
    ("print('')", "\n"),
    ("sys.stdout.write('no newline')", "no newline"),
    ("[sys.stdout.write(f'\\r{n}') for n in range(3)]", "\r0\r1\r2"),
    ("print('\\x1b[31mred\\x1b[0m')", "\x1b[31mred\x1b[0m\n"),
    ("print('a\\nb\\n\\nc')", "a\nb\n\nc\n"),
    ("print('x' * 100000)", "x" * 100000 + "\n"),
    ("sys.stdout.writelines(['l1\\n', 'l2\\n'])", "l1\nl2\n"),
    ("sys.stdout.buffer.write(b'raw\\n'); sys.stdout.buffer.flush()", ""),
    ("os.write(1, b'descriptor\\n')", ""),
    ("os.system('echo from shell')", ""),
]


@pytest.mark.parametrize(("line", "text"), TEXTS, ids=[row[0] for row in TEXTS])
def test_text_is_recorded_as_written(script, line, text):
    ended = script(START + line + "\nrun.finish()\n")

    assert recorded(ended) == text


def test_many_lines_are_all_recorded_in_order(script):
    ended = script(START + "for n in range(20000):\n    print(n)\nrun.finish()\n")

    assert recorded(ended).split() == [str(n) for n in range(20000)]


def test_lines_of_threads_are_all_recorded(script):
    ended = script(
        START + "import threading\n"
        "work = lambda n: [print(f'{n}:{i}\\n', end='') for i in range(200)]\n"
        "threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "run.finish()\n"
    )

    found = recorded(ended).split()
    assert sorted(found) == sorted(f"{n}:{i}" for n in range(4) for i in range(200))


def test_stdout_keeps_its_identity_and_its_returns(script):
    ended = script(
        "import sys\n"
        "before = sys.stdout\n" + START + "count = sys.stdout.write('four')\n"
        "print(sys.stdout is before, count, sys.stdout.fileno(), sys.stdout.encoding)\n"
        "run.finish()\n"
    )

    assert "fourTrue 4 1 utf-8" in ended.stdout.replace("UTF-8", "utf-8")


def test_wrong_write_raises_as_before(script):
    ended = script(
        START
        + "try:\n    sys.stdout.write(5)\nexcept TypeError:\n    print('refused')\nrun.finish()\n"
    )

    assert recorded(ended) == "refused\n"


def test_redirected_prints_are_not_the_runs(script):
    ended = script(
        START + "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()) as text:\n"
        "    print('inside')\n"
        "print('got', text.getvalue(), end='')\n"
        "run.finish()\n"
    )

    assert recorded(ended) == "got inside\n"


def test_every_active_run_records(script):
    ended = script(
        START + "other = wandb.init(reinit='create_new')\n"
        "print('both')\n"
        "other.finish()\n"
        "print('one')\n"
        "run.finish()\n"
    )

    texts = sorted(log.console() for log in ended.logs)
    assert texts == ["both\n", "both\none\n"]


@pytest.mark.parametrize("how", ["environment", "argument"])
def test_console_can_be_off(script, how):
    environment = {"WANDB_CONSOLE": "off"} if how == "environment" else {}
    argument = "settings={'console': 'off'}" if how == "argument" else ""
    ended = script(
        f"import wandb\nrun = wandb.init({argument})\nprint('unheard')\nrun.finish()\n",
        environment=environment,
    )

    assert ended.log.of_kind("output_raw") == []
    assert "unheard" in ended.stdout


def test_prints_of_a_forked_child_are_not_the_runs(script):
    ended = script(
        START + "sys.stdout.flush()\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    print('from child', flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "print('from parent')\n"
        "run.finish()\n"
    )

    assert recorded(ended) == "from parent\n"
    assert "from child" in ended.stdout


def test_offline_output_log_is_empty(script):
    ended = script(START + "print('x')\nrun.finish()\n")

    written = ended.log.journal.parent / "files" / "output.log"
    assert written.read_text() == ""


def test_logging_and_warnings_are_recorded(script):
    ended = script(
        START + "import logging, warnings\n"
        "logging.basicConfig()\n"
        "logging.warning('by logging')\n"
        "warnings.warn('by warnings')\n"
        "run.finish()\n"
    )

    assert "by logging" in recorded(ended, "STDERR")
    assert "by warnings" in recorded(ended, "STDERR")


@pytest.mark.parametrize("way", ["auto", "wrap", "wrap_raw"])
def test_ways_of_wrapping_keep_each_write(script, way):
    ended = script(
        f"import wandb\nrun = wandb.init(settings={{'console': {way!r}}})\n"
        "print('a', 'b')\nrun.finish()\n"
    )

    lines = [x["line"] for x in ended.log.of_kind("output_raw")]
    assert "".join(lines) == "a b\n"


def test_failing_write_raises_and_is_not_recorded(script):
    ended = script(
        "import sys\n"
        "class Choosy:\n"
        "    def __init__(self, under): self.under = under\n"
        "    def __getattr__(self, name): return getattr(self.under, name)\n"
        "    def write(self, text):\n"
        "        if 'bad' in text: raise ValueError('no')\n"
        "        return self.under.write(text)\n"
        "sys.stdout = Choosy(sys.stdout)\n" + START + "try: print('bad')\n"
        "except ValueError: print('refused')\n"
        "run.finish()\n"
    )

    assert recorded(ended) == "refused\n"


def test_lone_surrogates_do_not_disturb_printing(script):
    ended = script(
        START + "sys.stdout.reconfigure(errors='backslashreplace')\n"
        "sys.stdout.write('a\\udc80b\\n')\nprint('after')\nrun.finish()\n"
    )

    assert recorded(ended).endswith("after\n")
    assert ended.stdout == "a\\udc80b\nafter\n"
