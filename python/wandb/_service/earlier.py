"""What a server has of a run already, when nothing in the run's folder tells.

Two folders may hold runs of one id, as of a job that was queued again. Lines of another folder
stand under the numbers that this folder's would get: they must not be taken for them.
"""

from __future__ import annotations

import json
from typing import Any

import anyio

from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import Policy, RequestFailure
from wandb._service.logic.description import Description
from wandb._service.reader import records_of_kind
from wandb._service.syncstate import Progress, SyncState
from wandb._wire.filestream import CONSOLE, EVENTS, HISTORY
from wandb._wire.graphql import operation

__all__ = ("progress_beside",)

Json = dict[str, Any]


async def progress_beside(
    client: Client, state: SyncState, *, append: bool, policy: Policy
) -> Progress:
    """Return where a folder without a trace of an earlier sync begins.

    At line 0 where the server has nothing of the run or has it from this folder: it knows by
    their numbers what it has. After its lines where they are others', or where `append` says so.

    Raises:
        RequestFailure: The server does not say. A guess could cost rows: lines of another folder
            would be taken for them.
    """
    bucket = await _bucket(client, state, policy)
    if bucket is None:
        return Progress() if append else Progress(lines={HISTORY: 0})
    last = _last_row(bucket)
    if not append and (last is None or await anyio.to_thread.run_sync(_holds_row, state, last)):
        return Progress(lines={HISTORY: 0})
    counts = {
        name: int(bucket.get(field) or 0)
        for name, field in (
            (HISTORY, "historyLineCount"),
            (EVENTS, "eventsLineCount"),
            (CONSOLE, "logLineCount"),
        )
    }
    return Progress(lines=counts, console={"next": counts[CONSOLE]})


async def _bucket(client: Client, state: SyncState, policy: Policy) -> Json | None:
    """Ask for the run as a client does that resumes it; None where there is none."""
    name = "RunResumeStatus"
    variables = await anyio.to_thread.run_sync(_names, state)
    try:
        data = await execute(client, operation(name), variables, operation=name, policy=policy)
    except RequestFailure as err:
        raise RequestFailure(
            f"what the server has of the run can't be known, so nothing was sent ({err.message})",
            status=err.status,
            final=err.final,
        ) from err
    bucket = (data.get("model") or {}).get("bucket")
    return bucket if isinstance(bucket, dict) else None


def _names(state: SyncState) -> Json:
    description = Description(state.options.get("overrides"))
    for _, record in records_of_kind(state, "run"):
        description.take("run", record)
        break
    variables = description.upsert_variables()
    return {name: variables[name] for name in ("project", "entity", "name")}


def _last_row(bucket: Json) -> Json | None:
    """Return the last row that the server has, if it tells one with a time."""
    try:
        row = json.loads(json.loads(bucket["historyTail"])[-1])
        return row if "_timestamp" in row else None
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _holds_row(state: SyncState, row: Json) -> bool:
    """Whether a row is this folder's: no two runs log in the same microsecond."""
    step, timestamp = row.get("_step"), row["_timestamp"]
    return any(
        one_step == step and json.loads(line).get("_timestamp") == timestamp
        for _, (one_step, line) in records_of_kind(state, "history")
    )
