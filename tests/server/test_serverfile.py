"""One server has a data folder, and says where it is."""

import os
import stat

import pytest

from ferrule.serverfile import Occupied, ServerFacts, ServerFile, read_server_file

FACTS = ServerFacts(4321, 99, "boot", "1", "elsewhere", "abc")


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")


def test_file_says_where_the_server_is_to_its_owner_only(tmp_path):
    lock = ServerFile(tmp_path)
    lock.write(FACTS)

    assert read_server_file(tmp_path / "server.json") == FACTS
    assert stat.S_IMODE(os.stat(tmp_path / "server.json").st_mode) == 0o600
    lock.release()


def test_second_server_is_told_who_has_the_folder(tmp_path, here):
    first = ServerFile(tmp_path)
    first.write(FACTS)

    with pytest.raises(Occupied) as occupied:
        ServerFile(tmp_path)

    assert (occupied.value.facts, occupied.value.elsewhere) == (FACTS, False)
    first.release()


def test_folder_is_free_after_release_and_the_port_is_remembered(tmp_path, here):
    first = ServerFile(tmp_path)
    first.write(FACTS)
    first.release()

    second = ServerFile(tmp_path)

    assert second.kept_port == FACTS.port
    second.release()


def test_server_that_begins_again_says_nothing_of_the_one_before(tmp_path, here):
    first = ServerFile(tmp_path)
    first.write(FACTS)
    first.release()
    second = ServerFile(tmp_path)

    with pytest.raises(Occupied) as occupied:
        ServerFile(tmp_path)

    assert (occupied.value.facts, occupied.value.elsewhere) == (None, False)
    assert read_server_file(tmp_path / "server.json") is None
    os.close(second._handle)  # killed while it began
    assert ServerFile(tmp_path).kept_port == FACTS.port


def test_server_that_begins_on_another_host_has_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "far")
    first = ServerFile(tmp_path)
    os.close(first._handle)  # its lock is not seen here
    monkeypatch.setattr("socket.gethostname", lambda: "near")

    with pytest.raises(Occupied) as occupied:
        ServerFile(tmp_path)

    assert (occupied.value.elsewhere, occupied.value.host) == (True, "far")


def test_folder_that_another_host_touched_lately_is_occupied(tmp_path):
    first = ServerFile(tmp_path)
    first.write(FACTS)
    first.touch()
    os.close(first._handle)  # killed: nothing was released

    with pytest.raises(Occupied) as occupied:
        ServerFile(tmp_path)

    assert occupied.value.elsewhere is True


def test_folder_that_another_host_left_long_ago_is_free(tmp_path):
    first = ServerFile(tmp_path)
    first.write(FACTS)
    os.utime(tmp_path / "server.json", (1, 1))
    os.close(first._handle)

    ServerFile(tmp_path).release()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"port": "1"}', b"\xff"])
def test_damaged_file_says_nothing_and_is_no_obstacle(tmp_path, content):
    (tmp_path / "server.json").write_bytes(content)

    lock = ServerFile(tmp_path)

    assert lock.kept_port == 0
    lock.release()
