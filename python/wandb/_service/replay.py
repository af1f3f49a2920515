"""Send a run's folder to a server: `wandb sync`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import anyio

from wandb._base.leftovers import recover
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import FILE_STREAM, GRAPHQL, TRANSFER, UPSERT, RequestFailure
from wandb._native import NativeError, recover_folder
from wandb._service.earlier import progress_beside
from wandb._service.folderlock import FolderLock
from wandb._service.living import may_be_written, save_before_reading
from wandb._service.predecessors import earlier_folders
from wandb._service.runstream import Policies, RunStream
from wandb._service.standing import wants_to_go_on
from wandb._service.syncstate import Identity, Progress, SyncState
from wandb._wire.filestream import HISTORY
from wandb._wire.graphql import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Outcome", "Plan", "Replay", "mark_path")

_LOOK_SECS = 1.0
# Somebody waits: a server that is away is given up after a minute, and the next sync goes on.
_PATIENT = Backoff(0.5, 10.0, 9)
_POLICIES = Policies(
    upsert=UPSERT.with_backoff(_PATIENT),
    stream=FILE_STREAM.with_backoff(_PATIENT),
    graphql=GRAPHQL.with_backoff(_PATIENT),
    transfer=TRANSFER.with_backoff(_PATIENT),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent, and how.

    Attributes:
        folder: The run's folder.
        run_id: The run's id, as in the name of its journal.
        server: The server's address as it stands in the run's state; empty for the user's own.
        overrides: Fields of the run's record that are other than it says.
        skip_console: Leave out what the run printed.
        append: Put the rows after those that the server has of the run, instead of at the line
            numbers where they would have gone while it ran.
        mark: Leave a mark beside the journal when everything is sent and the run had ended.
        replace_tags: Tags that are called otherwise on the server, by their old names.
        follow: Stay as long as the run is written, instead of sending what is there.
        sizes: How large requests and lines may be, by the names of the settings.
    """

    folder: str
    run_id: str
    server: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    skip_console: bool = False
    append: bool = False
    mark: bool = True
    replace_tags: Mapping[str, str] = field(default_factory=dict)
    follow: bool = False
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it.

    Attributes:
        identity: Who the run is for the server; None if it never answered.
        error: Why not everything was sent; None if it was.
        warnings: What was left out, one sentence each.
        already: Nothing was to be sent: an earlier sync had sent all.
        ended: The run had come to its end.
        empty: The folder holds no run.
        live: Somebody may still write to it: what was there is sent, and another sync sends more.
    """

    identity: Identity | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    already: bool = False
    ended: bool = False
    empty: bool = False
    live: bool = False


class Replay:
    """Sends one run's folder.

    Where an earlier sync of the same folder to the same server stopped, this one goes on.
    Without a trace of one, it sends all rows from line 0: a server that has some of them knows
    them by their line numbers, so that sending twice changes nothing. Where the server has lines
    of another folder under this id, they come after those. What older folders beside it hold of a
    run that it goes on with is sent before it.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stream: RunStream | None = None
        self._all_bytes = 0
        self._live = False

    @property
    def identity(self) -> Identity | None:
        """Who the run is for the server, as soon as it has answered."""
        return self._stream.state.identity if self._stream is not None else None

    @property
    def trouble(self) -> str | None:
        """Why it does not go on at the moment; None while all is well."""
        return self._stream.status.trouble if self._stream is not None else None

    def sent_part(self) -> float:
        """Tell how much of the journals the server has, from 0 to 1."""
        if self._stream is None or not self._all_bytes:
            return 0.0
        return 1.0 - self._stream.state.left_bytes() / self._all_bytes

    async def run(self, client: Client) -> Outcome:
        """Send what the server does not have; every failure becomes part of the outcome."""
        folder = self._plan.folder
        try:
            with _locked(folder):
                await anyio.to_thread.run_sync(recover_folder, folder)
                await self._send_earlier(client)
                return await self._send(client)
        except (OSError, NativeError) as err:
            return Outcome(error=f"the run's folder can't be read or written: {err}")
        except (_BusyError, _EarlierError, RequestFailure) as err:
            return Outcome(error=str(err))

    async def _send_earlier(self, client: Client) -> None:
        """Send what older folders hold of the run: its rows would go where this one's are."""
        for folder in await anyio.to_thread.run_sync(self._earlier):
            outcome = await Replay(replace(self._plan, folder=folder, follow=False)).run(client)
            if outcome.live or outcome.error is not None:
                why = outcome.error or "it may still be written"
                raise _EarlierError(f"an older folder of this run comes first: {folder}: {why}")

    def _earlier(self) -> list[str]:
        plan = self._plan
        known = SyncState.load(plan.folder)
        if known is None or known.server != plan.server:
            known = SyncState(plan.folder, plan.run_id, plan.server)
        placed = known.standing is not None or known.progress.journals or known.intent is not None
        # Under another name it goes on with nothing that is here, and each writer of a shared run
        # has lines of its own.
        if placed or plan.overrides or known.options.get("shared") or not wants_to_go_on(known):
            return []
        return earlier_folders(known)

    async def _send(self, client: Client) -> Outcome:
        known = SyncState.load(self._plan.folder)
        state = self._gone_on(known) or await self._afresh(known, client)
        sent = self._is_sent(state)
        if sent or state.refused is not None:
            if not await _is_there(client, state.identity):
                state = await self._afresh(known, client)
            elif sent:
                return self._already(state)
        state.refused = None
        state.options = {**state.options, **self._wishes(), **self._plan.sizes}
        await anyio.to_thread.run_sync(save_before_reading, state)
        self._live = await anyio.to_thread.run_sync(may_be_written, state)
        self._all_bytes = sum(os.stat(path).st_size for path in _paths(state))
        stream = await self._streamed(state, client)
        if stream.run_was_lost:
            stream = await self._streamed(state, client)
        return self._outcome(stream)

    async def _streamed(self, state: SyncState, client: Client) -> RunStream:
        follow = self._live and self._plan.follow
        self._stream = stream = RunStream(
            state,
            client,
            follow=follow,
            leave_open=self._live,
            policies=_POLICIES,
            hurry=not follow,
        )
        async with anyio.create_task_group() as beside:
            if follow:
                beside.start_soon(_end_with_its_writer, stream)
            await stream.run()
            beside.cancel_scope.cancel()
        return stream

    def _outcome(self, stream: RunStream) -> Outcome:
        state, status = stream.state, stream.status
        ended, warnings = stream.exit_code is not None, tuple(status.warnings)
        if state.finished and state.identity is None:
            return Outcome(warnings=warnings, empty=True)
        if state.is_complete() and ended:
            self._mark(state)
        live = self._live and not ended
        cut_off = stream.broke_off or status.refused is not None
        whole = state.finished or (live and not cut_off)
        error = _unsent(state) if whole else status.refused or status.trouble or _CUT_OFF
        return Outcome(state.identity, error, warnings, ended=ended, live=live)

    def _is_sent(self, state: SyncState) -> bool:
        """Whether an earlier sync has sent all that can be sent, as it is asked for now."""
        left = state.left_bytes() or state.unsent or state.alerts_left or state.artifacts_left
        everything = state.finished and not left
        wishes = self._wishes()
        return everything and all(state.options.get(name) == wishes[name] for name in wishes)

    def _already(self, state: SyncState) -> Outcome:
        return Outcome(identity=state.identity, already=True)

    def _wishes(self) -> dict[str, Any]:
        """Return what is asked for beyond where the run goes, as it stands in the state."""
        tags = dict(self._plan.replace_tags)
        return {"replace_tags": tags} if tags else {}

    def _gone_on(self, known: SyncState | None) -> SyncState | None:
        """Return where things stand if an earlier sync to the same place left word of it."""
        plan, overrides = self._plan, dict(self._plan.overrides)
        if known is None or known.server != plan.server:
            return None
        if overrides and known.options.get("overrides", {}) != overrides:
            return None
        if plan.skip_console:
            known.options["skip_console"] = True
        return known

    async def _afresh(self, known: SyncState | None, client: Client) -> SyncState:
        """Begin anew; what the run asked of its service holds for every server."""
        plan = self._plan
        options = {
            **(known.options if known is not None else {}),
            "overrides": dict(plan.overrides),
            "skip_console": plan.skip_console,
        }
        state = SyncState(plan.folder, plan.run_id, plan.server, options)
        if options.get("shared"):
            # Each writer has lines of its own.
            state.progress = Progress(lines={HISTORY: 0})
        else:
            state.progress = await progress_beside(
                client, state, append=plan.append, policy=_POLICIES.graphql
            )
        return state

    def _mark(self, state: SyncState) -> None:
        if not self._plan.mark:
            return
        # The mark saves time and nothing else: a folder that takes none is no reason to fail.
        path = mark_path(state.folder, state.run_id)
        with suppress(OSError):
            with open(path, "a", encoding="utf-8"):
                pass
            # It counts for what was written before it.
            os.utime(path)


_CUT_OFF = "it ended before everything was sent"


def _unsent(state: SyncState) -> str | None:
    parts = (
        (len(state.unsent), "file", "uploaded"),
        (state.artifacts_left, "artifact", "saved"),
        (state.alerts_left, "alert", "passed on"),
    )
    told = (
        f"{count} {what}{'s' if count > 1 else ''} could not be {done}"
        for count, what, done in parts
        if count
    )
    return next(told, None)


class _BusyError(Exception):
    """Somebody else is at the folder."""


class _EarlierError(Exception):
    """An older folder of the run could not be sent whole."""


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    lock = FolderLock(folder)
    if not lock.take():
        raise _BusyError("another process sends this run at the moment")
    try:
        yield
    finally:
        lock.release(for_good=False)


async def _end_with_its_writer(stream: RunStream) -> None:
    """Tell a stream that follows its run when nobody writes to that any more."""
    while await anyio.to_thread.run_sync(may_be_written, stream.state):
        await anyio.sleep(_LOOK_SECS)
        await anyio.to_thread.run_sync(recover, stream.state.folder)
    stream.owner_is_gone()


async def _is_there(client: Client, identity: Identity | None) -> bool:
    """Whether the server still has a run that was sent; if it can't be asked, it has."""
    if identity is None:
        return False
    names = {"entity": identity.entity, "project": identity.project, "run": identity.run}
    name = "ReadRunState"
    try:
        data = await execute(
            client, operation(name), names, operation=name, policy=_POLICIES.graphql
        )
    except RequestFailure:
        return True
    return (data.get("project") or {}).get("run") is not None


def mark_path(folder: str, run_id: str) -> str:
    """Return where the mark of a synced run lies."""
    return os.path.join(folder, f"run-{run_id}.wandb.synced")


def _paths(state: SyncState) -> list[str]:
    return [os.path.join(state.folder, name) for name in state.journals()]
