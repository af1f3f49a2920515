"""What `wandb sync` sent comes back exact, through every client's `wandb.Api`."""

import subprocess

import pytest

from e2e.programs.odd_rows import ROWS
from e2e.running import run_program
from oracle.harness import our_client

# Several interpreters start in each test's set-up, on whatever machine this is.
pytestmark = pytest.mark.timeout(180)

OWN = ("_step", "_timestamp", "_runtime")


def same(one, other):
    """Compare exactly, by value: NaN equals itself, True is no number, and 7 is 7.0 in JSON."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other or (one != one and other != other)


def values(rows):
    """Leave out what the client adds by itself; the order of keys means nothing."""
    return [{key: row[key] for key in sorted(row) if key not in OWN} for row in rows]


def expected():
    far = [{"far": step / 3, "step_only": step} for step in range(40)]
    return values([*ROWS, *far])


@pytest.fixture(scope="module")
def synced(server, key, tmp_path_factory):
    """An offline run of ours, sent by `wandb sync`; returns what the command said."""
    folder = tmp_path_factory.mktemp("odd")
    ours = our_client()
    settings = {"url": server.url, "key": key}
    run_program(ours, folder, "odd_rows", **settings)

    def sync(*arguments):
        return subprocess.run(
            [ours.interpreter, "-m", "wandb", "sync", *arguments],
            env=ours.environment(folder, WANDB_BASE_URL=server.url, WANDB_API_KEY=key),
            cwd=folder,
            capture_output=True,
            text=True,
        )

    first = sync("--sync-all")
    assert first.returncode == 0, first.stderr
    return sync, first.stdout, folder


@pytest.fixture(scope="module")
def read(server, key, synced, tmp_path_factory):
    """What a client read; each reads once."""
    found = {}

    def reading(client):
        if client.name not in found:
            folder = tmp_path_factory.mktemp("reads")
            found[client.name] = run_program(
                client, folder, "odd_reads", "TARGET", url=server.url, key=key
            )
        return found[client.name]

    return reading


def test_run_is_what_was_logged(read, client, server):
    found = read(client)

    assert found["viewer"] == ["alice", "alice"]
    assert "odd" in found["projects"]
    assert found["path"] == ["odd1", "odd one", "alice", "odd", "alice", "odd", "odd1"]
    assert found["facts"] == ["finished", ["a", "b"], "g", "j", "n ☃"]
    assert found["url"] == f"{server.url}/alice/odd/runs/odd1"
    assert found["user"] == "alice"
    model = {"depth": 2, "names": ["ä", "☃"]}
    assert found["config"] == {"lr": 1e-3, "big": 2**60 + 1, "model": model}
    assert found["internal"] == ["_wandb", "big", "lr", "model"]
    assert found["metadata"] is True


def test_summary_comes_back_exact(read, client):
    summary = read(client)["summary"]

    # An explicit NaN in a summary is null, as in the original; a logged one stays.
    assert same(summary["best"], {"loss": None, "at": 2**60 + 1})
    assert same(summary["up"], float("inf"))
    assert same([summary["huge"], summary["negative"]], [2**63 - 1, -(2**62) - 1])


@pytest.mark.parametrize("read_name", ["scan", "scan_small"])
def test_every_row_comes_back_exact(read, client, read_name):
    rows = read(client)[read_name]

    assert same(values(rows), expected())
    assert [row["_step"] for row in rows] == [*range(5), *(1000 + 10 * n for n in range(40))]


def test_part_of_the_steps_comes_back(read, client):
    assert [row["_step"] for row in read(client)["scan_part"]] == [1000, 1010, 1020, 1030]


def chosen(rows, *keys):
    """Leave out what was not asked for: 0.31.0 adds the step."""
    return [{key: row[key] for key in keys} for row in rows]


def test_chosen_keys_come_back_exact(read, client):
    found = read(client)

    # What 0.31.0 reads goes through Go, whose JSON numbers are all floats.
    huge = float(2**63 - 1) if client.name.endswith("0.31.0") else 2**63 - 1
    assert same(chosen(found["scan_keys"], "huge", "tiny"), [{"huge": huge, "tiny": 5e-324}])
    assert same(
        [(row["_step"], row["far"]) for row in found["scan_step"]],
        [(1000 + 10 * step, step / 3) for step in range(40)],
    )
    assert chosen(found["scan_nested"], "nested.a.b") == [{"nested.a.b": 1}]


def test_history_is_whole_or_thinned(read, client):
    found = read(client)

    assert same(values(found["history"]), expected())
    assert 1 <= len(found["history_few"]) <= 10
    assert found["last_step"] == 1390


def test_nan_of_chosen_keys_is_exact_or_text_for_clients_that_can_not_read_it(read, client):
    found = read(client)

    # What 0.31.0 reads goes through Go, whose JSON has no NaN.
    spell = str if client.name.endswith("0.31.0") else float
    rows = chosen(found["scan_nan"], "up", "down")
    assert same(rows, [{"up": spell("Infinity"), "down": spell("-Infinity")}])
    losses = [row["loss"] for row in found["history_keys"]]
    assert same(losses, [0.1 + 0.2, spell("NaN"), -0.0])


def test_files_come_back(read, client):
    found = read(client)

    wanted = {"config.yaml", "output.log", "wandb-metadata.json", "wandb-summary.json"}
    assert wanted <= set(found["files"])
    assert found["config_file"] is True
    assert "printed ☃" in found["output"]


def test_runs_are_listed_and_filtered(read, client):
    found = read(client)

    assert (found["runs"], found["count"], found["none"]) == (["odd1"], 1, [])
    assert (found["by_config"], found["by_tag"], found["by_summary"]) == (["odd1"],) * 3


def test_what_is_missing_is_an_error(read, client):
    found = read(client)

    kinds = ("CommError", "ValueError", "NotFound")
    assert found["missing"].startswith(kinds)
    assert found["missing_project"].startswith(kinds)


def test_second_sync_changes_nothing(read, synced, server, key, tmp_path):
    sync, said, folder = synced
    ours = our_client()
    before = read(ours)

    again = sync("--sync-all", "--include-synced")
    for state in folder.glob("wandb/offline-run-*/sync-state"):
        state.unlink()
    afresh = sync("--sync-all", "--include-synced")
    after = run_program(ours, tmp_path, "odd_reads", "TARGET", url=server.url, key=key)

    assert f"Syncing: {server.url}/alice/odd/runs/odd1 ... done" in said
    assert (again.returncode, afresh.returncode) == (0, 0)
    assert "was synced before" in again.stdout
    assert same(after, before)
