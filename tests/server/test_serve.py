"""A server as its own process: one to a folder, found by its file, gone when told or idle."""

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing, contextmanager

import pytest

from ferrule.serverfile import ServerFacts, ServerFile

LOCAL = ["--local"]


@contextmanager
def server(folder, *arguments, **environ):
    command = [sys.executable, "-m", "ferrule", "serve", "--data-dir", str(folder), *arguments]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address_of(process):
    line = process.stdout.readline()
    assert line.startswith("Ferrule is at "), line + process.stderr.read()
    return line.split()[3].rstrip(";")


def ask(address, path, *, key=None, method="GET"):
    request = urllib.request.Request(address + path, method=method)
    if key:
        import base64

        pair = base64.b64encode(f"api:{key}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.loads(response.read())


def file_of(folder):
    return json.loads((folder / "server.json").read_text())


def ended(process):
    return process.wait(timeout=25)


def test_server_says_where_it_is_and_stops_when_told(tmp_path):
    with server(tmp_path, "--port", "0") as process:
        address = address_of(process)
        health = ask(address, "/healthz")
        process.send_signal(signal.SIGTERM)

        assert ended(process) == 0

    assert health["server"] == file_of(tmp_path)["server_id"]
    assert address == f"http://127.0.0.1:{file_of(tmp_path)['port']}"


def test_local_server_keeps_its_port_and_key_over_restarts(tmp_path):
    seen = []
    for _ in range(2):
        with server(tmp_path, *LOCAL) as process:
            address = address_of(process)
            key = (tmp_path / "api-key").read_text()
            seen.append((address, key, ask(address, "/api/v1/me", key=key)["server"]["local"]))
            process.send_signal(signal.SIGTERM)
            ended(process)

    assert seen[0] == seen[1]
    assert len(seen[0][1]) == len("local-") + 40
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    for path in tmp_path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_second_server_of_a_folder_gives_up_and_says_where_the_first_is(tmp_path):
    with server(tmp_path, *LOCAL) as first:
        address = address_of(first)
        with server(tmp_path, *LOCAL) as second, server(tmp_path, "--drain") as third:
            assert ended(second) == ended(third) == 3
            assert address in second.stdout.read()

        assert ask(address, "/healthz")["status"] == "ok"


def test_folder_of_another_host_is_left_alone(tmp_path):
    facts = {"port": 1, "pid": 1, "boot_id": "", "version": "", "host": "far", "server_id": ""}
    (tmp_path / "server.json").write_text(json.dumps(facts))

    with server(tmp_path, *LOCAL) as process:
        assert ended(process) == 4
        assert "`far`" in process.stdout.read()


def test_taken_port_is_told(tmp_path):
    with server(tmp_path / "a", "--port", "0") as first:
        port = address_of(first).rpartition(":")[2]
        with server(tmp_path / "b", "--port", port) as second:
            assert ended(second) == 5
            assert port in second.stdout.read()


def test_local_server_whose_port_was_taken_finds_another(tmp_path):
    with server(tmp_path / "a", "--port", "0") as other:
        port = int(address_of(other).rpartition(":")[2])
        (tmp_path / "b").mkdir()
        facts = {"port": port, "pid": 1, "boot_id": "", "version": "", "host": "", "server_id": ""}
        (tmp_path / "b" / "server.json").write_text(json.dumps(facts))
        os.utime(tmp_path / "b" / "server.json", (1, 1))

        with server(tmp_path / "b", *LOCAL) as process:
            assert address_of(process) != f"http://127.0.0.1:{port}"


def test_folder_that_can_not_be_used_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with server(tmp_path / "file" / "data", "--port", "0") as process:
        assert ended(process) == 6


def test_local_server_that_nobody_uses_ends(tmp_path):
    with server(tmp_path, *LOCAL, "--idle-exit-secs", "0.4") as process:
        address_of(process)

        assert ended(process) == 0


def test_newer_server_takes_over_from_an_older_one_and_keeps_its_port(tmp_path):
    older = (
        "import wandb._wire.journal as j; j.PRODUCER = '0.0.1'; "
        "from ferrule.__main__ import main; main()"
    )
    command = [sys.executable, "-c", older, "serve", "--local", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        try:
            address = address_of(first)
            with server(tmp_path, "--drain") as asking:
                assert ended(asking) == 0
                assert ended(first) == 0
            with server(tmp_path, *LOCAL) as second:
                assert address_of(second) == address
        finally:
            first.kill()


def test_printed_link_logs_in_once(tmp_path):
    with server(tmp_path, *LOCAL) as process:
        link = process.stdout.readline().split()[-1]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        page = opener.open(link, timeout=20)
        me = json.loads(opener.open(link.partition("/?")[0] + "/api/v1/me", timeout=20).read())

        assert page.url.endswith("/")
        assert me["server"]["local"] is True
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(
                link.partition("/?")[0] + "/api/v1/me", timeout=20
            )


def test_two_that_start_at_once_are_one_server(tmp_path):
    with server(tmp_path, *LOCAL) as one, server(tmp_path, *LOCAL) as other:
        lines = [one.stdout.readline(), other.stdout.readline()]

        assert sorted("running already" in line for line in lines) == [False, True]
        assert all(f":{file_of(tmp_path)['port']}" in line for line in lines)


@contextmanager
def told_in_a_sentence(folder, *arguments):
    with server(folder, *arguments) as process:
        assert ended(process) == 1
        said, logged = process.stdout.read(), process.stderr.read()
        yield said
        assert "Traceback" not in logged + said


def test_database_of_a_newer_server_is_told_in_a_sentence(tmp_path):
    with closing(sqlite3.connect(tmp_path / "meta.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()

    with told_in_a_sentence(tmp_path, "--port", "0") as said:
        assert "newer Ferrule" in said


def test_older_server_without_a_key_file_can_not_be_asked_and_that_is_told(tmp_path):
    lock = ServerFile(tmp_path)
    lock.write(ServerFacts(1, 1, "", "0.0.1", socket.gethostname(), ""))

    with told_in_a_sentence(tmp_path, "--drain") as said:
        assert "api-key" in said
    lock.release()


def test_damaged_secret_is_told_in_a_sentence(tmp_path):
    (tmp_path / "secret").write_bytes(b"short")

    with told_in_a_sentence(tmp_path, "--port", "0") as said:
        assert "secret is damaged" in said
