"""ArtifactUploader: what a run made, to the server: versions made, files uploaded, committed."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

import anyio
from anyio.abc import TaskGroup

from wandb._http.client import Client
from wandb._http.policy import GRAPHQL, TRANSFER, Policy, RequestFailure
from wandb._service.actor import Inbox
from wandb._service.artifact_ledger import ArtifactLedger, Outcome
from wandb._service.artifact_save import ArtifactSave, SaveError
from wandb._service.events import ArtifactLogged
from wandb._service.reader import records_of_kind
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.artifacts import client_ids_of, save_key

__all__ = ("ArtifactUploader",)

_LOGGER = logging.getLogger(__name__)
# Versions of one artifact are saved in their order, different ones beside each other.
_SAVES_AT_ONCE = 4
_UPLOADS_AT_ONCE = 8
# So many wait in memory; what comes after them waits in the journal.
_WAITING = 512
_WAITING_BYTES = 64 << 20

# An artifact, and what is set once the server knows those that it refers to.
_Waiting = tuple[ArtifactLogged, list[anyio.Event]]


class ArtifactUploader:
    """Saves what comes into its inbox; ends when the inbox is closed and all is done.

    Nobody waits to leave a message: what finds no room is read from the journals again later, so
    that no row waits for an artifact.

    Args:
        state: The run's folder, and what the server has.
        client: Whom to send to.
        status: Told of troubles, and of artifacts that could not be saved.
        ledger: Where is written down what is done.
        tidies: Remove staged files once they are uploaded.
        graphql: Which failures of a question are final.
        transfer: Which failures of an upload are.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        status: DeliveryStatus,
        ledger: ArtifactLedger,
        *,
        tidies: bool = False,
        graphql: Policy = GRAPHQL,
        transfer: Policy = TRANSFER,
    ) -> None:
        self.inbox: Inbox[ArtifactLogged] = Inbox(items=_WAITING, size_bytes=_WAITING_BYTES)
        self._state, self._client, self._status, self._ledger = state, client, status, ledger
        self._tidies, self._graphql, self._transfer = tidies, graphql, transfer
        self._missed = False
        self._taken: set[str] = set()
        self._left = 0
        # What waits behind another version of the same artifact, by the artifact's name.
        self._queues: dict[str, deque[_Waiting]] = {}
        self._queued = 0
        # Artifacts that references may mean and the server may not know yet, by client id.
        self._making: dict[str, anyio.Event] = {}
        self._moved = anyio.Event()
        self._saves = anyio.Semaphore(_SAVES_AT_ONCE)
        self._uploads = anyio.Semaphore(_UPLOADS_AT_ONCE)
        self._identity: Identity

    def offer(self, content: Mapping[str, Any], *, step: int | None) -> None:
        """Take in the record of an artifact, at once.

        Args:
            content: What the record says.
            step: The step that the run had reached.
        """
        if self._state.options.get("most_file_bytes") is not None:
            return  # a folder that is shown where it lies: copies of all that would fill the disk
        key = key_of(content)
        if key in self._taken or self._ledger.is_done(key):
            return
        size = 200 * len((content.get("manifest") or {}).get("contents") or ())
        if self._missed or not self.inbox.offer(ArtifactLogged(key, content, step), size):
            self._missed = True
            return
        self._taken.add(key)

    async def run(self, identity: Identity) -> None:
        """Save until the inbox is closed and nothing is left."""
        self._identity = identity
        async with anyio.create_task_group() as group:
            while await self.inbox.wait() or self._missed:
                await self._take(group)
        self._state.artifacts_left = self._left
        self._status.artifacts_left = 0

    async def _take(self, group: TaskGroup) -> None:
        for one in self.inbox.take_waiting():
            self._enqueue(one, group)
        while self._queued >= _WAITING:
            await self._moved.wait()
        if self._missed and not len(self.inbox):
            for one in await anyio.to_thread.run_sync(self._look_again):
                self._enqueue(one, group)

    def _look_again(self) -> list[ArtifactLogged]:
        """Return what found no room, as far as there is room now."""
        found: list[ArtifactLogged] = []
        for _, content in records_of_kind(self._state, "artifact"):
            key = key_of(content)
            if key in self._taken or self._ledger.is_done(key):
                continue
            if len(found) >= _WAITING:
                return found
            self._taken.add(key)
            found.append(ArtifactLogged(key, content, None))
        self._missed = False
        return found

    def _enqueue(self, one: ArtifactLogged, group: TaskGroup) -> None:
        self._queued += 1
        self._status.artifacts_left = self._queued
        # Only what was logged before it: two that refer to each other would wait for ever.
        earlier = [
            self._making[name] for name in client_ids_of(one.content) if name in self._making
        ]
        self._making.setdefault(one.client_id, anyio.Event())
        waiting = self._queues.get(one.name)
        if waiting is not None:
            waiting.append((one, earlier))
            return
        self._queues[one.name] = deque(((one, earlier),))
        group.start_soon(self._work, one.name)

    async def _work(self, name: str) -> None:
        """Save the versions of one artifact, one after the other."""
        waiting = self._queues[name]
        while waiting:
            one, earlier = waiting.popleft()
            try:
                await self._save_in_turn(one, earlier)
            finally:
                self._queued -= 1
                self._status.artifacts_left = self._queued
                self._moved.set()
                self._moved = anyio.Event()
        del self._queues[name]

    async def _save_in_turn(self, one: ArtifactLogged, earlier: list[anyio.Event]) -> None:
        # Waiting for what it refers to must hold up no other save.
        for made in earlier:
            await made.wait()
        try:
            async with self._saves:
                outcome = await self._save(one)
        finally:
            self._making.pop(one.client_id, anyio.Event()).set()
        if outcome.error is not None:
            self._left += not outcome.final
            self._status.warn(f"the artifact {one.name} was not saved ({outcome.error})")
        self._status.moved()
        self._ledger.note(one.key, outcome)

    async def _save(self, one: ArtifactLogged) -> Outcome:
        save = ArtifactSave(
            one,
            self._identity,
            self._client,
            self._uploads,
            graphql=self._graphql,
            transfer=self._transfer,
            watch=self._status.watch,
            made=self._making.get(one.client_id),
        )
        try:
            artifact_id = await save.run()
        except RequestFailure as err:
            return Outcome(error=str(err), final=err.final)
        except (SaveError, OSError, ValueError) as err:
            return Outcome(error=str(err))
        except Exception as err:
            # Whatever is wrong with one artifact, rows and others go on.
            _LOGGER.exception("the artifact %s was not saved", one.name)
            return Outcome(error=f"the service failed ({err!r})", final=False)
        if self._tidies:
            await anyio.to_thread.run_sync(save.tidy, self._state.options.get("staging_dir"))
        return Outcome(artifact_id)


def key_of(content: Mapping[str, Any]) -> str:
    """Name the save that a record asks for."""
    return save_key(
        content.get("client_id", ""),
        content.get("aliases") or (),
        content.get("tags") or (),
        content.get("digest", ""),
    )
