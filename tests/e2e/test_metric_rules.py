"""Semantics §3: metric rules come to the server in the config, alike from each client."""

import base64
import json
import urllib.request

import pytest

from e2e.running import run_program

pytestmark = pytest.mark.timeout(120)

CONFIG = """
query Config($name: String!) {
  project(name: "rules", entityName: "alice") { run(name: $name) { config } }
}
"""
# By name or glob: the axis, options (1 synced, 2 hidden, 3 defined), kinds of the summary.
WANTED = {
    "epoch": (None, {3}, set()),
    "loss": ("epoch", {1, 3}, {1, 2}),
    "secret": (None, {2, 3}, set()),
    "last": ("epoch", {3}, {5}),
    "none": (None, {3}, {6}),
}


def rules(server, key, run_id):
    body = json.dumps({"query": CONFIG, "variables": {"name": run_id}}).encode()
    known = base64.b64encode(f"api:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {known}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        run = json.load(answer)["data"]["project"]["run"]
    return json.loads(run["config"])["_wandb"]["value"]["m"]


def understood(entries):
    """Return the rules by name, axes by their names."""
    names = [entry.get("1", entry.get("2")) for entry in entries]
    return {
        name: (
            names[entry["5"] - 1] if "5" in entry else entry.get("4"),
            set(entry.get("6", ())),
            set(entry.get("7", ())),
        )
        for name, entry in zip(names, entries, strict=True)
    }


def test_rules_are_those_that_were_defined(client, server, key, tmp_path):
    run_program(client, tmp_path, "metric_rules", client.name, url=server.url, key=key)

    found = understood(rules(server, key, client.name))
    # An axis that nobody defined has an entry of its own, which says nothing else of it.
    assert found.pop("tick", (None, set(), set()))[2] == set()
    # 0.21.3 keeps a glob to itself, as long as the server does not offer to work it out.
    axis, options, _ = found.pop("train/*", ("tick", {1}, set()))
    assert (axis, options - {3}) == ("tick", {1})
    assert found == WANTED
