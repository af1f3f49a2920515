"""GraphQL over the client: a document and its variables in, its data out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import anyio

from wandb._http.client import Client, Trouble
from wandb._http.policy import GRAPHQL, Policy, RequestFailure, message_of

__all__ = ("exact_json", "execute")


def exact_json(body: bytes) -> Any:
    """Decode JSON with every integer exact, and NaN and infinities as they are; None if it is none.

    orjson is faster, but makes integers beyond 64 bits inexact and refuses NaN: both stand in
    what people logged.
    """
    try:
        return json.loads(body)
    except ValueError:
        return None


async def execute(
    client: Client,
    document: str,
    variables: Mapping[str, Any],
    *,
    operation: str,
    policy: Policy = GRAPHQL,
    headers: Mapping[str, str] | None = None,
    watch: Callable[[Trouble | None], None] | None = None,
) -> dict[str, Any]:
    """Run an operation.

    Args:
        client: Whom to ask.
        document: The GraphQL document.
        variables: Its variables.
        operation: The operation's name.
        policy: Which failures are final.
        headers: Added to the request.
        watch: Told of tries that failed; see `Client.request`.

    Returns:
        The answer's `data`, its numbers exact.

    Raises:
        RequestFailure: The request was given up, or the answer holds errors.
    """
    body = {"query": document, "variables": variables, "operationName": operation}
    failures = 0
    while True:
        answer = await client.request(
            "POST",
            "/graphql",
            policy=policy,
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
            watch=watch,
        )
        content = exact_json(answer.body)
        if isinstance(content, dict) and ("data" in content or content.get("errors")):
            break
        # Torn, or of something before the server: as passing as a connection that broke.
        failures += 1
        await _wait(policy, failures, answer.status, watch)
    if failures and watch is not None:
        watch(None)
    if content.get("errors"):
        raise RequestFailure(message_of(answer.body), status=answer.status)
    data = content.get("data")
    return data if isinstance(data, dict) else {}


async def _wait(
    policy: Policy,
    failures: int,
    status: int,
    watch: Callable[[Trouble | None], None] | None,
) -> None:
    message = "the answer is not that of a GraphQL server"
    if failures > policy.backoff.tries:
        raise RequestFailure(message, status=status, final=False)
    wait_secs = policy.backoff.wait_secs(failures)
    if watch is not None:
        watch(Trouble(message, status, failures, wait_secs))
    await anyio.sleep(wait_secs)
