"""GraphQL over the client: a document and variables in, data out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from wandb._http.client import Client
from wandb._http.policy import sentence
from wandb.errors import CommError

# The hosted service lets administrators see what is not theirs only when asked to.
_HEADERS = {"Content-Type": "application/json", "Use-Admin-Privileges": "true"}


class Executor(Protocol):
    """Anything that runs a GraphQL document."""

    async def execute(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer's data, or raise a CommError."""


class GraphQL:
    """The GraphQL endpoint of one server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def execute(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run one operation and return its data.

        Numbers come back exact: integers of any size, NaN and infinities.

        Raises:
            AuthenticationError: The server does not accept the key.
            CommError: The server refused, with its own sentence, or could not be reached.
        """
        body = json.dumps({"query": document, "variables": dict(variables)}).encode()
        answer = await self._client.request("POST", "graphql", body=body, headers=_HEADERS)
        return self._data(answer.body)

    def _data(self, body: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(body)
        except ValueError as err:
            where = f"{self._client.base_url}/graphql"
            raise CommError(f"This is no W&B server: its answer is not JSON. {where}") from err
        if isinstance(answer, dict) and not answer.get("errors"):
            data = answer.get("data")
            if isinstance(data, dict):
                return data
        said = sentence(body) or "The server's answer has neither data nor errors."
        raise CommError(f"{said} ({self._client.base_url})")
