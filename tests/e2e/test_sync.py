"""Offline runs reach the server, ours by the released `wandb sync`, the released ones by ours."""

import pytest

from e2e.comparing import assert_same, unsigned_zeros
from e2e.running import run_program, run_sync
from oracle.harness import our_client, released_client

pytestmark = [pytest.mark.timeout(300), pytest.mark.released]
CLOCK = ("_timestamp", "_runtime")


def sync(client, folder, server, key, *options):
    """Run a client's `wandb sync` on the runs of a folder; return what it said."""
    runs = sorted(folder.glob("wandb/offline-run-*"))
    return run_sync(client, folder, *options, *runs, url=server.url, key=key)


def logged_offline(client, folder, server, key):
    """Run the script that logs everything, with nothing sent; return what it logged."""
    run = run_program(
        client, folder, "everything", "TARGET", "3", url=server.url, key=key, WANDB_MODE="offline"
    )
    return run["id"], run["rows"]


def stored(folder, server, key, run_id):
    """Read the run as our `Api` gives it."""
    path = f"alice/everything/{run_id}"
    return run_program(our_client(), folder, "read_back", path, "TARGET", url=server.url, key=key)


def without_clock(rows):
    return [{key: value for key, value in row.items() if key not in CLOCK} for row in rows]


def test_run_of_ours_is_sent_by_the_released_client(tmp_path, server, key):
    run_id, rows = logged_offline(our_client(), tmp_path / "run", server, key)

    sync(released_client("0.21.3"), tmp_path / "run", server, key)

    found = stored(tmp_path / "read", server, key, run_id)
    # Its sender reads `-0` as an integer and writes 0.
    assert_same(unsigned_zeros(rows), without_clock(found["scan"]))
    assert found["config"]["late"] == {"deep": [True, None]}


@pytest.mark.parametrize("version", ["0.21.3", "0.31.0"])
def test_run_of_a_released_client_is_sent_by_ours_and_once_only(tmp_path, server, key, version):
    run_id, rows = logged_offline(released_client(version), tmp_path / "run", server, key)

    sync(our_client(), tmp_path / "run", server, key)

    found = stored(tmp_path / "read", server, key, run_id)
    assert_same(rows, without_clock(found["scan"]))
    assert found["state"] == "failed"
    sync(our_client(), tmp_path / "run", server, key, "--include-synced")
    again = stored(tmp_path / "again", server, key, run_id)
    assert_same(found["scan"], again["scan"])


def test_runs_of_one_id_in_two_folders_both_arrive(tmp_path, server, key):
    """A job that was queued again under an id of its own choice, on a machine without network."""
    logged = []
    for folder in ("first", "second"):
        run = run_program(
            our_client(),
            tmp_path / folder,
            "everything",
            "TARGET",
            url=server.url,
            key=key,
            WANDB_MODE="offline",
            WANDB_RUN_ID="again",
        )
        logged += run["rows"]
        sync(our_client(), tmp_path / folder, server, key)
    lost_state = next((tmp_path / "second").glob("wandb/offline-run-*/sync-state"))
    lost_state.unlink()
    sync(our_client(), tmp_path / "second", server, key, "--include-synced")

    found = stored(tmp_path / "read", server, key, "again")

    steps = [sorted(row["_step"] for row in rows) for rows in (found["scan"], logged)]
    assert steps[0] == steps[1]
