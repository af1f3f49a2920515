"""Servers of notebooks that answer with something else, or hardly at all."""

import json
import socket
import threading
from contextlib import suppress

import pytest

from wandb._settings import notebook


@pytest.fixture
def listen():
    """Listen on a port, and answer each connection with this function; return the port."""
    sockets = []

    def start(answer):
        server = socket.create_server(("127.0.0.1", 0))
        sockets.append(server)

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                sockets.append(connection)
                answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for one in sockets:
        with suppress(OSError):  # whoever waits for it is woken
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def name_server(folder, name, port):
    said = {"url": f"http://127.0.0.1:{port}/", "token": "t"}
    (folder / name).write_text(json.dumps(said))


def http(content):
    def answer(connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + content)
        connection.close()

    return answer


def ssh(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9\r\n")
    connection.close()


def test_port_of_something_else_is_passed_over(listen, tmp_path):
    mine = {"kernel": {"id": "k"}, "notebook": {"path": "a/b.ipynb", "name": "b.ipynb"}}
    name_server(tmp_path, "jpserver-1.json", listen(ssh))
    name_server(tmp_path, "jpserver-2.json", listen(http(b"[" * 200_000)))
    name_server(tmp_path, "jpserver-3.json", listen(http(json.dumps([mine]).encode())))
    (tmp_path / "jpserver-0.json").write_text("[" * 200_000)

    found = notebook._of_servers("/cwd", str(tmp_path), "k")

    assert found == {"path": "a/b.ipynb", "name": "b.ipynb", "root": "/cwd"}


def test_servers_that_do_not_answer_share_one_deadline(listen, tmp_path, monkeypatch):
    monkeypatch.setattr(notebook, "_ALL_SECS", 0.1)
    asked = threading.Semaphore(0)
    port = listen(lambda connection: asked.release())
    for number in range(30):
        name_server(tmp_path, f"jpserver-{number}.json", port)

    found = notebook._of_servers("/cwd", str(tmp_path), "k")

    assert found == {}
    assert asked.acquire(timeout=10)
