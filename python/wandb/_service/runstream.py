"""RunStream: one run, from its journals to a server; the order of its start and its end."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import anyio
from anyio.abc import TaskGroup

from wandb._base.leftovers import recover
from wandb._base.paths import size_bytes
from wandb._http.client import Client
from wandb._http.policy import FILE_STREAM, GRAPHQL, TRANSFER, UPSERT, Policy, RequestFailure
from wandb._native import NativeError, SummaryFold
from wandb._service.alerts import Alerts
from wandb._service.artifact_ledger import ArtifactLedger
from wandb._service.artifact_uploader import ArtifactUploader
from wandb._service.events import FileReady, StreamEnd
from wandb._service.file_streamer import FileStreamer
from wandb._service.logic.console import file_name, shown
from wandb._service.logic.description import Description
from wandb._service.logic.pace import OTHERS, OURS, Pace
from wandb._service.reader import Chunk, Reader, records_of_kind
from wandb._service.run_files import RunFiles
from wandb._service.sender import CONSOLE_KINDS, Sender
from wandb._service.standing import GoesOn
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._service.upserter import RunLost, Upserter
from wandb._wire.journal import summary_record

__all__ = ("Policies", "RunStream")

_LOGGER = logging.getLogger(__name__)
# Children that log when the owner finishes get this long to end, too.
_CHILD_SECS = 2.0
_LOOK_SECS = 0.05
_OWNER_RING = "ring-owner"
_ALL = 1 << 62
_AT_END = ("config.yaml", "output.log", "wandb-summary.json")
_NAMELESS = "the part of the journal is damaged that says what the run is, so nothing was sent"


@dataclass(frozen=True, slots=True)
class Policies:
    """Which failures are final, and the waits between tries, by what is asked."""

    upsert: Policy = UPSERT
    stream: Policy = FILE_STREAM
    graphql: Policy = GRAPHQL
    transfer: Policy = TRANSFER


class RunStream:
    """Delivers a run. One at a time for a folder.

    Args:
        state: The run's folder, and what the server has.
        client: Whom to deliver to; open while `run` lasts.
        follow: Wait for more until the run is over; else deliver what is there and end it.
        leave_open: Where no end was read, don't end the run: somebody may still write to it.
        policies: How requests are tried again.
        pace: How often to post; by default what is right for the server.
        hurry: Post one request after the other, since the run is over.
        status: Where is told how it goes.
        ledger: Where is told what became of artifacts.
        tidies: Remove staged files of artifacts once they are uploaded.

    Attributes:
        broke_off: It ended before its time, by what may pass: another one may go on.
        run_was_lost: It did so since the server had lost the run; another one sends all of it.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        *,
        follow: bool = True,
        leave_open: bool = False,
        policies: Policies | None = None,
        pace: Pace | None = None,
        hurry: bool = False,
        status: DeliveryStatus | None = None,
        ledger: ArtifactLedger | None = None,
        tidies: bool = False,
    ) -> None:
        policies = policies or Policies()
        self.state = state
        self.status = status or DeliveryStatus()
        self.status.stop_passed_on |= state.stop_passed_on
        self.broke_off = self.run_was_lost = False
        self.identified = anyio.Event()
        self.done = anyio.Event()
        self._pace, self._follow, self._hurry = pace, follow, hurry
        self._leave_open = leave_open
        self._exit_code: int | None = None
        self._holds_records = False
        self._error: Exception | None = None
        self._summary = SummaryFold()
        self._reader = Reader(state, self._summary, follow=follow)
        self._description = Description(
            state.options.get("overrides"),
            state.options.get("replace_tags"),
            defaults=state.options.get("defaults"),
        )
        self._streamer = FileStreamer(
            state,
            client,
            self.status,
            summary=self._summary.text,
            headers=_headers(state, "X-Wandb-Async-Client-Id"),
            policy=policies.stream,
        )
        self._files = RunFiles(
            state,
            client,
            self.status,
            uploaded=self._streamer.note_uploaded,
            graphql=policies.graphql,
            transfer=policies.transfer,
        )
        self._alerts = Alerts(state, client, self.status, policy=policies.upsert)
        self._upserter = Upserter(
            state,
            client,
            self._description,
            self.status,
            headers=_headers(state, "X-Wandb-Client-Id"),
            policy=policies.upsert,
        )
        self._goes_on = GoesOn(
            state, client, self.status, policy=policies.upsert, follow=follow and not leave_open
        )
        self._ledger = ledger or ArtifactLedger()
        self._artifacts = ArtifactUploader(
            state,
            client,
            self.status,
            self._ledger,
            tidies=tidies,
            graphql=policies.graphql,
            transfer=policies.transfer,
        )
        self._sender = Sender(
            state,
            self._description,
            self._streamer,
            self._files,
            self._alerts,
            self._artifacts,
            self._upserter,
            exited=self._note_exit,
        )
        self._over = anyio.Event()

    # --- what others ask ----------------------------------------------------------------------

    def owner_is_gone(self) -> None:
        """Say that the owner died and its folder was recovered: deliver what there is."""
        self._reader.end()

    def told(self) -> dict[str, Any]:
        """Return how the delivery goes, for a frame."""
        identity = self.state.identity
        return {
            **self.status.told(),
            "done": self.done.is_set(),
            "finished": self.state.finished,
            "left_bytes": self.state.left_bytes(),
            "identity": identity and asdict(identity),
            "standing": self.state.standing,
        }

    @property
    def exit_code(self) -> int | None:
        """What the run ended with; None while no end was read."""
        return self._exit_code

    # --- its life -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver until the run is over and all of it is delivered, or the server refuses."""
        try:
            await self._deliver()
        except RunLost as err:
            # What is read and numbered here goes on from what the server had.
            self.run_was_lost = True
            self._break_off(str(err))
        except RequestFailure as err:
            if err.final:
                self._note_refusal(str(err), status=err.status)
            else:
                self._break_off(str(err))
        except (OSError, NativeError) as err:
            self._break_off(f"the run's folder can't be read or written: {err}")
            _LOGGER.exception("delivery of run %s stopped", self.state.run_id)
        except Exception as err:
            self._break_off(f"the service failed ({err!r})")
            _LOGGER.exception("delivery of run %s failed", self.state.run_id)
        finally:
            self.identified.set()
            self.done.set()

    async def _deliver(self) -> None:
        # A generator that is left in the middle is closed here, not by the garbage collector.
        await self._stand()
        self._ledger.open(self.state)
        async with aclosing(self._reader.chunks()) as chunks:
            opening = await self._opening(chunks)
            if not opening:
                self._end_without_run()
                return
            identity = await self._upserter.begin()
            self.identified.set()
            pace = (self._pace or (OURS if identity.ours else OTHERS)).with_options(
                self.state.options
            )
            if self._hurry:
                pace = replace(pace, post_secs=0.0)
            self._sender.keeps_steps_that_went_back = identity.ours
            async with anyio.create_task_group() as actors:
                await self._guarded(actors, self._carry, actors, chunks, opening, identity, pace)
        if self._error is not None:
            raise self._error
        if not self._stays_open:
            await anyio.to_thread.run_sync(self._fold)

    async def _stand(self) -> None:
        """Learn where a run that goes on stands, before its journals are read."""
        standing = await self._goes_on.standing()
        if standing is None:
            return
        self._description.go_on(
            standing.config,
            storage_id=None if self.state.identity else standing.storage_id,
            tags=standing.tags,
            notes=standing.notes,
        )
        self._sender.begin()
        self._sender.earlier_secs = standing.runtime
        self._summary.take(summary_record(standing.summary.items()))
        self._reader.base = self._goes_on.base(standing)

    async def _carry(
        self,
        actors: TaskGroup,
        chunks: AsyncGenerator[Chunk, None],
        opening: list[Chunk],
        identity: Identity,
        pace: Pace,
    ) -> None:
        streamed, filed, saved = anyio.Event(), anyio.Event(), anyio.Event()
        actors.start_soon(
            partial(self._guarded, over=streamed), actors, self._streamer.run, identity, pace
        )
        actors.start_soon(partial(self._guarded, over=filed), actors, self._files.run, identity)
        actors.start_soon(partial(self._guarded, over=saved), actors, self._artifacts.run, identity)
        actors.start_soon(self._guarded, actors, self._alerts.run, identity)
        await self._announce_metadata()
        async with anyio.create_task_group() as beside:
            beside.start_soon(self._guarded, actors, self._upserter.run, pace)
            beside.start_soon(self._guarded, actors, self._upserter.watch_for_stop, pace)
            beside.start_soon(self._guarded, actors, self._watch_children)
            await self._guarded(actors, self._pass_on, chunks, opening)
            beside.cancel_scope.cancel()
        await self._finish(streamed, filed, saved)

    async def _pass_on(self, chunks: AsyncGenerator[Chunk, None], opening: list[Chunk]) -> None:
        for chunk in opening:
            await self._sender.send(chunk)
        async for chunk in chunks:
            self._sender.describe(chunk)
            if self._sender.has_new_environment:
                await self._announce_metadata()
            await self._sender.send(chunk)

    async def _guarded(
        self,
        actors: TaskGroup,
        run: Callable[..., Awaitable[None]],
        *arguments: Any,
        over: anyio.Event | None = None,
    ) -> None:
        """Run a part of the delivery; its failure is kept as it is and ends the other parts."""
        try:
            await run(*arguments)
        except Exception as err:  # noqa: BLE001 - raised again when all parts have ended
            self._error = self._error or err
            actors.cancel_scope.cancel()
        if over is not None:
            over.set()

    async def _opening(self, chunks: AsyncGenerator[Chunk, None]) -> list[Chunk]:
        """Read until it is known what the run is: by what was sent before, or the first records."""
        opening: list[Chunk] = []
        async for chunk in chunks:
            self._sender.describe(chunk)
            self._holds_records |= any(kind != "header" for kind, _, _ in chunk.records)
            opening.append(chunk.without_rows() if chunk.known else chunk)
            if self._description.run and self._reader.has_read_known:
                break
        return opening if self._description.run else []

    def _end_without_run(self) -> None:
        """End where no record says what the run is."""
        for warning in self._reader.warnings:
            self.status.warn(warning)
        if self._holds_records:
            self._note_refusal(_NAMELESS)
        else:
            # An owner that died before it wrote anything: nobody need look at it again.
            self.state.finish(self._reader.sizes)

    @property
    def _stays_open(self) -> bool:
        return self._leave_open and self._exit_code is None

    async def _finish(self, streamed: anyio.Event, filed: anyio.Event, saved: anyio.Event) -> None:
        self._alerts.inbox.close()
        self._artifacts.inbox.close()
        await self._upserter.flush()
        if not self._stays_open:
            for name in await anyio.to_thread.run_sync(self._write_files):
                await self._files.inbox.put(FileReady(name))
        self._files.inbox.close()
        await filed.wait()
        await saved.wait()
        self._streamer.inbox.close()
        await streamed.wait()
        await self._alerts.end()
        self._warn()
        # A worker of a shared run says nothing of the run's end, however it ends itself.
        announce = bool(self.state.options.get("x_update_finish_state", True))
        await self._streamer.end(StreamEnd(self._exit_code, announce=announce))
        if self._stays_open:
            self.state.save()
            return
        if self._exit_code is None and announce:
            await self._upserter.tell_state("crashed")
        self.state.finish(self._reader.sizes)

    def _warn(self) -> None:
        for warning in self._reader.warnings:
            self.status.warn(warning)
        if self._sender.dropped_rows:
            self.status.warn(
                f"{self._sender.dropped_rows} rows whose step went back were not sent, since this "
                "server takes none; they are kept in the run's folder"
            )

    def _break_off(self, trouble: str) -> None:
        self.broke_off = True
        self.status.fail(trouble)

    def _note_refusal(self, reason: str, *, status: int | None = None) -> None:
        self.status.refused = self.status.refused or reason
        self.status.refused_status = status
        self.state.refused = reason
        try:
            self.state.save()
        except OSError:
            _LOGGER.exception("that run %s is refused could not be kept", self.state.run_id)

    # --- the owner's end ----------------------------------------------------------------------

    def _note_exit(self, exit_code: int) -> None:
        self._exit_code = exit_code
        if not self._living_writers():
            self._reader.end()
            return
        self._over.set()

    async def _watch_children(self) -> None:
        """After the owner's end, wait a little for its children before the journals are closed."""
        await self._over.wait()
        with anyio.move_on_after(_CHILD_SECS):
            while self._living_writers():  # noqa: ASYNC110 - other processes can set no event
                await anyio.sleep(_LOOK_SECS)
        if not self.state.source:
            await anyio.to_thread.run_sync(recover, self.state.folder)
        self._reader.end()

    def _living_writers(self) -> bool:
        """Whether other writers have rings, which they take along when they end."""
        try:
            names = os.listdir(self.state.run_folder)
        except OSError:
            return False
        return any(name.startswith("ring-") and name != _OWNER_RING for name in names)

    def _fold(self) -> None:
        """Put the journals of all writers into one, now that nobody needs them apart."""
        names = self.state.journals()
        if self.state.source or len(names) < 2:
            return
        if self._living_writers() or self.state.left_bytes() or self.state.alerts_left:
            return
        # Offsets mean nothing while files are put together: until then everything counts as sent.
        self.state.commit(replace(self.state.progress, journals=dict.fromkeys(names, _ALL)))
        recover(self.state.folder, sent=True)
        whole = {
            name: size_bytes(os.path.join(self.state.folder, name))
            for name in self.state.journals()
        }
        self.state.alerts = whole
        self.state.commit(replace(self.state.progress, journals=whole))

    # --- files of the run's own ---------------------------------------------------------------

    async def _announce_metadata(self) -> None:
        """Tell what is known of program and machine, again when more is known."""
        self._sender.has_new_environment = False
        metadata = self._description.metadata_json()
        name = "wandb-metadata.json"
        if metadata is not None and self._primary and self._files.write(name, metadata):
            await self._files.inbox.put(FileReady(name))

    @property
    def _primary(self) -> bool:
        return bool(self.state.options.get("x_primary", True))

    def _write_files(self) -> list[str]:
        """Write what a run has at its end; return the names."""
        if self.state.source:
            # What its own process has written is there.
            return [name for name in _AT_END if os.path.isfile(self._files.path(name))]
        made: dict[str, Callable[[], str | Iterator[str]]] = {}
        if self._primary:
            made = {
                "wandb-summary.json": self._summary.text,
                "config.yaml": self._description.config_yaml,
            }
        if not self.state.options.get("skip_console"):
            name = file_name(self.state.options, self._description.run.get("start_time", {}))
            printed = records_of_kind(self.state, *CONSOLE_KINDS)
            made[name] = partial(shown, printed)
        return [name for name, text in made.items() if self._files.write(name, text())]


def _headers(state: SyncState, writer_header: str) -> dict[str, str]:
    """Tell the writers of one run apart, where several processes send for it."""
    writer = state.options.get("writer_id")
    if not state.options.get("shared") or not writer:
        return {}
    return {"X-Wandb-Use-Async-Filestream": "true", writer_header: writer}
