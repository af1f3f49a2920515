"""AtOnce: a run that is over and small, given in as few requests as will do."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
from anyio.abc import TaskGroup

from wandb._base.paths import size_bytes
from wandb._http.client import Client
from wandb._service.actor import Inbox
from wandb._service.events import FileReady
from wandb._service.logic.pace import Pace
from wandb._service.reader import Chunk
from wandb._service.run_files import RunFiles
from wandb._service.runstream import Policies, RunStream
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState

__all__ = ("MOST_BYTES", "AtOnce", "FileBudget", "give_files")

# What waits to be sent is in memory: a larger journal is sent while it is read.
MOST_BYTES = 4 << 20
_SMALL_BYTES = 256 << 10


@dataclass(slots=True)
class FileBudget:
    """How many bytes of files may be copied in all; small ones are in any case."""

    left_bytes: int = 2 << 30

    def take(self, state: SyncState, files: list[FileReady]) -> bool:
        """Take what the files of a run need; tell whether all of them may be copied."""
        folder, most = state.options["files_dir"], state.options["most_file_bytes"]
        sizes = (size_bytes(os.path.join(folder, one.name)) for one in files)
        needed = sum(size for size in sizes if _SMALL_BYTES < size <= most)
        if needed > self.left_bytes:
            state.options["most_file_bytes"] = _SMALL_BYTES
            return False
        self.left_bytes -= needed
        return True


class AtOnce(RunStream):
    """Delivers a run as `RunStream` does, but reads all of it first and leaves its files for later.

    Attributes:
        files: The files that are still to be given, see `give_files`.
    """

    def __init__(self, state: SyncState, client: Client, **options: Any) -> None:
        super().__init__(state, client, follow=False, hurry=True, **options)
        self.files: list[FileReady] = []
        # Nobody takes from it before the end.
        self._files.inbox = Inbox(items=1 << 30)

    async def _carry(
        self,
        actors: TaskGroup,
        chunks: AsyncGenerator[Chunk, None],
        opening: list[Chunk],
        identity: Identity,
        pace: Pace,
    ) -> None:
        streamed, filed, saved = anyio.Event(), anyio.Event(), anyio.Event()
        filed.set()
        saved.set()
        actors.start_soon(self._guarded, actors, self._alerts.run, identity)
        await self._announce_metadata()
        await self._pass_on(chunks, opening)
        stream = partial(self._guarded, over=streamed)
        actors.start_soon(stream, actors, self._streamer.run, identity, pace)
        await self._finish(streamed, filed, saved)
        self.files = self._files.inbox.take_waiting()


async def give_files(
    files: list[FileReady], state: SyncState, client: Client, policies: Policies
) -> list[str]:
    """Give the server files of a run that it has otherwise; return what was left out, and why."""
    identity = state.identity
    if identity is None:
        return []
    status = DeliveryStatus()
    giving = RunFiles(
        state,
        client,
        status,
        uploaded=lambda name: None,
        graphql=policies.graphql,
        transfer=policies.transfer,
    )
    giving.inbox = Inbox(items=1 << 30)
    for ready in files:
        await giving.inbox.put(ready)
    giving.inbox.close()
    await giving.run(identity)
    return status.warnings
