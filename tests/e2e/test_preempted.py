"""A run that is stopped in the middle and goes back to its last checkpoint, ten times over."""

import json
import urllib.request
from base64 import b64encode

import pytest

from e2e.conftest import VERSIONS
from e2e.running import run_program
from oracle.harness import our_client, released_client

pytestmark = pytest.mark.timeout(400)
ROUNDS = 10
STEPS_A_ROUND, STEPS_BACK = 7, 3


def rounds(ways):
    """Yield first and last step, number and end of each process; later ones go back a little."""
    first = 0
    for attempt in range(ROUNDS):
        last = first + STEPS_A_ROUND
        yield first, last, attempt, ways[attempt % len(ways)] if attempt < ROUNDS - 1 else "ended"
        first = last + 1 - STEPS_BACK


def wanted_curve():
    curve = {}
    for first, last, attempt, _ in rounds(["ended"]):
        for step in range(first, last + 1):
            curve[step] = attempt * 1000 + step
    return sorted(curve.items())


QUERY = """query Read($run: String!) {
  project(name: "preempted", entityName: "alice") {
    run(name: $run) { state summaryMetrics history(samples: 10000) }
  }
}"""


def run_on(server, key, name):
    request = urllib.request.Request(
        f"{server.url}/graphql",
        data=json.dumps({"query": QUERY, "variables": {"run": name}}).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": "Basic " + b64encode(f"api:{key}".encode()).decode(),
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["data"]["project"]["run"]


@pytest.mark.parametrize(
    ("version", "ways"),
    [
        # A kill takes no row of ours; the released clients lose what they have not posted.
        ("ours", ["killed", "terminated"]),
        *(pytest.param(v, ["terminated"], marks=pytest.mark.released) for v in VERSIONS),
    ],
)
def test_ten_rounds_leave_one_curve_and_the_last_summary(version, ways, server, key, tmp_path):
    client = our_client() if version == "ours" else released_client(version)
    name = f"run-{version.replace('.', '-')}"

    for first, last, attempt, how in rounds(ways):
        expect = {"killed": -9, "terminated": 143, "ended": 0}[how]
        arguments = (name, first, last, attempt, how)
        run_program(
            client, tmp_path, "preempted", *arguments, url=server.url, key=key, expect=expect
        )

    run = run_on(server, key, name)
    rows = [json.loads(row) for row in run["history"]]
    assert [(row["_step"], row["loss"]) for row in rows] == wanted_curve()
    summary = json.loads(run["summaryMetrics"])
    last_step, last_loss = wanted_curve()[-1]
    found = (summary["_step"], summary["loss"], summary["nested"], run["state"])
    assert found == (last_step, last_loss, {"attempt": ROUNDS - 1}, "finished")
