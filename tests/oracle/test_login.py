"""`wandb.login` under both clients: on a real terminal, without one, and what is left in files."""

import fcntl
import json
import os
import pty
import select
import subprocess
import termios
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from oracle.compare import declared

KEY, OTHER = "a" * 40, "b" * 40
HANG_SECS = 25
IN_TIME = "login prompt that nobody answers in time"
TYPED = "a key that can't be one, typed at the prompt"

LOGIN = (
    "import wandb\n"
    "try:\n"
    "    print('RESULT', wandb.login({arguments}))\n"
    "except Exception as err:\n"
    "    print('RAISED', type(err).__name__)\n"
    "print('MODE', wandb.setup().settings.mode)\n"
)


class Viewer(BaseHTTPRequestHandler):
    """Answers every question with one viewer, for whom each key of letters `a` is good."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        data = {
            "viewer": {"id": "VXNlcjox", "username": "ann", "entity": "ann", "flags": "{}"},
            "serverInfo": None,
        }
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Viewer)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


# --- on a terminal --------------------------------------------------------------------------------


class Terminal:
    """A script on a terminal of its own, and somebody who waits for prompts and types."""

    def __init__(self, client, folder, source, **environment):
        self._ours, theirs = pty.openpty()
        script = folder / "typed.py"
        script.write_text(source)
        self._process = subprocess.Popen(
            [client.interpreter, script],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=client.environment(folder, TERM="dumb", **environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.shown = ""
        self._seen = 0
        self._end = time.monotonic() + HANG_SECS

    def wait_for(self, text):
        while text not in self.shown[self._seen :]:
            assert self._more(), f"{text!r} never came:\n{self.shown}"
        self._seen = self.shown.index(text, self._seen) + len(text)

    def answer(self, prompt, line):
        self.wait_for(prompt)
        os.write(self._ours, line.encode())

    def answer_hidden(self, line):
        """Type once nobody can see it; what is typed before may be thrown away."""
        self.wait_for(PASTE)
        while termios.tcgetattr(self._ours)[3] & termios.ECHO:
            assert time.monotonic() < self._end, f"the echo stays on:\n{self.shown}"
            time.sleep(0.01)
        os.write(self._ours, line.encode())

    def close(self):
        """Read to the end of the script."""
        while self._more():
            pass
        assert self._process.wait(5) == 0, self.shown
        return self.shown

    def kill(self):
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _more(self):
        ready = select.select([self._ours], [], [], max(self._end - time.monotonic(), 0))[0]
        assert ready, f"hangs:\n{self.shown}"
        with suppress(OSError):  # the other end is closed
            read = os.read(self._ours, 4096)
            self.shown += read.decode(errors="replace").replace("\r\n", "\n")
            return bool(read)
        return False


@pytest.fixture
def terminal(client, tmp_path, server):
    opened = []

    def begin(arguments="", *, source=None, **environment):
        text = source or LOGIN.format(arguments=arguments)
        made = Terminal(client, tmp_path, text, WANDB_BASE_URL=server, **environment)
        opened.append(made)
        return made

    yield begin
    for made in opened:
        made.kill()


CHOICE = "Enter your choice: "
PASTE = "Paste "


def netrc(folder):
    path = folder / ".netrc"
    return path.read_text() if path.exists() else ""


@pytest.mark.parametrize("number", ["1", "2"])
def test_key_that_is_typed_is_hidden_and_kept(terminal, tmp_path, number):
    typing = terminal()
    typing.answer(CHOICE, f"{number}\n")
    typing.answer_hidden(f"{KEY}\n")

    shown = typing.close()
    assert "RESULT True" in shown
    assert "MODE online" in shown
    assert KEY not in shown
    assert KEY in netrc(tmp_path)
    assert (tmp_path / ".netrc").stat().st_mode & 0o777 == 0o600


def test_going_on_offline_is_a_choice(terminal, tmp_path):
    typing = terminal()
    typing.answer(CHOICE, "3\n")

    shown = typing.close()
    assert "RESULT False" in shown
    assert "MODE offline" in shown
    assert netrc(tmp_path) == ""


def test_wrong_choice_is_asked_for_again(terminal):
    typing = terminal()
    for wrong in ("x\n", "9\n"):
        typing.answer(CHOICE, wrong)
    typing.answer(CHOICE, "3\n")

    assert "RESULT False" in typing.close()


def test_forced_login_offers_no_way_out(terminal, tmp_path):
    typing = terminal("force=True")
    typing.answer_hidden(f"{KEY}\n")

    shown = typing.close()
    assert "RESULT True" in shown
    assert CHOICE not in shown
    assert KEY in netrc(tmp_path)


def test_empty_line_is_asked_for_again(terminal):
    typing = terminal()
    typing.answer(CHOICE, "2\n")
    typing.answer_hidden("\n")
    typing.answer_hidden(f" {KEY} \n")

    assert "RESULT True" in typing.close()


def test_key_that_cannot_be_one(terminal, either, client):
    typing = terminal()
    typing.answer(CHOICE, "2\n")
    typing.answer_hidden("short\n")
    if client.ours:
        declared(TYPED)
        typing.answer_hidden(f"{KEY}\n")

    assert either(TYPED, original="RAISED ValueError", ours="RESULT True") in typing.close()


def test_no_answer_in_time(terminal, either):
    shown = terminal("timeout=1").close()

    assert "RESULT False" in shown
    assert either(IN_TIME, original="MODE disabled", ours="MODE offline") in shown


def test_relogin_asks_although_there_is_a_key(terminal, tmp_path):
    typing = terminal("relogin=True", WANDB_API_KEY=OTHER)
    typing.answer(CHOICE, "2\n")
    typing.answer_hidden(f"{KEY}\n")

    assert "RESULT True" in typing.close()
    assert KEY in netrc(tmp_path)


def test_ctrl_c_ends_the_question(terminal):
    typing = terminal(
        source="import wandb\n"
        "try:\n"
        "    wandb.login()\n"
        "except KeyboardInterrupt:\n"
        "    print('STOPPED')\n"
    )
    typing.wait_for(CHOICE)
    time.sleep(0.5)  # nobody presses it in the instant between the question and its reading
    typing.answer("", "\x03")

    assert "STOPPED" in typing.close()


def test_init_asks_as_login_does(terminal):
    typing = terminal(
        source="import wandb\nrun = wandb.init()\nprint('OFFLINE', run.offline)\nrun.finish()\n",
        WANDB_X_DISABLE_STATS="true",
    )
    typing.answer(CHOICE, "3\n")

    assert "OFFLINE True" in typing.close()


# --- without one ----------------------------------------------------------------------------------


@pytest.fixture
def logged_in(script, server):
    """Log in without a terminal."""

    def ask(arguments="", **environment):
        return script(
            LOGIN.format(arguments=arguments),
            environment={"WANDB_MODE": "online", "WANDB_BASE_URL": server, **environment},
            timeout_secs=HANG_SECS,
        )

    return ask


def test_no_terminal_and_no_key_is_an_error(logged_in, client):
    ended = logged_in()

    assert "RAISED UsageError" in ended.stdout


def test_given_key_leaves_other_hosts_as_they_are(logged_in, tmp_path, server):
    before = (
        "# mine\nmachine  a.example\n\tlogin me password pw\n\nmachine b.example login x password y"
    )
    (tmp_path / ".netrc").write_text(before)
    (tmp_path / ".netrc").chmod(0o600)

    ended = logged_in(f"key='{KEY}'")

    assert "RESULT True" in ended.stdout
    kept = netrc(tmp_path)
    assert kept.startswith(before)
    host = server.removeprefix("http://")
    assert kept[len(before) :].split() == ["machine", host, "login", "user", "password", KEY]


def test_new_key_of_a_host_replaces_the_old_one(logged_in, tmp_path, server):
    host = server.removeprefix("http://")
    (tmp_path / ".netrc").write_text(
        f"machine {host}\n  login user\n  password {OTHER}\nmachine z.example\n  login u\n"
        "  password p\n"
    )

    assert "RESULT True" in logged_in(f"key='{KEY}', relogin=True").stdout

    assert OTHER not in netrc(tmp_path)
    assert netrc(tmp_path).split().count(host) == 1
    assert "machine z.example\n  login u\n  password p" in netrc(tmp_path)


@pytest.mark.parametrize("key", ["'short'", "'x' * 39", "'prefix-short'"])
def test_given_key_that_cannot_be_one(logged_in, tmp_path, key):
    assert "RAISED ValueError" in logged_in(f"key={key}").stdout
    assert netrc(tmp_path) == ""


def test_prefix_of_a_key_does_not_count(logged_in, tmp_path):
    assert "RESULT True" in logged_in(f"key='local-{KEY}'").stdout
    assert f"local-{KEY}" in netrc(tmp_path)


def test_host_is_kept_for_later_processes(logged_in, tmp_path, server):
    ended = logged_in(f"key='{KEY}', host='{server}/'", WANDB_BASE_URL="http://127.0.0.1:9")

    assert "RESULT True" in ended.stdout
    settings = (tmp_path / ".config" / "wandb" / "settings").read_text()
    assert f"base_url = {server}\n" in settings


def test_key_of_the_environment_is_enough_and_not_written(logged_in, tmp_path):
    assert "RESULT True" in logged_in(WANDB_API_KEY=KEY).stdout
    assert netrc(tmp_path) == ""


def test_verified_key(logged_in):
    assert "RESULT True" in logged_in("verify=True", WANDB_API_KEY=KEY).stdout


def test_key_that_cannot_be_verified(logged_in):
    ended = logged_in("verify=True", WANDB_API_KEY=KEY, WANDB_BASE_URL="http://127.0.0.1:9")

    assert "RAISED AuthenticationError" in ended.stdout


@pytest.mark.parametrize(("mode", "result"), [("offline", False), ("disabled", True)])
def test_mode_without_a_server_asks_nothing(logged_in, mode, result):
    assert f"RESULT {result}" in logged_in(WANDB_MODE=mode).stdout


def test_login_during_a_run_changes_nothing(script, tmp_path):
    ended = script(
        f"import wandb\nrun = wandb.init()\nprint(wandb.login(key='{KEY}'))\nrun.finish()\n"
    )

    assert ended.stdout.splitlines()[0] == "True"
    assert netrc(tmp_path) == ""
