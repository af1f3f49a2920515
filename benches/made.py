"""Runs made on a server beforehand, by the wire protocol."""

import base64
import json
import urllib.request
from collections.abc import Iterable

UPSERT = """
mutation Make($entity: String, $project: String, $name: String) {
  upsertBucket(input: {entityName: $entity, modelName: $project, name: $name}) {
    bucket { name }
  }
}
"""


def make_runs(url: str, key: str, paths: Iterable[str]) -> None:
    """Make each run, named as `entity/project/run`."""
    for path in paths:
        entity, project, name = path.split("/")
        ask(url, key, UPSERT, {"entity": entity, "project": project, "name": name})


def ask(url: str, key: str, document: str, variables: dict[str, object]) -> dict[str, object]:
    """Ask a server's GraphQL endpoint; return its data.

    Raises:
        SystemExit: It answered with errors.
    """
    token = base64.b64encode(f"api:{key}".encode()).decode()
    request = urllib.request.Request(
        f"{url}/graphql",
        data=json.dumps({"query": document, "variables": variables}).encode(),
        headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = json.load(answer)
    if found.get("errors"):
        raise SystemExit(f"{url}: {found['errors']}")
    return found["data"]
