"""RunFiles: files of a run, uploaded as they come, as they change, or at its end."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import accumulate
from typing import Any

import anyio

from wandb._base.paths import size_bytes
from wandb._base.placing import place
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import GRAPHQL, TRANSFER, Policy, RequestFailure
from wandb._http.transfer import upload
from wandb._service.actor import Inbox
from wandb._service.events import FileReady
from wandb._service.live_files import LiveFiles, Stamp, stamp
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.graphql import operation

__all__ = ("RunFiles",)

_LOGGER = logging.getLogger(__name__)
# Files that are announced together are uploaded together.
_GATHER_SECS = 0.05
# A file may be announced before whoever writes it is done.
_APPEAR_SECS = 0.5
# How often is looked whether files that are kept up to date have changed; with very many of them
# the looking takes a small part of the time.
_LOOK_SECS = 0.5
_LOOK_PART = 20
_AT_ONCE = 16
# So many names go in one request. A name that the server does not like is looked for by halves.
_NAMES = 500
_SPLITS = 64
# The least time between two uploads of one live file, where no setting says it: servers of others
# are asked no more often than the original does.
_OURS_LIVE_SECS, _OTHERS_LIVE_SECS = 1.0, 15.0
# What runs make of values; the digest of its content is part of each name.
_MEDIA = "media/"
# Statuses of answers that may be about a single name.
_ABOUT_NAMES = frozenset((None, 200, 400, 422))


class RunFiles:
    """Uploads what comes into its inbox; ends when the inbox is closed and nothing waits.

    Args:
        state: Where is written down what the server has, and what the run asked for.
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
        self._ignored: list[str] = list(state.options.get("ignore_globs") or ())
        self._has = set(state.uploaded)
        self._waiting: dict[str, None] = {}
        self._at_end: dict[str, None] = {}
        self._named: set[str] = set()
        self._drops_media = bool(state.options.get("drop_media")) and not state.source
        self._look_at = float("-inf")
        self._identity: Identity
        self._live: LiveFiles

    @property
    def _folder(self) -> str:
        return self._state.options.get("files_dir") or os.path.join(self._state.run_folder, "files")

    @property
    def _made_folder(self) -> str:
        """Where files are written: beside what is kept of the run, if it is only read."""
        return self._state.folder if self._state.source else self._folder

    def path(self, name: str) -> str:
        """Return where a file of the run lies."""
        made = os.path.join(self._made_folder, name)
        return made if os.path.isfile(made) else os.path.join(self._folder, name)

    def has(self, name: str) -> bool:
        """Whether the server has a file as it is here, as far as that was kept."""
        if name not in self._has:
            return False
        sent, found = self._state.stamps.get(name), stamp(self.path(name))
        return sent is None or found is None or sent == _kept(found)

    def write(self, name: str, content: str | Iterable[str]) -> bool:
        """Make a file of the run's own, of a text or of parts; return whether that was possible.

        A link under this name or above it, to what the user saved, is replaced and not written
        through.
        """
        folder = self._made_folder
        if not _stays_inside(folder, name):
            self._status.warn(f"{name} leads out of the run's files and was not written")
            return False

        def make(path: str) -> None:
            # Whatever ends lines in the text is part of it.
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.writelines([content] if isinstance(content, str) else content)

        try:
            return place(make, folder, name)
        except OSError as err:
            self._status.warn(f"{name} could not be written ({err.strerror})")
            return False

    async def run(self, identity: Identity) -> None:
        """Upload until the inbox is closed and empty."""
        self._identity = identity
        self._live = self._watch(identity)
        while await self._wait():
            self._sort(self.inbox.take_waiting())
            await self._look()
            await self._upload_waiting()
        changed = await anyio.to_thread.run_sync(self._live.changed, list(self._at_end))
        self._waiting |= dict.fromkeys(changed)
        self._at_end.clear()
        await self._upload_waiting()
        for name in self._waiting:
            self._warn(name, f"{name} is announced, but not there, and was not uploaded")
        self._status.files_left = 0

    def _watch(self, identity: Identity) -> LiveFiles:
        options = self._state.options
        limit = options.get("x_live_policy_rate_limit")
        usual = _OURS_LIVE_SECS if identity.ours else _OTHERS_LIVE_SECS
        return LiveFiles(
            self.path,
            rest_secs=options.get("x_live_policy_wait_time") or 0.0,
            limit_secs=usual if limit is None else limit,
        )

    # --- what waits ---------------------------------------------------------------------------

    async def _wait(self) -> bool:
        pause = _APPEAR_SECS if self._waiting else _LOOK_SECS if len(self._live) else None
        if pause is not None and not len(self.inbox):
            with anyio.move_on_after(pause):
                return await self.inbox.wait()
            return True
        if not await self.inbox.wait():
            return False
        with anyio.move_on_after(_GATHER_SECS):
            await self.inbox.wait_closed_or_filled(1)
        return True

    def _sort(self, ready: Iterable[FileReady]) -> None:
        for one in ready:
            if _matches(one.name, self._ignored):
                continue
            if one.live:
                self._live.add(one.name)
            if one.at_end:
                self._at_end[one.name] = None
            if one.live or not one.at_end:
                self._waiting[one.name] = None
        self._count()

    async def _look(self) -> None:
        """See which live files are to go again."""
        now = anyio.current_time()
        if not len(self._live) or now < self._look_at:
            return
        due = await anyio.to_thread.run_sync(self._live.due, now)
        self._waiting |= dict.fromkeys(due)
        took = anyio.current_time() - now
        self._look_at = now + max(_LOOK_SECS, _LOOK_PART * took)

    def _count(self, under_way: int = 0) -> None:
        self._status.files_left = len(self._waiting.keys() | self._at_end.keys()) + under_way

    def _warn(self, name: str, sentence: str) -> None:
        """Name a file to the user, once, however often it is tried."""
        if name not in self._named:
            self._named.add(name)
            self._status.warn(sentence)

    # --- on their way -------------------------------------------------------------------------

    async def _upload_waiting(self) -> None:
        if not self._waiting:
            return
        ready = await anyio.to_thread.run_sync(self._take_ready)
        for first in range(0, len(ready), _NAMES):
            await self._upload_some(ready[first : first + _NAMES])
            self._count(max(0, len(ready) - first - _NAMES))

    async def _upload_some(self, names: list[str]) -> None:
        began = anyio.current_time()
        targets, headers = await self._targets(names, splits=[_SPLITS])
        nowhere = set(names) - targets.keys()
        self._state.note_unsent(nowhere)
        for name in nowhere:
            self._live.note_failed(name, began=began, now=anyio.current_time())
        limit = anyio.Semaphore(_AT_ONCE)
        async with anyio.create_task_group() as group:
            for name, url in targets.items():
                group.start_soon(self._upload, name, url, headers, limit)
        self._state.save()
        # Behind what says that the server has them: nobody looks for them then.
        if gone := [name for name in targets if self._is_dropped(name)]:
            await anyio.to_thread.run_sync(self._drop, gone)

    def _is_dropped(self, name: str) -> bool:
        """Whether a file goes from here once the server has it: what a run made of a value."""
        return (
            self._drops_media
            and name.startswith(_MEDIA)
            and name in self._has
            and name not in self._live
            and name not in self._at_end
        )

    def _drop(self, names: Iterable[str]) -> None:
        """Remove files of the run's own; what links to a user's file or folder stays."""
        for name in names:
            path = os.path.join(self._folder, name)
            if os.path.realpath(path) == os.path.join(os.path.realpath(self._folder), name):
                with suppress(OSError):
                    os.unlink(path)

    def _take_ready(self) -> list[str]:
        """Take the files that are there; a journal may name, or link to, what is not the run's."""
        ready = []
        for name in list(self._waiting):
            mode = _mode(self.path(name))
            if mode is None and not self._is_dropped(name):
                continue
            del self._waiting[name]
            if mode is None:  # announced again, and of the same content: its name says so
                continue
            if not _stays_inside(self._folder, name):
                self._warn(name, f"{name} leads out of the run's files and was not uploaded")
            elif stat.S_ISREG(mode):
                ready.append(name)
            elif not stat.S_ISDIR(mode):  # who saves a folder has been told
                self._warn(name, f"{name} is no regular file and was not uploaded")
        return [name for name in ready if self._is_small(name)]

    def _is_small(self, name: str) -> bool:
        """Whether a file may go, where the largest that may is limited."""
        most = self._state.options.get("most_file_bytes")
        if most is None or (size := size_bytes(self.path(name))) <= most:
            return True
        place = self.path(name)
        self._warn(name, f"{name} is too large to be copied ({size >> 20} MiB): {place}")
        return False

    async def _targets(
        self, names: list[str], *, splits: list[int]
    ) -> tuple[dict[str, str], list[str]]:
        """Ask where files go; what is wrong with one name keeps no other from going."""
        try:
            targets, headers = await self._addresses(names)
        except RequestFailure as err:
            splits[0] -= 1
            if len(names) > 1 and err.final and err.status in _ABOUT_NAMES and splits[0] >= 0:
                half = len(names) // 2
                targets, headers = await self._targets(names[:half], splits=splits)
                others, more = await self._targets(names[half:], splits=splits)
                return {**targets, **others}, headers or more
            if new := [name for name in names if name not in self._named]:
                self._named.update(new)
                listed = ", ".join(new)
                self._status.warn(f"the server takes no files of this run ({err}): {listed}")
            return {}, []
        for name in names:
            if name not in targets:
                self._warn(name, f"the server gave no address for {name}, which was not uploaded")
        return targets, headers

    async def _addresses(self, names: list[str]) -> tuple[dict[str, str], list[str]]:
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
            began, before = anyio.current_time(), stamp(self.path(name))
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
                self._warn(name, f"{name} was not uploaded ({_reason(err)})")
                self._state.note_unsent([name])
                # Tried again after a rest, and at the run's end.
                self._live.note_failed(name, began=began, now=anyio.current_time())
                return
            self._live.note_sent(name, before, began=began, now=anyio.current_time())
        self._status.moved()
        if name not in self._has:
            self._has.add(name)
            self._state.uploaded.append(name)
        if before is not None:
            self._state.stamps[name] = _kept(before)
        self._state.forget_unsent(name)
        self._uploaded(name)


def _kept(found: Stamp) -> list[int]:
    """Return what is kept of a file's stamp: it may lie elsewhere next time."""
    return list(found[:2])


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError):
        return None


def _matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name is meant by a pattern, in which `*` stays within one folder."""
    parts = name.split("/")
    return any(
        len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))
        for wanted in (pattern.split("/") for pattern in patterns)
    )


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
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(facts.st_mode) and facts.st_uid != os.getuid()
