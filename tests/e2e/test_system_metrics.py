"""System metrics from a script to a reader, by a server and by a folder."""

import pytest

from e2e.running import run_program
from oracle.harness import our_client

pytestmark = pytest.mark.timeout(300)
ON = {"WANDB_X_DISABLE_STATS": "false"}
NAMES = {"system.cpu", "system.memory_percent", "system.disk./.usageGB", "system.network.recv"}


def sampled(folder, server, key, how="live", **variables):
    return run_program(
        our_client(), folder, "sampled", "TARGET", how, url=server.url, key=key, **ON, **variables
    )


def read(folder, server, key, run_id, *place):
    path = f"alice/sampled/{run_id}" if not place else run_id
    return run_program(
        our_client(), folder, "read_events", path, "TARGET", *place, url=server.url, key=key
    )


def assert_sampled(found, *, least):
    times = [row["_timestamp"] for row in found["events"]]
    assert len(times) >= least
    assert times == sorted(times)
    assert found["latest"].keys() >= NAMES
    assert all(row.keys() >= NAMES for row in found["events"])
    assert all(row["_runtime"] >= 0 for row in found["events"])


def test_metrics_of_a_run_are_read_from_the_server(tmp_path, server, key):
    run = sampled(tmp_path / "run", server, key)
    found = read(tmp_path / "read", server, key, run["id"])

    assert_sampled(found, least=3)
    assert found["rows"] == [1, 3]
    assert not {"control", "writers"} & set(run["left"])


def test_metrics_outlive_the_service(tmp_path, server, key):
    run = sampled(tmp_path / "run", server, key, "kill")
    found = read(tmp_path / "read", server, key, run["id"])

    assert_sampled(found, least=6)
    assert found["rows"] == [1, 2, 3]
    assert not {"control", "writers"} & set(run["left"])


@pytest.mark.parametrize("how", ["live", "kill"])
def test_metrics_of_an_offline_run_are_read_from_its_folder(tmp_path, server, key, how):
    run = sampled(tmp_path / "run", server, key, how, WANDB_MODE="offline")
    found = read(tmp_path / "read", server, key, run["id"], run["folder"])

    assert_sampled(found, least=6 if how == "kill" else 3)
    assert found["rows"] == ([1, 2, 3] if how == "kill" else [1, 3])
    assert not {"control", "writers"} & set(run["left"])
