"""RunFiles: files of a run, uploaded as they come or at its end."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Any

import anyio

from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import GRAPHQL, TRANSFER, Policy, RequestFailure
from wandb._http.transfer import upload
from wandb._service.actor import Inbox
from wandb._service.events import FileReady
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.graphql import operation

__all__ = ("RunFiles",)

_LOGGER = logging.getLogger(__name__)
# Files that are announced together are uploaded together.
_GATHER_SECS = 0.05
# A file may be announced before whoever writes it is done.
_APPEAR_SECS = 0.5
_AT_ONCE = 4


class RunFiles:
    """Uploads what comes into its inbox; ends when the inbox is closed and nothing waits.

    Args:
        state: Where is written down what the server has.
        client: Whom to send to.
        status: Told of troubles and of files that were left out.
        uploaded: Called with the name of each file that the server has now.
        graphql: Which failures to get an address are final.
        transfer: Which failures of an upload are.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        status: DeliveryStatus,
        *,
        uploaded: Callable[[str], None],
        graphql: Policy = GRAPHQL,
        transfer: Policy = TRANSFER,
    ) -> None:
        self.inbox: Inbox[FileReady] = Inbox()
        self._state, self._client, self._status = state, client, status
        self._uploaded, self._graphql, self._transfer = uploaded, graphql, transfer
        self._waiting: dict[str, None] = {}
        self._at_end: dict[str, None] = {}

    @property
    def _folder(self) -> str:
        return self._state.options.get("files_dir") or os.path.join(self._state.folder, "files")

    def path(self, name: str) -> str:
        """Return where a file of the run lies."""
        return os.path.join(self._folder, name)

    def _exists(self, name: str) -> bool:
        return os.path.isfile(self.path(name))

    def write(self, name: str, content: str) -> bool:
        """Make a file of the run's own; return whether that was possible."""
        if not _stays_inside(self._folder, name):
            self._status.warn(f"{name} leads out of the run's files and was not written")
            return False
        try:
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(content)
        except OSError as err:
            self._status.warn(f"{name} could not be written ({err.strerror})")
            return False
        return True

    async def run(self, identity: Identity) -> None:
        """Upload until the inbox is closed and empty."""
        self._identity = identity
        while await self._wait():
            self._sort(self.inbox.take_waiting())
            await self._upload_waiting()
        self._waiting |= self._at_end
        await self._upload_waiting()
        for name in self._waiting:
            self._status.warn(f"{name} is announced, but not there, and was not uploaded")
        self._status.files_left = 0

    async def _wait(self) -> bool:
        if self._waiting and not len(self.inbox):
            with anyio.move_on_after(_APPEAR_SECS):
                return await self.inbox.wait()
            return True
        if not await self.inbox.wait():
            return False
        with anyio.move_on_after(_GATHER_SECS):
            await self.inbox.wait_closed_or_filled(1)
        return True

    def _sort(self, ready: Iterable[FileReady]) -> None:
        for one in ready:
            (self._at_end if one.at_end else self._waiting)[one.name] = None
        self._status.files_left = len(self._waiting) + len(self._at_end)

    async def _upload_waiting(self) -> None:
        there = self._take_ready()
        if not there:
            return
        try:
            targets, headers = await self._targets(there)
        except RequestFailure as err:
            self._status.warn(f"the server takes no files of this run ({err}): {', '.join(there)}")
            return
        for name in set(there) - targets.keys():
            self._status.warn(f"the server gave no address for {name}, which was not uploaded")
        limit = anyio.Semaphore(_AT_ONCE)
        async with anyio.create_task_group() as group:
            for name, url in targets.items():
                group.start_soon(self._upload, name, url, headers, limit)
        self._state.save()

    def _take_ready(self) -> list[str]:
        """Take the files that are there; a journal may name, or link to, what is not the run's."""
        ready = list(filter(self._exists, self._waiting))
        for name in ready:
            del self._waiting[name]
        inside = [name for name in ready if _stays_inside(self._folder, name)]
        for name in set(ready) - set(inside):
            self._status.warn(f"{name} leads out of the run's files and was not uploaded")
        return inside

    async def _targets(self, names: list[str]) -> tuple[dict[str, str], list[str]]:
        variables: Mapping[str, Any] = {
            "entity": self._identity.entity,
            "project": self._identity.project,
            "run": self._identity.run,
            "files": names,
        }
        data = await execute(
            self._client,
            operation("CreateRunFiles"),
            variables,
            operation="CreateRunFiles",
            policy=self._graphql,
            watch=self._status.watch,
        )
        return _addresses(data.get("createRunFiles"))

    async def _upload(
        self, name: str, url: str, headers: list[str], limit: anyio.Semaphore
    ) -> None:
        async with limit:
            try:
                await upload(
                    self._client,
                    url,
                    self.path(name),
                    headers=headers,
                    policy=self._transfer,
                    watch=self._status.watch,
                )
            except Exception as err:
                # Whatever is wrong with a file or its address, rows go on.
                _LOGGER.info("%s was not uploaded", name, exc_info=True)
                self._status.warn(f"{name} was not uploaded ({err})")
                return
        self._status.moved()
        self._status.files_left = max(0, self._status.files_left - 1)
        if name not in self._state.uploaded:
            self._state.uploaded.append(name)
        self._uploaded(name)


def _addresses(created: Any) -> tuple[dict[str, str], list[str]]:
    """Return where files go, by name, and the headers they go with; entries unlike that are none.

    Servers name the headers as `Name:value`.
    """
    created = created if isinstance(created, dict) else {}
    addresses = {
        one["name"]: one["uploadUrl"]
        for one in created.get("files") or ()
        if isinstance(one, dict) and one.get("name") and one.get("uploadUrl")
    }
    headers = [
        header
        for header in created.get("uploadHeaders") or ()
        if isinstance(header, str) and ":" in header
    ]
    return addresses, headers


def _stays_inside(folder: str, name: str) -> bool:
    """Whether a name means a file of a run, in a folder that anybody may have filled.

    Links of the user's own are followed: released clients keep saved files as such.
    """
    normal = os.path.normpath(name)
    if os.path.isabs(normal) or normal.split(os.sep)[0] == os.pardir:
        return False
    steps = accumulate([folder, *normal.split(os.sep)], os.path.join)
    return not any(map(_is_link_of_another, steps))


def _is_link_of_another(path: str) -> bool:
    try:
        facts = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISLNK(facts.st_mode) and facts.st_uid != os.getuid()
