"""Ask a server where a run stands that goes on from an earlier one, before any row is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import anyio

from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import Policy, RequestFailure
from wandb._native import StepBase
from wandb._service.logic.description import Description
from wandb._service.logic.standing import (
    Standing,
    Wish,
    rewound,
    row_of,
    stands_at,
    unfit,
    wish_of,
)
from wandb._service.reader import records_of_kind
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Progress, SyncState
from wandb._wire.filestream import CONSOLE, HISTORY
from wandb._wire.graphql import operation

__all__ = ("GoesOn", "run_records", "wants_to_go_on")

Json = dict[str, Any]
_LOOK_SECS = 0.02


class GoesOn:
    """What a run that goes on has to know before its journals are read.

    The answer is kept in the run's state: whoever delivers the run later does not ask again, since
    by then the run has rows of its own there.

    Args:
        state: The run's state.
        client: Whom to ask.
        status: Told of troubles.
        policy: Which failures are final.
        follow: The run may be about to write its first records.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        status: DeliveryStatus,
        *,
        policy: Policy,
        follow: bool,
    ) -> None:
        self._state, self._client, self._status = state, client, status
        self._policy, self._follow = policy, follow

    async def standing(self) -> Standing | None:
        """Return where the run goes on; None for a new run.

        Raises:
            RequestFailure: The server does not say, or the run may not begin.
        """
        if self._state.standing is not None:
            return Standing(**self._state.standing)
        if self._state.source:
            return None  # what it went on from is on another server
        if self._follow and not self._state.options.get("goes_on"):
            return None
        run = await self._run_record()
        wish = None if run is None else await anyio.to_thread.run_sync(self._wish, run)
        # One that counts from where it stands, and left no word of it, was sent from elsewhere.
        if run is None or wish is None or (wish.way == "resume" and wish.counted):
            return None
        standing = await _WAYS[wish.way](self, run, wish)
        self._keep(standing, wish)
        return standing

    def base(self, standing: Standing) -> StepBase | None:
        """Return what is added to the steps of rows that were counted from 0."""
        if not standing.resumed:
            return None
        return StepBase(standing.step, standing.runtime)

    async def _run_record(self) -> Json | None:
        """Wait for the first record that says what the run is; None if there is none."""
        while True:
            found = await anyio.to_thread.run_sync(lambda: next(run_records(self._state), None))
            if found is not None or not self._follow or self._state.is_ownerless():
                return found and found | (self._state.options.get("overrides") or {})
            await anyio.sleep(_LOOK_SECS)

    def _wish(self, run: Json) -> Wish | None:
        minds = Wish("resume", counted=False) if self._state.options.get("resume") else None
        # One that is followed waits for the answer.
        counted = not self._follow and bool(run.get("resume")) and self._is_counted()
        return wish_of(run, counted=counted) or minds

    def _is_counted(self) -> bool:
        return any(
            one.get("resumed") or one.get("starting_step") for one in run_records(self._state)
        )

    def _keep(self, standing: Standing, wish: Wish) -> None:
        state = self._state
        state.standing = asdict(standing)
        # An older service left no word of the standing, and may have sent a part of this folder:
        # that goes on with the next line, not with the first.
        begun = bool(state.progress.journals) or state.intent is not None
        # The writers of a shared run each have lines of their own, this new one none yet.
        if standing.lines and not begun and not state.options.get("shared"):
            console = standing.lines.get(CONSOLE, 0)
            state.progress = Progress(
                lines=dict(standing.lines), console={"next": console} if console else {}
            )
        state.save()

    # --- the ways -----------------------------------------------------------------------------

    async def _resumed(self, run: Json, wish: Wish) -> Standing:
        names = _names(run)
        data = await self._ask("RunResumeStatus", names)
        bucket = (data.get("model") or {}).get("bucket")
        bucket = bucket if isinstance(bucket, dict) else None
        standing = stands_at(bucket)
        if reason := unfit(self._state.options.get("resume"), names["name"], standing):
            self._status.refused, self._status.misused = reason, True
            raise RequestFailure(reason)
        if self._follow or bucket is None:
            return standing
        return await anyio.to_thread.run_sync(self._before_own_rows, standing, bucket)

    def _before_own_rows(self, standing: Standing, bucket: Json) -> Standing:
        """Where a part of this folder was sent before, the run stood before that part."""
        last = row_of(bucket.get("historyTail"))
        own = (json.loads(line) for _, (_, line) in records_of_kind(self._state, "history"))
        for place, row in enumerate(own):
            if row.get("_timestamp") == last.get("_timestamp"):
                lines = {**standing.lines, HISTORY: standing.lines[HISTORY] - place - 1}
                step = last.get("_step", 0) - row.get("_step", 0)
                runtime = last.get("_runtime", 0.0) - row.get("_runtime", 0.0)
                return replace(standing, step=step, runtime=max(runtime, 0.0), lines=lines)
        return standing

    async def _rewound(self, run: Json, wish: Wish) -> Standing:
        names = _names(run)
        variables = {
            "runName": names["name"],
            "entity": names["entity"],
            "project": names["project"],
            "metricName": "_step",
            "metricValue": wish.step,
        }
        data = await self._ask("RewindRun", variables)
        found = (data.get("rewindRun") or {}).get("rewoundRun")
        if not isinstance(found, dict):
            raise self._refused(
                f"`resume_from` goes back in run {names['name']}, and the server has no such run "
                "in this project"
            )
        return rewound(found, wish)

    async def _forked(self, run: Json, wish: Wish) -> Standing:
        # The upsert tells the server where the run branches off: nothing is to be asked. Its answer
        # says whether the id has lines of an earlier run.
        return Standing(step=wish.first_step)

    async def _ask(self, name: str, variables: Json) -> Json:
        try:
            return await execute(
                self._client,
                operation(name),
                variables,
                operation=name,
                policy=self._policy,
                watch=self._status.watch,
            )
        except RequestFailure as err:
            if err.final:
                self._status.refused, self._status.refused_status = err.message, err.status
            raise

    def _refused(self, reason: str) -> RequestFailure:
        self._status.refused = reason
        return RequestFailure(reason)


_WAYS = {"resume": GoesOn._resumed, "rewind": GoesOn._rewound, "fork": GoesOn._forked}


def wants_to_go_on(state: SyncState) -> bool:
    """Whether a folder goes on with a run that earlier ones may hold a part of."""
    run = next(run_records(state), None)
    wish = None if run is None else wish_of(run, counted=True)
    return bool(state.options.get("resume")) or (wish is not None and wish.way != "fork")


def run_records(state: SyncState) -> Iterator[Json]:
    """Yield the records that say what a run is, of its owner."""
    owner = state.journals()[0]
    return (record for name, record in records_of_kind(state, "run") if name == owner)


def _names(run: Json) -> Json:
    description = Description()
    description.take("run", run)
    variables = description.upsert_variables()
    return {name: variables[name] for name in ("project", "entity", "name")}
