"""A client that speaks the protocol by itself and sends whatever it likes."""

import json
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

UPSERT = """
mutation($name: String!, $project: String!, $entity: String!, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, entityName: $entity, config: $config}) {
    bucket { id }
  }
}
"""
FILES = """
mutation($run: String!, $project: String!, $entity: String!, $files: [String!]!) {
  createRunFiles(
    input: {runName: $run, projectName: $project, entityName: $entity, files: $files}
  ) {
    uploadHeaders files { name uploadUrl }
  }
}
"""
CHART = """
mutation($input: CreateCustomChartInput!) { createCustomChart(input: $input) { chart { id } } }
"""


@dataclass
class HostileClient:
    """One run of a user's, written by plain HTTP."""

    url: str
    key: str
    entity: str
    project: str
    run: str

    @property
    def path(self) -> str:
        return f"{self.entity}/{self.project}/{self.run}"

    def start(self, config: Any = None) -> None:
        """Make the run, or change its config."""
        names = {"name": self.run, "project": self.project, "entity": self.entity}
        self.graphql(UPSERT, **names, config=json.dumps(config or {}))

    def upload(self, files: dict[str, bytes]) -> None:
        """Put files beside the run, under names of the client's own choice."""
        names = {"run": self.run, "project": self.project, "entity": self.entity}
        answer = self.graphql(FILES, **names, files=list(files))["createRunFiles"]
        for file in answer["files"]:
            content = files[file["name"]]
            put = urllib.request.Request(file["uploadUrl"], data=content, method="PUT")
            with urllib.request.urlopen(put, timeout=30) as done:
                assert done.status == 200

    def log(self, rows: list[Any]) -> None:
        """Send rows, as values or as text that is no JSON of anybody's."""
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        files = {"wandb-history.jsonl": {"offset": 0, "content": lines}}
        self._post(f"/files/{self.path}/file_stream", {"files": files})

    def graphql(self, document: str, **variables: Any) -> Any:
        answer = self._post("/graphql", {"query": document, "variables": variables})
        assert not answer.get("errors"), answer
        return answer["data"]

    def _post(self, path: str, body: Any) -> Any:
        login = b64encode(f"api:{self.key}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        data = json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data=data, headers=headers)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)
