"""Many processes: children forked while threads log, a crowd at once, one run of many writers."""

import json
import subprocess
from collections import Counter
from contextlib import ExitStack, contextmanager

import pytest

from e2e.running import PROGRAMS, run_program
from oracle.harness import group, our_client

pytestmark = pytest.mark.timeout(600)

FORKS = 1000
CROWD = 64
MOST_MIB = 40
WRITERS, TREES, ROWS = 16, 2, 200


def scanned(server, key, folder, path):
    return run_program(our_client(), folder, "read_back", path, "TARGET", url=server.url, key=key)


def test_a_thousand_forks_neither_hang_nor_lose_a_row(tmp_path, server, key):
    told = run_program(
        our_client(),
        tmp_path,
        "forks",
        *("TARGET", str(FORKS)),
        url=server.url,
        key=key,
        patience_secs=500,
    )

    rows = scanned(server, key, tmp_path, "alice/forks/forks")["scan"]
    assert told["wrong"] == []
    assert sorted(row["child"] for row in rows if "child" in row) == told["children"]
    for name, count in told["parent"].items():
        assert [row[name] for row in rows if name in row] == list(range(count))


@contextmanager
def started(folder, server, key, name, *arguments, stdin=subprocess.DEVNULL, **variables):
    """Start a script of `programs/` under our client, in a folder of its own."""
    client = our_client()
    folder.mkdir(exist_ok=True)
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key, **variables}
    command = [client.interpreter, PROGRAMS / f"{name}.py", *map(str, arguments)]
    with group(
        command,
        env=client.environment(folder, **settings),
        cwd=folder,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process


def test_a_crowd_that_starts_at_once_logs_in_little_memory(tmp_path, server, key):
    rows = 50
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(
                started(tmp_path, server, key, "crowd", f"{number}.json", rows, WANDB_SILENT="true")
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
    each = WRITERS // TREES
    with ExitStack() as stack:
        trees = [
            stack.enter_context(
                started(
                    *(tmp_path / f"tree{first}", server, key, "shared_tree", first, each, ROWS),
                    stdin=subprocess.PIPE,
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
