"""Delivery: one run in the service's hands, from its folder's lock to its end, whatever breaks."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import asdict

import anyio

from wandb._base.leftovers import recover
from wandb._base.logs import close_debug_log, open_task_log
from wandb._base.paths import size_bytes
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.options import HttpOptions
from wandb._http.policy import FILE_STREAM, GRAPHQL, TRANSFER, UPSERT, RequestFailure
from wandb._service.artifact_ledger import LEDGER_FILE, ArtifactLedger, Outcome
from wandb._service.folderlock import FolderLock
from wandb._service.localserver import LocalServerMissing, running_server
from wandb._service.predecessors import earlier_folders
from wandb._service.runstream import Policies, RunStream
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import SyncState
from wandb._wire.frames import Message
from wandb._wire.graphql import operation

__all__ = ("Delivery", "has_owner", "policies", "told_by_state")

_LOGGER = logging.getLogger(__name__)
# How often is looked whether a run's owner lives: its connection tells sooner, unless a child
# of it holds the connection open.
_LOOK_SECS = 2.0
_LOOK_AGAIN_SECS = 0.25
_LOCAL_LOOK_SECS = 2.0
# Another process that has the folder is about to end, or delivers all of it.
_BUSY = Backoff(0.25, 2.0, 0)
# A stream that broke off reads the journals again from their start: not too often.
_BROKEN = Backoff(0.5, 30.0, 0)
# After so many tries in a row of which none brought the server anything, the folder of a run
# whose owner is gone is left as it is; sooner if a run waits for it.
_TRIES, _EARLIER_TRIES = 7, 5
# A server on this machine is back within a moment.
_NEAR = Backoff(0.25, 5.0, 100_000)


class Delivery:
    """Delivers one run, as often begun anew as it takes.

    Args:
        request: What asked for it: the folder, and the server with its key.
        follow: The owner may still write: nobody leaves before it is known to be gone.
        tries: How many tries in a row may bring the server nothing, once the owner is gone.

    Attributes:
        status: How it goes.
        identified: The server has said who the run is, or nothing more comes of this.
        over: All is delivered, or refused for good.
        ledger: What became of its artifacts.
        owner_left: To be set when the owner's connection ends.
        owner_lives: Whether the owner may still write.
        gave_up: Why it ended before all was delivered, though nobody refused it; else None.
    """

    def __init__(self, request: Message, *, follow: bool, tries: int = _TRIES) -> None:
        self.folder: str = request["folder"]
        options = HttpOptions(**request.get("http", {}))
        self.client = Client(request["base_url"], request["api_key"], options)
        self.status, self.ledger = DeliveryStatus(), ArtifactLedger()
        self.identified, self.over, self.owner_left = anyio.Event(), anyio.Event(), anyio.Event()
        self.owner_lives = self._follow = follow
        self._request = request
        self._tries, self._busy = tries, False
        self._earlier: Delivery | None = None
        self.gave_up: str | None = None
        self._abandoned: str | None = None
        self._scope = anyio.CancelScope()
        self._local = bool(request.get("local"))
        self._policies = policies(near=bool(request.get("near")))
        self._lock = FolderLock(self.folder)
        self._stream: RunStream | None = None

    def hindrance(self) -> str | None:
        """Return why there is no use in beginning; None where there is."""
        state = SyncState.load(self.folder)
        if state is None:
            return "the run's folder has no state to go on from"
        if not state.is_due():
            return "there is nothing to deliver"
        # A run that goes on waits for its folder; one that is left over is in good hands then.
        return None if self._follow else self._take_lock()

    def told(self) -> Message:
        """Return how it goes, for a frame."""
        told = (
            {**told_by_state(self.folder), "trouble": self.trouble}
            if self._stream is None
            else self._stream.told()
        )
        return {**told, "done": self.over.is_set()}

    @property
    def trouble(self) -> str | None:
        """Why it does not go on at the moment, that of an earlier folder included."""
        return (self._earlier and self._earlier.trouble) or self.status.trouble

    @property
    def moves(self) -> tuple[object, ...]:
        """Something that is another one whenever the server has taken something."""
        return self.status.moves, self._earlier and self._earlier.moves

    async def run(self) -> None:
        """Deliver until nothing is left to be done."""
        log = _run_log(self.folder)
        try:
            with self._scope:
                await self._run()
        finally:
            self._note_abandoned()
            self._lock.release(for_good=self._stream is not None and self._stream.state.finished)
            self.owner_lives = False
            self.identified.set()
            self.over.set()
            if log is not None:
                close_debug_log(log)

    async def outcome_of(self, key: str) -> Outcome | None:
        """Wait until it is known what became of an artifact; None if this ends before."""
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when, self.over, group.cancel_scope)
            await self.ledger.wait(key)
            group.cancel_scope.cancel()
        return self.ledger.get(key)

    def abandon(self, reason: str) -> None:
        """Deliver nothing of this run, now and later: it was not started."""
        self._abandoned = reason
        self._scope.cancel()

    def _note_abandoned(self) -> None:
        if self._abandoned is not None and (state := SyncState.load(self.folder)) is not None:
            with suppress(OSError):
                state.refuse(self._abandoned)

    async def _run(self) -> None:
        async with self.client, anyio.create_task_group() as beside:
            if self._follow:
                beside.start_soon(self._watch_owner)
            if self._local:
                beside.start_soon(self._keep_local_server)
            await self._deliver()
            beside.cancel_scope.cancel()

    # --- one try after the other --------------------------------------------------------------

    async def _deliver(self) -> None:
        failures, before = 0, self._standing()
        while not await self._try_guarded():
            now = self._standing()
            failures, before = failures + 1 if now == before else 1, now
            if failures >= self._tries and not (self.owner_lives or self._busy):
                self.gave_up = self.status.trouble or "it ended before its time"
                return
            backoff = _BROKEN if self._lock.held else _BUSY
            await anyio.sleep(backoff.wait_secs(failures))

    def _standing(self) -> tuple[object, ...]:
        """Return what tries change that do some good: answers alone don't."""
        state = SyncState.load(self.folder)
        saved_bytes = size_bytes(os.path.join(self.folder, LEDGER_FILE))
        return self._busy, saved_bytes, state and (state.progress.journals, len(state.uploaded))

    async def _try_guarded(self) -> bool:
        try:
            return await self._try()
        except Exception as err:
            self.status.fail(f"the service failed ({err!r})")
            _LOGGER.exception("a try to deliver failed: %s", self.folder)
            return False

    async def _try(self) -> bool:
        """Deliver as far as it goes; return whether that is all."""
        state = SyncState.load(self.folder)
        if state is not None and not state.is_due():
            return True  # another process has delivered it
        if hindrance := self._take_lock():
            self.status.fail(hindrance)
            return False
        # Whoever had the lock until now may have written to it.
        state = SyncState.load(self.folder)
        if state is None:
            self.status.fail("the run's folder can't be read")
            return False
        if not self._follow and has_owner(self.folder):
            return True
        apart = state.options.get("shared")  # each writer has lines of its own
        if state.standing is None and state.options.get("goes_on") and not apart:
            await self._deliver_earlier(state)
        return await self._stream_on(state)

    async def _deliver_earlier(self, state: SyncState) -> None:
        """Deliver what earlier processes left of this run, or see another process do it."""
        for folder in await anyio.to_thread.run_sync(earlier_folders, state):
            await anyio.to_thread.run_sync(recover, folder)
            if has_owner(folder):
                self.status.warn(
                    "the run goes on in another process, too: rows of both may take each other's "
                    f"place. Use mode='shared' for many writers of one run; the other's: {folder}"
                )
                continue
            request = {**self._request, "folder": folder}
            self._earlier = earlier = Delivery(request, follow=False, tries=_EARLIER_TRIES)
            async with anyio.create_task_group() as beside:
                beside.start_soon(self._look_for_server)
                await earlier.run()
                beside.cancel_scope.cancel()
            self._earlier = None
            if earlier.gave_up is not None:
                self._leave(folder, earlier.gave_up)

    def _leave(self, folder: str, trouble: str) -> None:
        """Go on without what an earlier process left; its rows could only come in between later."""
        self.status.warn(
            "what an earlier process left of this run can't be delivered, and the run goes on "
            f"without it ({trouble}): {folder}"
        )
        state = SyncState.load(folder)
        if state is not None and state.is_due():
            with suppress(OSError):
                state.refuse(f"it could not be delivered before the run went on ({trouble})")

    async def _look_for_server(self) -> None:
        """Note if the server is away: who waits for it waits for nothing then."""
        name = "ServerFeaturesQuery"
        with suppress(RequestFailure):  # what it refuses, it refuses again when it matters
            await execute(
                self.client,
                operation(name),
                {},
                operation=name,
                policy=self._policies.upsert,
                watch=self.status.watch,
            )

    async def _stream_on(self, state: SyncState) -> bool:
        self._stream = stream = RunStream(
            state,
            self.client,
            follow=self.owner_lives,
            policies=self._policies,
            status=self.status,
            ledger=self.ledger,
            tidies=True,
        )
        async with anyio.create_task_group() as group:
            group.start_soon(self._note_identity, stream)
            await stream.run()
            group.cancel_scope.cancel()
        return not stream.broke_off

    async def _note_identity(self, stream: RunStream) -> None:
        await stream.identified.wait()
        if stream.state.identity is not None:
            self.identified.set()

    def _take_lock(self) -> str | None:
        """Become the one who delivers this folder; return why not."""
        try:
            taken = self._lock.held or self._lock.take()
        except OSError as err:
            return f"the run's folder can't be locked ({err.strerror})"
        self._busy = not taken
        return None if taken else "another process delivers this run"

    # --- beside it ----------------------------------------------------------------------------

    async def _watch_owner(self) -> None:
        """See the owner's death: the lock of the run's `control` is free then."""
        while self.owner_lives:
            with anyio.move_on_after(_LOOK_SECS):
                await self.owner_left.wait()
            if self.owner_left.is_set():
                await anyio.sleep(_LOOK_AGAIN_SECS)
            await anyio.to_thread.run_sync(recover, self.folder)
            self.owner_lives = has_owner(self.folder)
        if self._stream is not None:
            self._stream.owner_is_gone()

    async def _keep_local_server(self) -> None:
        """Start the user's own server again if it dies under a run: it comes back on its port."""
        while True:
            await anyio.sleep(_LOCAL_LOOK_SECS)
            if self.status.trouble is None:
                continue
            try:
                # Left alone when the service is to end: the next one wants this run's lock.
                await anyio.to_thread.run_sync(running_server, abandon_on_cancel=True)
            except (LocalServerMissing, OSError) as err:
                _LOGGER.warning("the local server can't be started again: %s", err)


async def _cancel_when(event: anyio.Event, scope: anyio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


def told_by_state(folder: str) -> Message:
    """Tell of a run that nobody delivers here, or any more, what its folder says."""
    state = SyncState.load(folder)
    if state is None:
        return {"error": "the service does not have this run"}
    done = not state.is_due()
    return {
        "done": done,
        "finished": done and state.refused is None,
        "refused": state.refused,
        "trouble": None if done else "nobody delivers this run at the moment",
        "left_bytes": state.left_bytes(),
        "identity": state.identity and asdict(state.identity),
    }


def has_owner(folder: str) -> bool:
    """Whether the run's owner lives; `recover` takes away what a dead one has left."""
    return os.path.exists(os.path.join(folder, "control"))


def policies(*, near: bool) -> Policies:
    """Return how requests are tried again, for a server on this machine or one elsewhere."""
    if not near:
        return Policies()
    return Policies(
        upsert=UPSERT.with_backoff(_NEAR),
        stream=FILE_STREAM.with_backoff(_NEAR),
        graphql=GRAPHQL.with_backoff(_NEAR),
        transfer=TRANSFER.with_backoff(_NEAR),
    )


def _run_log(folder: str) -> logging.Handler | None:
    try:
        return open_task_log(os.path.join(folder, "logs", "debug-internal.log"))
    except OSError:
        return None
