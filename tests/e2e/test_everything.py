"""What a client logs is what is stored, to the last bit, whichever way it is read.

Each client runs `programs/everything.py` against a real server, through a proxy that remembers
what it sent. A released client's run is compared with what that client sent, ours with what the
script logged.
"""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from e2e.comparing import (
    assert_same,
    flattened,
    posted_rows,
    rows_at_rest,
    unsigned_zeros,
)
from e2e.ferrule_server import Server, serving
from e2e.proxy import Passed, proxied
from e2e.running import run_program
from oracle.harness import Client, our_client, released_client

pytestmark = pytest.mark.timeout(300)

EXIT_CODE = 3


READERS = ("ours", "0.21.3", "0.31.0")
# Its core reads rows and writes them anew, and `-0` comes to Python as an integer.
LOSES_SIGN_OF_ZERO = "0.31.0"


@dataclass
class Logged:
    """One run of the script: what it says it logged, what was sent, and where it is now."""

    client: Client
    facts: dict[str, Any]
    passed: list[Passed]
    server: Server
    key: str

    @property
    def path(self) -> str:
        return f"alice/everything/{self.facts['id']}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows that must be stored: as logged by ours, as sent by the others."""
        sent = posted_rows(self.passed, self.facts["id"])
        return sent if not self.client.ours else _with_clock(self.facts["rows"], sent)

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(
            posted_lines_of_summary(self.passed, self.facts["id"])[-1],
        )


def _with_clock(rows: list[dict[str, Any]], sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give logged rows the time stamps of the sent ones, which the script can't know."""
    assert [row["_step"] for row in rows] == [row["_step"] for row in sent]
    stamps = ("_timestamp", "_runtime")
    return [
        row | {name: there[name] for name in stamps} for row, there in zip(rows, sent, strict=True)
    ]


def posted_lines_of_summary(passed: list[Passed], run: str) -> list[str]:
    """Return every summary that was posted, in order."""
    posts = [one.posted for one in passed if one.path.endswith(f"/{run}/file_stream")]
    files = [post["files"] for post in posts if "files" in post]
    return [part["content"][0] for name in files if (part := name.get("wandb-summary.json"))]


@pytest.fixture(
    scope="module",
    params=["ours", *(pytest.param(v, marks=pytest.mark.released) for v in ("0.21.3", "0.31.0"))],
)
def logged(request, tmp_path_factory):
    """The script, run by one client; the server stays."""
    client = our_client() if request.param == "ours" else released_client(request.param)
    folder = tmp_path_factory.mktemp("everything")
    with serving(folder / "server") as server:
        key = server.add_user("alice")
        with proxied(server.url) as proxy:
            facts = run_program(
                client,
                folder / "client",
                "everything",
                "TARGET",
                str(EXIT_CODE),
                url=proxy.url,
                key=key,
            )
        yield Logged(client, facts, proxy.passed, server, key)


@pytest.fixture(
    scope="module",
    params=["ours", *(pytest.param(v, marks=pytest.mark.released) for v in ("0.21.3", "0.31.0"))],
)
def found(request, logged, tmp_path_factory):
    """What `wandb.Api` of one client reads of the run."""
    reader = our_client() if request.param == "ours" else released_client(request.param)
    folder = tmp_path_factory.mktemp("reader")
    read = run_program(
        reader,
        folder,
        "read_back",
        logged.path,
        "TARGET",
        url=logged.server.url,
        key=logged.key,
    )
    return {**read, "reader": request.param}


def told_to(found, rows):
    """Return rows as a reader can tell them."""
    return unsigned_zeros(rows) if found["reader"] == LOSES_SIGN_OF_ZERO else rows


def test_every_row_is_scanned(logged, found):
    assert len(found["scan"]) == 1000
    assert_same(told_to(found, logged.rows), told_to(found, found["scan"]))


def test_a_scan_of_keys_gives_these_alone(logged, found):
    wanted = [{key: row[key] for key in ("loss", "count")} for row in logged.rows]
    got = [{key: row[key] for key in ("loss", "count")} for row in found["scan_keys"]]
    assert_same(wanted, got)


def test_a_part_is_scanned_by_steps(logged, found):
    part = [row for row in logged.rows if 100 <= row["_step"] < 301]
    assert_same(told_to(found, part), told_to(found, found["scan_part"]))


def test_samples_are_rows_of_the_run(logged, found):
    by_step = {row["_step"]: row for row in logged.rows}
    steps = [row["_step"] for row in found["history"]]
    assert len(steps) in range(150, 201)
    assert steps == sorted(set(steps))
    assert_same([by_step[step] for step in steps], found["history"])


def test_samples_of_a_key_have_its_values(logged, found):
    by_step = {row["_step"]: row["loss"] for row in logged.rows}
    assert 90 <= len(found["history_keys"]) <= 100
    for row in found["history_keys"]:
        assert row["loss"] == by_step[row["_step"]]


def test_the_state_tells_of_the_exit_code(found):
    assert found["state"] == "failed"


def test_summary_is_the_last_one_sent(logged, found):
    assert_same(logged.summary, found["summary"])
    assert found["summary"]["best"] == 0.25
    assert found["summary"]["loss"] == {"min": 1 / 1000, "last": 1 / 1000}


def test_late_changes_of_config_tags_and_notes_are_there(found):
    config = {"lr": 0.1, "layers": [1, 2, 3], "nested": {"x": 1, "name": "ünïcode"}}
    config |= {"big": 2**53 + 1, "late": {"deep": [True, None]}, "lr2": 1e-5}
    assert found["config"] == config
    assert found["tags"] == ["one", "three", "two"]
    assert (found["notes"], found["name"], found["group"]) == ("last notes", "all of it", "a group")


def test_the_last_step_is_told(found):
    assert found["last_step"] == 1998


def test_files_of_the_run_are_listed(found):
    usual = {"config.yaml", "output.log", "requirements.txt", "wandb-metadata.json"}
    assert usual | {"wandb-summary.json"} <= set(found["files"])
    assert found["sizes"]["output.log"] > 100


def test_the_run_is_listed_in_its_project(logged, found):
    assert found["runs"] == [logged.facts["id"]]


def test_rows_lie_in_parquet_files_as_they_were_sent(logged):
    """The last test of a client: the server is stopped, so that nothing waits in its log."""
    logged.server.stop()

    stored = rows_at_rest(logged.server.folder / "data")

    assert_same([flattened(row) for row in logged.rows], stored)
