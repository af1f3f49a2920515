"""Artifacts between all clients and our server: what one logs, each of the others reads."""

import os
import signal

import pytest

from e2e.proxy import Fault, proxied
from e2e.running import run_program, run_sync
from oracle.compare import declared
from oracle.harness import our_client, released_client

pytestmark = pytest.mark.timeout(300)

READERS = ["ours", pytest.param("0.21.3", marks=pytest.mark.released)]
ABCD = bytes(range(16)).hex()
FIRST = {
    "a.txt": [5, b"first".hex()],
    "empty": [0, ""],
    "new.txt": [3, b"new".hex()],
    "sub/b.bin": [256 * 4096, ABCD],
}


def client_of(name):
    return our_client() if name == "ours" else released_client(name)


def log(client, folder, server_url, key, run_id, *words, **variables):
    return run_program(
        client,
        folder,
        "artifact_log",
        "TARGET",
        run_id,
        "made",
        *words,
        url=server_url,
        key=key,
        **variables,
    )


def read(client, folder, server, key, *names):
    return run_program(client, folder, "artifact_read", "TARGET", *names, url=server.url, key=key)


def assert_read(told, run_id, digests, *, used=True):
    first, second = told["found"]
    name = f"digits-{run_id}"
    assert first == {
        "name": f"{name}:v0",
        "type": "dataset",
        "version": "v0",
        "state": "COMMITTED",
        "description": "words",
        "metadata": {"k": [1, 2]},
        "aliases": ["best"],
        "digest": digests[0],
        "size": 5 + 3 + 256 * 4096,
        "file_count": 4,
        "files": FIRST,
        "listed": sorted(FIRST),
        "logged_by": run_id,
        "used_by": [run_id] if used else [],
    }
    assert (second["version"], second["aliases"]) == ("v1", ["latest"])
    assert second["digest"] == digests[1]
    assert second["files"] == {"a.txt": [6, b"second".hex()]}
    assert told["exists"] is False


@pytest.mark.parametrize("reader", READERS)
def test_what_any_client_logs_is_read_by_each(server, key, client, reader, tmp_path):
    run_id = f"{client.name}-{reader}".replace(".", "").replace("released-", "r")
    facts = log(client, tmp_path / "log", server.url, key, run_id)

    name = f"alice/made/digits-{run_id}"
    told = read(client_of(reader), tmp_path / "read", server, key, f"{name}:v0", f"{name}:latest")

    assert facts["names"] == [f"digits-{run_id}:v0", f"digits-{run_id}:v1"]
    # The name has what it was asked for by.
    assert facts["used"] == f"digits-{run_id}:best"
    assert_read(told, run_id, facts["digests"])


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("logger", "syncer"),
    [
        ("ours", "ours"),
        pytest.param("ours", "0.21.3", marks=pytest.mark.released),
        pytest.param("0.21.3", "ours", marks=pytest.mark.released),
    ],
)
def test_artifacts_of_offline_runs_are_synced_by_each(
    server, key, logger, syncer, reader, tmp_path
):
    run_id = f"sync-{logger}-{syncer}-{reader}".replace(".", "")
    facts = log(
        client_of(logger),
        tmp_path,
        server.url,
        key,
        run_id,
        "offline",
        WANDB_MODE="offline",
    )
    (folder,) = tmp_path.glob("wandb/offline-run-*")

    run_sync(client_of(syncer), tmp_path, folder, url=server.url, key=key)

    name = f"alice/made/digits-{run_id}"
    told = read(client_of(reader), tmp_path / "read", server, key, f"{name}:v0", f"{name}:latest")
    assert_read(told, run_id, facts["digests"], used=False)


def test_syncing_again_makes_no_other_version(server, key, tmp_path):
    log(our_client(), tmp_path, server.url, key, "twice", "offline", WANDB_MODE="offline")
    (folder,) = tmp_path.glob("wandb/offline-run-*")

    for _ in range(2):
        run_sync(our_client(), tmp_path, folder, "--include-synced", url=server.url, key=key)

    told = read(our_client(), tmp_path / "read", server, key, "alice/made/digits-twice:latest")
    assert told["found"][0]["version"] == "v1"


@pytest.mark.parametrize("at", [3, 6, 9, 12])
def test_service_killed_in_the_middle_leaves_whole_versions(server, key, at, tmp_path):
    """The service dies at some request; the script's next question starts another."""
    run_id = f"killed-{at}"
    seen = []

    def kill(method, path, body):
        if b"rtifact" not in body[:4000] and "artifact" not in path:
            return None
        seen.append(path)
        if len(seen) != at:
            return None
        for pid in services_below(tmp_path):
            os.kill(pid, signal.SIGKILL)
        return Fault()

    with proxied(server.url, kill) as proxy:
        facts = log(our_client(), tmp_path / "log", proxy.url, key, run_id)

    assert len(seen) > at
    name = f"alice/made/digits-{run_id}"
    told = read(our_client(), tmp_path / "read", server, key, f"{name}:v0", f"{name}:latest")
    assert_read(told, run_id, facts["digests"])


def test_other_type_is_refused_by_wait(server, key, tmp_path):
    declared("an artifact of another type than its earlier versions")

    said = run_program(our_client(), tmp_path, "artifact_types", "TARGET", url=server.url, key=key)

    assert said["error"] == "ValueError"
    assert "dataset" in said["message"]
    assert said["rows"] == 2


@pytest.mark.parametrize(
    ("logger", "reader"),
    [
        ("ours", "ours"),
        pytest.param("ours", "0.21.3", marks=pytest.mark.released),
        pytest.param("0.21.3", "ours", marks=pytest.mark.released),
    ],
)
def test_logged_tables_are_read_from_their_artifacts(server, key, logger, reader, tmp_path):
    run_id = f"t-{logger}-{reader}".replace(".", "")
    address = {"url": server.url, "key": key}
    run_program(client_of(logger), tmp_path / "log", "table_log", "TARGET", run_id, **address)

    told = run_program(
        client_of(reader), tmp_path / "read", "table_read", "TARGET", run_id, **address
    )

    plain = {"columns": ["n", "word"], "data": [[1, "a"], [2, "b"]]}
    assert told == {
        "plain": plain,
        "again": plain,
        "own": {"columns": ["n"], "data": [[7]]},
        "increments": 2,
        "row": {"_type": "table-file", "ncols": 2, "nrows": 2, "log_mode": "IMMUTABLE"},
        "refers": told["refers"],
    }
    assert told["refers"] in ("wandb-client-artifact", "wandb-artifact")


@pytest.mark.parametrize("name", READERS)
def test_increments_go_on_in_a_resumed_run(server, key, name, tmp_path):
    run_id = f"resumed-{name}".replace(".", "")

    told = run_program(
        client_of(name), tmp_path, "table_resumed", "TARGET", run_id, url=server.url, key=key
    )

    assert told == {"number": 1, "before": 1}


def test_artifacts_can_be_waited_for_in_a_child_and_after_the_end(server, key, tmp_path):
    told = run_program(our_client(), tmp_path, "artifact_late", "TARGET", url=server.url, key=key)

    assert told == {"late": "late:v0", "child": "child:v0", "path": ["a.txt"]}


def services_below(folder):
    """Yield the ids of the services whose home is below a folder."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read()
            with open(f"/proc/{name}/environ", "rb") as file:
                surroundings = file.read()
        except OSError:
            continue
        if b"wandb._service" in words and str(folder).encode() in surroundings:
            yield int(name)
