import fcntl
import json
import os
import socket
import threading

import pytest

from wandb._run import online
from wandb._service import localserver
from wandb._service.localserver import LocalServerMissing, running_server
from wandb._settings.server_choice import ServerChoice
from wandb._settings.settings import Settings
from wandb.errors import UsageError

KEY = "local-" + "c" * 40


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = tmp_path / "data"
    made.mkdir()
    monkeypatch.setenv("FERRULE_DATA_DIR", str(made))
    (made / "api-key").write_text(KEY)
    return made


@pytest.fixture
def nothing_starts(monkeypatch):
    """No process is started; what would have been is counted."""
    asked = []

    def refuse(*arguments, **options):
        asked.append(arguments)
        raise OSError(13, "not in this test")

    monkeypatch.setattr(localserver, "spawn_detached", refuse)
    return asked


@pytest.fixture
def healthy():
    """A port that answers as a healthy server does."""
    body = json.dumps({"status": "ok", "version": "9.0", "server": "s1"}).encode()
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def written(folder, *, mode=0o600, **facts):
    known = {
        "pid": os.getpid(),
        "boot_id": localserver._boot_id(),
        "version": "9.0",
        "host": os.uname().nodename,
        "server_id": "s1",
    }
    path = folder / "server.json"
    path.write_text(json.dumps({**known, **facts}))
    path.chmod(mode)
    return path


def test_server_that_runs_is_found(folder, healthy, nothing_starts):
    written(folder, port=healthy)

    choice = running_server()

    assert (choice.base_url, choice.api_key) == (f"http://127.0.0.1:{healthy}", KEY)
    assert nothing_starts == []


@pytest.mark.parametrize(
    "facts",
    [
        {"mode": 0o644},
        {"pid": 2**30},
        {"boot_id": "of another boot"},
        {"server_id": "another"},
        {"server_id": None},
        {"port": "x"},
    ],
)
def test_word_that_cannot_be_trusted_leads_nowhere(folder, healthy, nothing_starts, facts):
    written(folder, **{"port": healthy, **facts})

    with pytest.raises(LocalServerMissing, match="can't be started"):
        running_server()

    assert len(nothing_starts) == 1


def test_process_of_another_user_is_not_the_server(folder, healthy, nothing_starts, monkeypatch):
    def forbid(*_):
        raise PermissionError(1, "not yours")

    monkeypatch.setattr(os, "kill", forbid)
    written(folder, port=healthy)

    with pytest.raises(LocalServerMissing):
        running_server()


def test_another_user_on_the_port_is_not_the_server(folder, healthy, nothing_starts, monkeypatch):
    monkeypatch.setattr(localserver, "is_of_a_stranger", lambda port: port == healthy)
    written(folder, port=healthy)

    with pytest.raises(LocalServerMissing):
        running_server()


def test_server_of_another_machine_that_shares_the_home_is_left_alone(folder, nothing_starts):
    path = written(folder, port=1, host="elsewhere", pid=2**30)
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(LocalServerMissing, match="another machine, elsewhere"):
            running_server()

    assert nothing_starts == []


def test_place_that_another_machine_left_is_taken(folder, nothing_starts):
    written(folder, port=1, host="elsewhere", pid=2**30)

    with pytest.raises(LocalServerMissing):
        running_server()

    assert len(nothing_starts) == 1


def test_older_server_is_asked_to_leave(folder, healthy, nothing_starts, monkeypatch):
    written(folder, port=healthy, version="0.1")
    asked = []
    monkeypatch.setattr(localserver, "_ask_to_drain", asked.append)

    with pytest.raises(LocalServerMissing):
        running_server()

    assert asked == [folder]


def test_home_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    monkeypatch.setenv("FERRULE_DATA_DIR", str(in_the_way / "data"))

    with pytest.raises(LocalServerMissing, match="data"):
        running_server()


@pytest.mark.parametrize("force", [False, True])
def test_run_without_a_server_goes_on_offline_unless_it_is_to_be_sent(monkeypatch, capsys, force):
    def missing():
        raise LocalServerMissing("its folder can't be written")

    monkeypatch.setattr(online, "running_server", missing)
    monkeypatch.setattr(online, "choose", lambda settings: ServerChoice("local", "", None))

    if force:
        with pytest.raises(UsageError, match="its folder can't be written"):
            online.server_for(Settings(force=True))
    else:
        assert online.server_for(Settings()) is None
        assert "goes on offline" in capsys.readouterr().err
