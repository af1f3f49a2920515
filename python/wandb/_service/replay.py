"""Send a run's folder when nobody writes to it any more: `wandb sync`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import FILE_STREAM, GRAPHQL, TRANSFER, UPSERT, RequestFailure
from wandb._native import NativeError, recover_folder
from wandb._service.delivery import has_owner
from wandb._service.earlier import progress_beside
from wandb._service.folderlock import FolderLock
from wandb._service.runstream import Policies, RunStream
from wandb._service.syncstate import Identity, Progress, SyncState
from wandb._wire.filestream import HISTORY
from wandb._wire.graphql import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Outcome", "Plan", "Replay", "mark_path")

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
    """

    folder: str
    run_id: str
    server: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    skip_console: bool = False
    append: bool = False
    mark: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it.

    Attributes:
        identity: Who the run is for the server; None if it never answered.
        error: Why not everything was sent; None if it was.
        warnings: What was left out, one sentence each.
        already: Nothing was to be sent: an earlier sync had sent all.
        ended: The run had come to its end.
    """

    identity: Identity | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    already: bool = False
    ended: bool = False


class Replay:
    """Sends one run's folder.

    Where an earlier sync of the same folder to the same server stopped, this one goes on.
    Without a trace of one, it sends all rows from line 0: a server that has some of them knows
    them by their line numbers, so that sending twice changes nothing. Where the server has lines
    of another folder under this id, they come after those.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stream: RunStream | None = None
        self._all_bytes = 0

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
                return await self._send(client)
        except (OSError, NativeError) as err:
            return Outcome(error=f"the run's folder can't be read or written: {err}")
        except (_BusyError, RequestFailure) as err:
            return Outcome(error=str(err))

    async def _send(self, client: Client) -> Outcome:
        if has_owner(self._plan.folder):
            raise _BusyError("the run is still being written; sync it when it has ended")
        known = SyncState.load(self._plan.folder)
        state = self._gone_on(known) or await self._afresh(known, client)
        sent = state.finished and not state.left_bytes()
        if sent or state.refused is not None:
            if not await _is_there(client, state.identity):
                state = await self._afresh(known, client)
            elif sent:
                return Outcome(identity=state.identity, already=True)
        state.refused = None
        state.save()
        self._all_bytes = sum(os.stat(path).st_size for path in _paths(state))
        stream = await self._streamed(state, client)
        if stream.run_was_lost:
            stream = await self._streamed(state, client)
        return self._outcome(stream)

    async def _streamed(self, state: SyncState, client: Client) -> RunStream:
        self._stream = RunStream(state, client, follow=False, policies=_POLICIES, hurry=True)
        await self._stream.run()
        return self._stream

    def _outcome(self, stream: RunStream) -> Outcome:
        state, status = stream.state, stream.status
        ended = stream.exit_code is not None
        if state.finished and ended:
            self._mark(state)
        sent = state.finished and state.identity is not None
        error = None if sent else status.refused or status.trouble or _NOTHING
        return Outcome(state.identity, error, tuple(status.warnings), ended=ended)

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
        with suppress(OSError), open(mark_path(state.folder, state.run_id), "w", encoding="utf-8"):
            pass


_NOTHING = "the journal holds no run: its process died before it wrote anything"


class _BusyError(Exception):
    """Somebody else is at the folder."""


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    lock = FolderLock(folder)
    if not lock.take():
        raise _BusyError("another process sends this run at the moment")
    try:
        yield
    finally:
        lock.release(for_good=False)


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
