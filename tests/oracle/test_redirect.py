"""Semantics §10: `console="redirect"` keeps what the descriptors get, from whomever."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios

import pytest

from oracle.decode import read_run, run_folders
from oracle.harness import HANG_SECS, group

START = (
    "import os, sys, subprocess, wandb\n"
    "run = wandb.init(settings={'console': 'redirect', 'silent': True})\n"
)
END = "sys.stdout.flush()\nrun.finish()\n"


@pytest.fixture
def redirected(script):
    """Run lines in a redirected run; return how it ended and the file of what it printed."""

    def run(lines):
        ended = script(START + lines + "\n" + END)
        file = ended.log.journal.parent / "files" / "output.log"
        return ended, file.read_text()

    return run


TEXTS = [
    ("print('python')", "python\n"),
    ("print('é😀')", "é😀\n"),
    ("os.write(1, b'descriptor\\n')", "descriptor\n"),
    ("os.system('echo from shell')", "from shell\n"),
    ("subprocess.run(['sh', '-c', 'echo a; echo b'])", "a\nb\n"),
    ("sys.stdout.buffer.write(b'raw\\n')", "raw\n"),
    ("print('10%', end='\\r'); print('20%', end='\\r'); print('done')", "done\n"),
    ("print('one\\ntwo\\n\\x1b[2A\\rONE\\n')", "ONE\ntwo\n"),
]


@pytest.mark.parametrize(("line", "text"), TEXTS, ids=[row[0] for row in TEXTS])
def test_file_has_what_the_descriptors_got(redirected, line, text):
    _, file = redirected(line)

    assert file.strip("\n") == text.rstrip("\n")


def test_only_what_is_printed_during_the_run_is_kept(script):
    ended = script("print('before')\n" + START + "print('during')\n" + END + "print('after')\n")

    file = ended.log.journal.parent / "files" / "output.log"
    assert file.read_text().strip("\n") == "during"
    assert ended.stdout == "before\nduring\nafter\n"


# --- ours alone: text in the journal, as it comes ---------------------------------------------


@pytest.fixture
def ours_script(ours, tmp_path):
    from oracle.harness import run_script

    return lambda source, **options: run_script(ours, tmp_path, source, **options)


def test_text_of_c_libraries_is_kept_in_its_place(ours_script):
    ended = ours_script(
        "import ctypes\n"
        "library = ctypes.CDLL(None)\n"
        "library.printf(b'early\\n')\n" + START + "library.printf(b'from C %d\\n', 7)\n" + END
    )

    assert ended.log.console() == "from C 7\n"
    assert ended.stdout == "early\nfrom C 7\n"


def test_streams_are_told_apart(ours_script):
    ended = ours_script(START + "os.system('echo out; echo err >&2')\n" + END)

    assert (ended.log.console(), ended.log.console("STDERR")) == ("out\n", "err\n")
    assert "err\n" in ended.stderr


def test_bytes_pass_unchanged_and_characters_are_never_cut(ours_script):
    ended = ours_script(
        START + "for byte in '✓😀é\\n'.encode(): os.write(1, bytes([byte]))\n" + END
    )

    assert ended.log.console() == "✓😀é\n"


def test_many_lines_are_all_kept_in_order(ours_script):
    ended = ours_script(START + "for n in range(100_000): print(n)\n" + END)

    expected = "".join(f"{n}\n" for n in range(100_000))
    assert ended.log.console() == expected
    assert ended.stdout == expected


def test_every_run_keeps_what_is_printed_while_it_lasts(ours_script):
    ended = ours_script(
        START + "other = wandb.init(reinit='create_new', settings={'console': 'redirect'})\n"
        "third = wandb.init(reinit='create_new', settings={'console': 'wrap'})\n"
        "print('all', flush=True)\n"
        "os.system('echo descriptor')\n"
        "run.finish()\nthird.finish()\n"
        "print('second')\n"
        "other.finish()\n"
        "print('none')\n"
    )

    texts = sorted(log.console() for log in ended.logs)
    assert texts == ["all\n", "all\ndescriptor\n", "all\ndescriptor\nsecond\n"]
    assert ended.stdout == "all\ndescriptor\nsecond\nnone\n"


def test_streams_lead_where_they_led_before(ours_script):
    ended = ours_script(
        "import os\nbefore = [os.fstat(fd) for fd in (1, 2)]\n"
        + START
        + "print('x')\n"
        + END
        + "assert [os.path.samestat(os.fstat(fd), old) for fd, old in zip((1, 2), before)] "
        "== [True, True]\n"
        "assert 'FERRULE_CONSOLE' not in os.environ\n"
    )

    assert ended.exit_code == 0, ended.stderr


def test_stream_led_elsewhere_meanwhile_stays_there(ours_script):
    ended = ours_script(
        START + "print('kept', flush=True)\n"
        "file = os.open('elsewhere', os.O_CREAT | os.O_WRONLY)\n"
        "os.dup2(file, 1)\n" + END + "print('late', flush=True)\n"
    )

    assert ended.log.console() == "kept\n"
    assert (ended.folder / "elsewhere").read_text() == "late\n"


def test_closed_stream_is_left_alone(ours_script):
    ended = ours_script(
        "import os\nos.close(1)\n" + START + "os.system('echo gone; echo err >&2')\nrun.finish()\n"
        "try:\n    os.fstat(1)\nexcept OSError:\n    os.write(2, b'still closed')\n"
    )

    assert ended.log.console("STDERR").endswith("err\n")
    assert "still closed" in ended.stderr


def test_python_stream_in_place_of_a_descriptor_is_wrapped(ours_script):
    ended = ours_script(
        "import io, sys\nsys.stdout = io.StringIO()\n"
        + START
        + "print('in memory')\nos.system('echo shell')\nrun.finish()\n"
    )

    assert sorted(ended.log.console().split("\n")) == ["", "in memory", "shell"]


def test_children_of_every_kind_are_kept_once(ours_script):
    ended = ours_script(
        START + "import multiprocessing\n"
        "def work(word):\n"
        "    wandb.run and run.log({'n': 1})\n"
        "    print(word, flush=True)\n"
        "child = multiprocessing.get_context('fork').Process(target=work, args=('logs',))\n"
        "child.start(); child.join()\n"
        "os.fork() or os._exit(print('forks', flush=True) or 0)\n"
        "os.wait()\n"
        "subprocess.run([sys.executable, '-c', 'print(\"runs\")'])\n" + END
    )

    assert sorted(ended.log.console().split()) == ["forks", "logs", "runs"]
    assert sorted(ended.stdout.split()) == ["forks", "logs", "runs"]


def test_child_that_outlives_the_run_neither_holds_it_up_nor_is_cut_off(ours_script):
    ended = ours_script(
        START + "child = subprocess.Popen(['sh', '-c', 'read word; echo $word'], "
        "stdin=subprocess.PIPE, text=True)\n"
        "print('run', flush=True)\n"
        "run.finish()\n"
        "print('finished', flush=True)\n"
        "child.communicate('late')\n"
        "os._exit(child.returncode)\n"
    )

    assert ended.exit_code == 0
    assert ended.log.console() == "run\n"
    assert ended.stdout == "run\nfinished\nlate\n"


def test_child_that_outlives_the_process_is_not_cut_off(ours_script):
    # What the child reads ends with the process.
    ended = ours_script(
        START + "subprocess.Popen(['sh', '-c', 'read word; sleep 0.2; echo late'], "
        "stdin=subprocess.PIPE)\n" + END
    )

    assert (ended.exit_code, ended.stdout) == (0, "late\n")


DEATHS = {
    "SIGKILL": "os.kill(os.getpid(), 9)",
    "_exit": "os._exit(3)",
    "abort": "os.abort()",
}


@pytest.mark.parametrize("way", ["wrap", "redirect"])
@pytest.mark.parametrize("death", DEATHS)
def test_whole_lines_printed_before_a_death_are_kept_and_shown(ours_script, way, death):
    ended = ours_script(
        START.replace("redirect", way)
        + f"for n in range(3000): print(n)\nsys.stdout.flush()\n{DEATHS[death]}\n"
    )

    expected = "".join(f"{n}\n" for n in range(3000))
    assert ended.exit_code != 0
    assert ended.stdout == expected
    assert kept_by(ended.folder) == expected


def kept_by(folder):
    """What the journal of the only run has, once its leftovers are recovered."""
    from wandb._native import recover_folder

    (found,) = run_folders(folder)
    recover_folder(str(found))
    return read_run(found).console()


# --- a real terminal --------------------------------------------------------------------------


def on_terminal(client, folder, source, *, columns=90, when=b"", then=None):
    """Run a script on a terminal of its own; return what that showed."""
    script = folder / "script.py"
    script.write_text(source)
    master, slave = pty.openpty()
    set_columns(slave, columns)
    paths = os.pathsep.join(str(path) for path in (client.import_path, *sys.path) if path)
    environment = client.environment(
        folder, WANDB_MODE="offline", TERM="xterm-256color", PYTHONPATH=paths
    )
    shown = b""
    with group(
        [client.interpreter, script],
        env=environment,
        cwd=folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        while select.select([master], [], [], HANG_SECS)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:  # all is closed
                break
            if when and when in shown:
                when = b""
                then(master, process)
        process.wait(HANG_SECS)
    os.close(master)
    return shown.decode()


def set_columns(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))


def the_file(folder):
    (found,) = run_folders(folder)
    return (found / "files" / "output.log").read_text()


def test_programs_on_a_terminal_keep_it(ours, tmp_path):
    look = "import os; print(os.isatty(1), os.isatty(2), os.get_terminal_size(1).columns)"

    shown = on_terminal(
        ours,
        tmp_path,
        START + f"exec({look!r})\nsys.stdout.flush()\n"
        f"subprocess.run([sys.executable, '-c', {look!r}])\n" + END,
    )

    assert shown == "True True 90\r\n" * 2
    assert the_file(tmp_path) == "True True 90\n" * 2


def test_size_of_the_terminal_is_passed_on(ours, tmp_path):
    def widen(master, process):
        set_columns(master, 123)
        os.kill(process.pid, signal.SIGWINCH)

    shown = on_terminal(
        ours,
        tmp_path,
        "import signal\nchanged = []\n"
        "signal.signal(signal.SIGWINCH, lambda *_: changed.append(1))\n"
        + START
        + "print('ready', flush=True)\n"
        "while not changed: signal.sigtimedwait([], 0.01)\n"
        "print(os.get_terminal_size(1).columns)\n"
        + END
        + "print(signal.getsignal(signal.SIGWINCH).__name__)\n",
        when=b"ready",
        then=widen,
    )

    assert shown == "ready\r\n123\r\n<lambda>\r\n"


BARS = {
    "tqdm": (
        "from tqdm import tqdm\n"
        "for _ in tqdm(range(3), desc='outer', mininterval=0):\n"
        "    for _ in tqdm(range(4), desc='inner', mininterval=0): pass\n",
        ["outer: 100%", "inner: 100%", "inner: 100%", "inner: 100%"],
    ),
    "rich": (
        "from rich.progress import track\n"
        "from rich.console import Console\n"
        "for _ in track(range(5), description='track', console=Console(file=sys.stderr)): pass\n",
        ["track ", "100%"],
    ),
    "live": (
        "from rich.live import Live\n"
        "from rich.console import Console\n"
        "console = Console(file=sys.stderr, highlight=False)\n"
        "with Live('', console=console, auto_refresh=False) as live:\n"
        "    for n in range(5): live.update(f'top {n}\\nbottom {n}', refresh=True)\n",
        ["top 4\nbottom 4\n"],
    ),
}


@pytest.mark.parametrize("way", ["redirect", "wrap_emu"])
@pytest.mark.parametrize("bars", BARS)
def test_progress_bars_are_kept_as_they_ended(ours, tmp_path, bars, way):
    draw, parts = BARS[bars]

    on_terminal(ours, tmp_path, START.replace("redirect", way) + draw + "print('end')\n" + END)

    text = the_file(tmp_path)
    assert [text.count(part) for part in dict.fromkeys(parts)] == [
        parts.count(part) for part in dict.fromkeys(parts)
    ]
    assert "0%|" not in text.replace("100%|", "")
    assert text.endswith("end\n")


def test_readers_own_end_reaches_the_program(ours, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(START + "while True: print('more', flush=True)\n")
    environment = ours.environment(tmp_path, WANDB_MODE="offline")
    with group(
        [ours.interpreter, script],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(HANG_SECS)

    assert b"BrokenPipeError" in errors
