"""ShownRun: one run's folder, given to the server as far as it goes, again whenever it grows."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import anyio

from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.options import HttpOptions
from wandb._http.policy import GRAPHQL, RequestFailure
from wandb._service.delivery import policies
from wandb._service.events import FileReady
from wandb._service.inplace.atonce import MOST_BYTES, AtOnce, FileBudget, give_files
from wandb._service.inplace.finding import Found
from wandb._service.inplace.folder import (
    READ_ERRORS,
    Head,
    Life,
    Mark,
    finished_copy,
    head_of,
    life_of,
    mark_of,
    rows_in,
)
from wandb._service.living import FRESH_SECS
from wandb._service.runstream import RunStream
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.filestream import HISTORY
from wandb._wire.graphql import operation
from wandb._wire.times import BEGAN_HEADER, HEARD_HEADER

__all__ = ("Names", "Place", "ShownRun", "Step")

_LOGGER = logging.getLogger(__name__)
_AGAIN = Backoff(1.0, 60.0, 0)
_POLICIES = policies(near=True)
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where runs are shown.

    Attributes:
        base_url: The server.
        api_key: The key for it.
        work: A folder for what is kept of each run.
        most_file_bytes: Larger files are not copied.
        budget: How much of files is.
    """

    base_url: str
    api_key: str
    work: str
    most_file_bytes: int
    budget: FileBudget = field(default_factory=FileBudget)


class Names:
    """Which folder has which run on the server: a job may have been begun again under its id."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._holders: dict[tuple[str, str], str] = {}

    def claim(self, folder: str, head: Head) -> str:
        """Return the id under which a folder's run is shown."""
        if head.options.get("shared"):
            return head.run_id
        number, name = 1, head.run_id
        while self._holders.setdefault((head.project, name), folder) != folder:
            number += 1
            name = f"{head.run_id}-{number}"
        if number > 1:
            other = self._holders[head.project, head.run_id]
            self._tell(
                f"{other} and {folder} both hold a run {head.run_id}; the latter is shown as {name}"
            )
        return name

    def release(self, folder: str) -> None:
        """Let others have the ids of a folder that is gone."""
        self._holders = {key: one for key, one in self._holders.items() if one != folder}


@dataclass(slots=True)
class Step:
    """What is to be done for a run next.

    Attributes:
        follow: Wait for more; else give what is there.
        life: What was known of the process when it was looked at.
        gone: The folder is not there any more.
        end: Nothing more comes for the stream that waits for it.
    """

    follow: bool = False
    end: bool = False
    life: Life = Life.QUIET
    gone: bool = False


@dataclass(slots=True)
class ShownRun:
    """One run's folder. `look` and `do` alternate; between them it costs one `stat` a second.

    Attributes:
        found: The folder.
        busy: `do` goes on, or waits for its turn.
        was_shown: All that was there has been given to the server once.
        identity: Who the run is on the server.
    """

    found: Found
    tell: Tell
    busy: bool = False
    was_shown: bool = False
    identity: Identity | None = None
    _given: Mark | None = None
    _over: bool = False
    _head: Head | None = None
    _state: SyncState | None = None
    _files: list[FileReady] = field(default_factory=list)
    _stream: RunStream | None = None
    _finished_copy: bool = False
    _lives_elsewhere: bool = False
    _failures: int = 0
    _not_before: float = 0.0

    # --- looking ------------------------------------------------------------------------------

    def look(self) -> Step | None:
        """Return what is to be done now; reads no more than it must."""
        mark = mark_of(self.found.journal)
        if mark is None:
            return self._look_at_nothing()
        if self.busy:
            return self._look_at_stream(mark)
        if (mark == self._given and self._over) or time.monotonic() < self._not_before:
            return None
        life = self._life(mark)
        return Step(follow=self._may_grow(mark, life), life=life)

    def _life(self, mark: Mark) -> Life:
        """Tell whether the process lives. A dead one that writes lives on another machine."""
        life = life_of(self.found.folder)
        if life is Life.LIVES:
            self._finished_copy = self._lives_elsewhere = False
        elif life is Life.DEAD and self._finished_copy and mark != self._given:
            self._lives_elsewhere = True
        return Life.QUIET if life is Life.DEAD and self._lives_elsewhere else life

    def _may_grow(self, mark: Mark, life: Life) -> bool:
        if life is not Life.QUIET or not _is_recent(mark):
            return life is Life.LIVES
        return self._lives_elsewhere or not self._is_ours()

    def _is_ours(self) -> bool:
        if self._head is None:
            with suppress(*READ_ERRORS):
                self._head = head_of(self.found.folder, self.found.run_id)
        return self._head is not None and self._head.ours

    def _look_at_nothing(self) -> Step | None:
        return Step(end=True) if self.busy else Step(gone=True)

    def _look_at_stream(self, mark: Mark) -> Step | None:
        """See whether a stream waits for what never comes."""
        if self._stream is None or self._may_grow(mark, self._life(mark)):
            return None
        return Step(end=True)

    def end(self) -> None:
        """Let a stream that follows the run come to its end."""
        if self._stream is not None:
            self._stream.owner_is_gone()

    @property
    def trouble(self) -> str | None:
        """Why it does not go on at the moment; None while all is well."""
        return self._stream.status.trouble if self._stream is not None else None

    # --- doing --------------------------------------------------------------------------------

    async def do(self, step: Step, place: Place, names: Names) -> None:
        """Give the server what the folder holds; a failure is told, and tried again later."""
        mark = mark_of(self.found.journal)
        try:
            head = await anyio.to_thread.run_sync(head_of, self.found.folder, self.found.run_id)
            if head is None and step.life is not Life.DEAD:
                # Nothing but an empty file, for now.
                self._given, self._over = mark, step.life is not Life.LIVES
                return
            self._head = head
            if await self._was_only_folded(mark):
                return
            state = await self._current(mark, head, place, names)
            await self._give(state, step, head, place)
        except READ_ERRORS as err:
            self._fail(f"{self.found.folder} can't be shown: {err}")
        except RequestFailure as err:
            self._fail(f"{self.found.folder} is not shown: {err}")
        except Exception as err:
            _LOGGER.exception("a run could not be shown: %s", self.found.folder)
            self._fail(f"{self.found.folder} is not shown: {err!r}")
        finally:
            self._stream = None
            self.was_shown = True

    async def _give(self, state: SyncState, step: Step, head: Head | None, place: Place) -> None:
        state.source, state.refused = self.found.folder, None
        os.makedirs(state.folder, mode=0o700, exist_ok=True)
        copy = os.path.join(state.folder, "copy")
        if step.life is Life.DEAD:
            await anyio.to_thread.run_sync(finished_copy, self.found.folder, copy)
            state.source, self._finished_copy = copy, True
        try:
            await self._streamed(state, step, head, place)
        finally:
            if step.life is Life.DEAD:
                await anyio.to_thread.run_sync(shutil.rmtree, copy, True)

    async def _streamed(
        self, state: SyncState, step: Step, head: Head | None, place: Place
    ) -> None:
        last = None if step.follow else mark_of(self.found.journal)
        async with _client(place, _times(head, last)) as client:
            small = not step.follow and state.left_bytes() < MOST_BYTES
            stream = (
                AtOnce(state, client, policies=_POLICIES)
                if small
                else RunStream(
                    state, client, follow=step.follow, policies=_POLICIES, hurry=not step.follow
                )
            )
            self._stream = stream
            async with anyio.create_task_group() as beside:
                beside.start_soon(self._note_identity, stream)
                await stream.run()
        self._conclude(stream, step)
        self._files = stream.files if isinstance(stream, AtOnce) else []

    @property
    def has_files(self) -> bool:
        """Whether files wait to be given, which cost more than all the rest and are asked less."""
        return bool(self._files)

    async def give_files(self, place: Place) -> None:
        """Give the server the files that were left for later."""
        files, self._files = self._files, []
        if self._state is None:
            return
        if not place.budget.take(self._state, files):
            self.tell(
                "Not all files are shown: they are many, and copies would fill the disk. They lie "
                "in the folders of their runs."
            )
        try:
            async with _client(place, {}) as client:
                for warning in await give_files(files, self._state, client, _POLICIES):
                    self.tell(f"{self.found.folder}: {warning}")
        except (OSError, RequestFailure) as err:
            self.tell(f"files of {self.found.folder} are not shown: {err}")
        # What was made for it is not needed any more, and the end is nearer without it.
        await anyio.to_thread.run_sync(shutil.rmtree, self._kept(place), True)

    async def _note_identity(self, stream: RunStream) -> None:
        await stream.identified.wait()
        self.identity = stream.state.identity

    def _conclude(self, stream: RunStream, step: Step) -> None:
        status = stream.status
        for warning in status.warnings:
            self.tell(f"{self.found.folder}: {warning}")
        if status.refused is not None:
            self.tell(f"{self.found.folder} is not shown: {status.refused}")
        elif stream.broke_off and not stream.run_was_lost:
            self._fail(f"{self.found.folder} is not shown to its end: {status.trouble}")
            return
        self._failures = 0
        self._note_given(stream, step)

    def _note_given(self, stream: RunStream, step: Step) -> None:
        """Note how far the folder was given, so that it is let alone until it changes."""
        state, mark = stream.state, mark_of(self.found.journal)
        whole = state.refused is not None or (state.finished and not state.left_bytes())
        if mark is None or not whole:
            return
        self._given = mark
        self._over = (
            stream.exit_code is not None
            or step.life is Life.DEAD
            or not self._may_grow(mark, step.life)
        )

    def _fail(self, sentence: str) -> None:
        self.tell(sentence)
        self._failures += 1
        self._not_before = time.monotonic() + _AGAIN.wait_secs(self._failures)

    # --- what is kept of it -------------------------------------------------------------------

    def _kept(self, place: Place) -> str:
        number = hashlib.sha256(os.fsencode(self.found.folder)).hexdigest()[:24]
        return os.path.join(place.work, number)

    async def _current(
        self, mark: Mark | None, head: Head | None, place: Place, names: Names
    ) -> SyncState:
        """Return how far the server has come, which is nowhere for a journal that is new."""
        kept = self._kept(place)
        if self._state is not None and self._is_same(self._state, mark):
            return self._state
        await self.withdraw(place)
        name = names.claim(self.found.folder, head) if head is not None else self.found.run_id
        title = head.title if head is not None else ""
        options = {
            **(head.options if head is not None else {}),
            # It is another server than the one it may have been sent to.
            "overrides": {"entity": "", "storage_id": "", "run_id": name},
            "defaults": {"display_name": title} if title else {},
            "files_dir": os.path.join(self.found.folder, "files"),
            "most_file_bytes": place.most_file_bytes,
            "inode": mark.inode if mark is not None else 0,
        }
        self._state = SyncState(
            kept, self.found.run_id, place.base_url, options, source=self.found.folder
        )
        self._state.standing = head.standing if head is not None else None
        return self._state

    async def _was_only_folded(self, mark: Mark | None) -> bool:
        """See whether a journal that is another one holds what was given, from several journals."""
        state = self._state
        if state is None or mark is None or not self._over or self._is_same(state, mark):
            return False
        rows = await anyio.to_thread.run_sync(rows_in, self.found.journal)
        if rows != state.progress.lines.get(HISTORY, 0):
            return False
        state.options["inode"] = mark.inode
        state.progress.journals = {os.path.basename(self.found.journal): mark.size}
        self._given = mark
        return True

    def _is_same(self, state: SyncState, mark: Mark | None) -> bool:
        """Whether a journal is the one that was given: folding it puts another in its place."""
        name = f"run-{self.found.run_id}.wandb"
        if mark is None or state.options.get("inode") != mark.inode:
            return False
        # One that ended in the middle of a record, or was finished in a copy, is shorter by little.
        return mark.size >= state.progress.journals.get(name, 0) or self._finished_copy

    async def withdraw(self, place: Place) -> None:
        """Take the run from the server, as its folder is gone or holds something else."""
        if self._state is None:
            return
        identity = self._state.identity
        if identity is not None and identity.storage_id is not None:
            async with _client(place, {}) as client:
                await execute(
                    client,
                    operation("RemoveRun"),
                    {"id": identity.storage_id},
                    operation="RemoveRun",
                    policy=GRAPHQL,
                )
        await anyio.to_thread.run_sync(shutil.rmtree, self._kept(place), True)
        self._state = None
        self._given, self._over, self._finished_copy = None, False, False
        self._head = self.identity = None


def _client(place: Place, headers: dict[str, str]) -> Client:
    # Nothing but plain HTTP to this machine: certificates would take most of the time.
    options = HttpOptions(headers=headers, check_certificates=False)
    return Client(place.base_url, place.api_key, options)


def _is_recent(mark: Mark) -> bool:
    return time.time() - mark.changed_at < FRESH_SECS


def _times(head: Head | None, last: Mark | None) -> dict[str, str]:
    """Say when the run was, where it is not now."""
    headers = {}
    if head is not None and head.began_at is not None:
        headers[BEGAN_HEADER] = f"{head.began_at:.6f}"
    if last is not None:
        headers[HEARD_HEADER] = f"{last.changed_at:.6f}"
    return headers
