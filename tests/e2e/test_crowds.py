"""Many processes: children forked while threads log, a crowd that starts at once, one shared run."""

import json
import subprocess
from collections import Counter
from contextlib import ExitStack

import pytest

from e2e.running import PROGRAMS, run_program
from oracle.harness import group, our_client

pytestmark = pytest.mark.timeout(600)

FORKS = 1000
CROWD = 64
MOST_MIB = 40
WRITERS, TREES, ROWS = 16, 2, 200


def scanned(server, key, folder, path):
    return run_program(
        our_client(), folder, "read_back", path, "TARGET", url=server.url, key=key
    )


def test_a_thousand_forks_neither_hang_nor_lose_a_row(tmp_path, server, key):
    told = run_program(
        our_client(), tmp_path, "forks", "TARGET", str(FORKS), url=server.url, key=key
    )

    rows = scanned(server, key, tmp_path, "alice/forks/forks")["scan"]
    assert told["wrong"] == []
    assert sorted(row["child"] for row in rows if "child" in row) == told["children"]
    for name, count in told["parent"].items():
        assert [row[name] for row in rows if name in row] == list(range(count))


def test_a_crowd_that_starts_at_once_logs_in_little_memory(tmp_path, server, key):
    client, rows = our_client(), 50
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key, "WANDB_SILENT": "true"}
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(
                group(
                    [client.interpreter, PROGRAMS / "crowd.py", f"{number}.json", str(rows)],
                    env=client.environment(tmp_path, **settings),
                    cwd=tmp_path,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            for number in range(CROWD)
        ]
        said = [process.communicate(timeout=500)[0] for process in crowd]

    assert [process.returncode for process in crowd] == [0] * CROWD, "".join(said)
    told = [json.loads((tmp_path / f"{number}.json").read_text()) for number in range(CROWD)]
    assert max(one["beyond_mib"] for one in told) <= MOST_MIB
    found = scanned(server, key, tmp_path, f"alice/crowd/{told[0]['id']}")
    assert sorted(found["runs"]) == sorted(one["id"] for one in told)
    assert [row["x"] for row in found["scan"]] == list(range(rows))


def test_one_run_has_the_rows_of_all_its_writers_and_their_words_apart(tmp_path, server, key):
    client, each = our_client(), WRITERS // TREES
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key}
    with ExitStack() as stack:
        trees = [
            stack.enter_context(
                group(
                    [client.interpreter, PROGRAMS / "shared_tree.py"]
                    + [str(first), str(each), str(ROWS)],
                    env=client.environment(tmp_path / f"tree{first}", **settings),
                    cwd=(tmp_path / f"tree{first}").mkdir() or tmp_path / f"tree{first}",
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                )
            )
            for first in range(0, WRITERS, each)
        ]
        # The primary is in the first one, and waits for the end of its input.
        said = [tree.communicate(timeout=300)[0] for tree in reversed(trees)]

    assert [tree.returncode for tree in trees] == [0] * TREES, "".join(said)
    found = scanned(server, key, tmp_path, "alice/crowd/shared")
    logged = Counter(key for row in found["scan"] for key in row if key.endswith("/x"))
    assert logged == {f"w{number}/x": ROWS for number in range(WRITERS)}
    assert found["state"] == "finished"
    assert {f"w{number}/x": ROWS - 1 for number in range(WRITERS)}.items() <= (
        found["summary"].items()
    )
