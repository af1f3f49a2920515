"""The Upserter: what a run is, told to the server at its start and whenever that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio

from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import UPSERT, Policy, RequestFailure
from wandb._service.logic.description import Description
from wandb._service.logic.pace import Pace
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.filestream import HISTORY
from wandb._wire.graphql import OWN_FEATURE, operation

__all__ = ("RunLost", "Upserter")


class RunLost(Exception):
    """The server does not have a run any more that it had; what it is sent begins anew."""


class Upserter:
    """Keeps the server's idea of a run up to date.

    Args:
        state: Where the server's answer is kept.
        client: Whom to tell.
        description: What the run is, always the present one.
        status: Told of troubles.
        headers: Added to each request.
        policy: Which failures are final.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        description: Description,
        status: DeliveryStatus,
        *,
        headers: Mapping[str, str] | None = None,
        policy: Policy = UPSERT,
    ) -> None:
        self._state, self._client, self._description = state, client, description
        self._status, self._headers, self._policy = status, dict(headers or {}), policy
        self._changed = anyio.Event()
        self._told = ""

    def change(self) -> None:
        """Say that the description is another one now."""
        self._changed.set()

    async def begin(self) -> Identity:
        """Tell the server of the run, for as long as it takes.

        Raises:
            RequestFailure: The server refuses the run.
            RunLost: It had the run, and has lost it. The state says so: whoever reads the
                journals again sends everything.
        """
        try:
            ours = await self._is_ours()
            bucket, inserted = await self._upsert(self._beginning())
        except RequestFailure as err:
            if err.final:
                self._status.refused, self._status.refused_status = err.message, err.status
            raise
        identity, known = _identity(bucket, ours=ours), self._state.identity
        if known is not None and (inserted or not _is_same_run(identity, known)):
            self._state.begin_anew(identity)
            raise RunLost("the server has the run no more, so all of it is sent anew")
        self._number_lines(bucket)
        self._state.identity = identity
        self._state.save()
        return identity

    async def run(self, pace: Pace) -> None:
        """Tell the server of changes, a little later, so that many are told together."""
        while True:
            await self._changed.wait()
            await anyio.sleep(pace.upsert_secs)
            await self.flush()

    async def flush(self) -> None:
        """Tell the server what it does not know yet."""
        self._changed = anyio.Event()
        if str(self._description.upsert_variables()) == self._told:
            return
        try:
            await self._upsert(self._changes())
            self._state.save()
        except RequestFailure as err:
            self._status.warn(f"the server did not take the run's config and names ({err})")

    async def tell_state(self, state: str) -> None:
        """Say how the run ended, where no process did."""
        try:
            await self._upsert({**self._changes(), "state": state})
        except RequestFailure as err:
            self._status.warn(f"the server was not told that the run {state} ({err})")

    async def watch_for_stop(self, pace: Pace) -> None:
        """Ask now and then whether somebody wants the run to stop."""
        identity = self._state.identity
        if pace.stop_secs is None or identity is None:
            return
        variables = {
            "projectName": identity.project,
            "entityName": identity.entity,
            "runId": identity.run,
        }
        while not self._status.stop_passed_on:
            await self._ask_for_stop(variables)
            await anyio.sleep(pace.stop_secs)

    async def _ask_for_stop(self, variables: Mapping[str, Any]) -> None:
        try:
            data = await execute(
                self._client,
                operation("RunStoppedStatus"),
                variables,
                operation="RunStoppedStatus",
            )
        except RequestFailure:
            return  # a server that can't say so does not want it
        run = (data.get("project") or {}).get("run") or {}
        if run.get("stopped") is True and self._status.ask_to_stop():
            self._state.note_stop()

    # --- requests -----------------------------------------------------------------------------

    async def _is_ours(self) -> bool:
        if self._state.source:
            return True
        try:
            data = await execute(
                self._client,
                operation("ServerFeaturesQuery"),
                {},
                operation="ServerFeaturesQuery",
                policy=self._policy,
                watch=self._status.watch,
            )
        except RequestFailure as err:
            if err.status == 401:
                raise
            return False
        features = (data.get("serverInfo") or {}).get("features") or []
        known = [one for one in features if isinstance(one, dict)]
        return any(one.get("name") == OWN_FEATURE and one.get("isEnabled") for one in known)

    async def _upsert(self, variables: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Tell the server; return the run as it has it, and whether it made it by that."""
        present = self._description.upsert_variables()
        told, _ = str(present), present.pop("config")
        data = await execute(
            self._client,
            operation("UpsertBucket"),
            variables,
            operation="UpsertBucket",
            policy=self._policy,
            headers=self._headers,
            watch=self._status.watch,
        )
        self._told = told
        self._state.told = present
        self._status.moved()
        answer = data.get("upsertBucket") or {}
        bucket = answer.get("bucket")
        return bucket if isinstance(bucket, dict) else {}, answer.get("inserted") is True

    def _beginning(self) -> dict[str, Any]:
        """Return what begins the run, or goes on with it: a process tells where it runs.

        One that goes on is asked for by its name: a server that lost its data, or was put back to
        an older state, gives the numbers of its runs to others.
        """
        variables, changes = self._description.upsert_variables(), self._changes()
        if self._state.identity is not None:
            changes["id"] = None
        return {**changes, "host": variables["host"], "program": variables["program"]}

    def _changes(self) -> dict[str, Any]:
        """Return what the server does not know, under the names that it has given.

        The config goes whole. Names, tags and notes go where the script changed them since they
        were told: the others may have been edited on the page.
        """
        variables = self._description.upsert_variables()
        identity = self._state.identity
        if identity is None:
            return variables
        told = self._state.told
        new = {name: value for name, value in variables.items() if value != told.get(name)}
        return {
            **dict.fromkeys(variables),
            **new,
            "config": variables["config"],
            "id": identity.storage_id,
            "entity": identity.entity,
            "project": identity.project,
            "name": identity.run,
        }

    def _number_lines(self, bucket: Mapping[str, Any]) -> None:
        """Begin after the lines that the server has under this id from an earlier run."""
        lines = bucket.get("historyLineCount")
        progress = self._state.progress
        if lines and not progress.lines and self._state.intent is None:
            progress.lines[HISTORY] = lines


def _is_same_run(one: Identity, other: Identity) -> bool:
    """Whether two answers speak of one run: a name may be given again, with another id."""
    ids = (one.storage_id, other.storage_id)
    return one.run == other.run and (None in ids or len(set(ids)) == 1)


def _identity(bucket: Mapping[str, Any], *, ours: bool) -> Identity:
    project = bucket.get("project") or {}
    entity = (project.get("entity") or {}).get("name")
    if not (bucket.get("name") and project.get("name") and entity):
        # No server says that for good; more likely something before it answered.
        raise RequestFailure("the server's answer names no run, project or entity", final=False)
    return Identity(
        entity=entity,
        project=project["name"],
        run=bucket["name"],
        storage_id=bucket.get("id"),
        display_name=bucket.get("displayName"),
        sweep=bucket.get("sweepName"),
        ours=ours,
    )
