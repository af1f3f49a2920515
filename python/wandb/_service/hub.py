"""The Hub: what other processes ask of the service, and which runs it delivers."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import anyio
from anyio.abc import SocketListener, SocketStream, TaskGroup

from wandb._base.logs import close_debug_log, open_task_log
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.options import HttpOptions
from wandb._http.policy import FILE_STREAM, GRAPHQL, TRANSFER, UPSERT, RequestFailure
from wandb._native import NativeError, recover_folder
from wandb._service.folderlock import FolderLock
from wandb._service.localserver import LocalServerMissing, running_server
from wandb._service.runstream import Policies, RunStream
from wandb._service.syncstate import SyncState
from wandb._wire.frames import Message, Unframer, framed

__all__ = ("Hub", "policies")

_LOGGER = logging.getLogger(__name__)
_PIECE_BYTES = 64 << 10
# How often is looked whether a run's owner lives: its connection tells sooner, unless a child
# of it holds the connection open.
_LOOK_SECS = 2.0
_LOOK_AGAIN_SECS = 0.25
_IDLE_LOOK_SECS = 0.25
_LOCAL_LOOK_SECS = 2.0
# A server that does not answer at once may be about to start; one that does not for longer is away.
_TROUBLE_SECS = 3.0
# A server on this machine is back within a moment.
_NEAR = Backoff(0.25, 5.0, 100_000)
_ONCE = Backoff(0.0, 0.0, 0)


@dataclass(slots=True)
class _Delivery:
    stream: RunStream
    client: Client
    lock: FolderLock
    # Whether the owner may still write: then nobody leaves before it is known to be gone.
    owner_lives: bool
    owner_left: anyio.Event = field(default_factory=anyio.Event)


class Hub:
    """Answers connections and delivers runs until nobody needs it any more.

    Args:
        linger_secs: How long it stays when no process is connected and nothing goes on.
    """

    def __init__(self, *, linger_secs: float = 30.0) -> None:
        self._linger_secs = linger_secs
        self._deliveries: dict[str, _Delivery] = {}
        self._connections: set[_Connection] = set()
        self._group: TaskGroup

    async def serve(self, listener: SocketListener) -> None:
        """Serve until idle."""
        async with anyio.create_task_group() as self._group:
            self._group.start_soon(listener.serve, self._meet)
            await self._wait_until_idle()
            self._group.cancel_scope.cancel()

    # --- connections --------------------------------------------------------------------------

    async def _meet(self, stream: SocketStream) -> None:
        connection = _Connection(stream, self._answer)
        self._connections.add(connection)
        try:
            async with stream:
                await connection.run()
        finally:
            self._connections.discard(connection)
            for folder in connection.owned:
                if delivery := self._deliveries.get(folder):
                    delivery.owner_left.set()
                    self._drop(folder)

    async def _answer(self, connection: _Connection, message: Message) -> Message:
        handler = _REQUESTS.get(str(message.get("do")))
        if handler is None:
            return {"error": f"the service knows no request {message.get('do')!r}"}
        return await handler(self, connection, message)

    async def _attach(self, connection: _Connection, message: Message) -> Message:
        """Deliver a run whose owner is connected."""
        folder = message["folder"]
        self._linger_secs = message.get("linger_secs", self._linger_secs)
        if folder not in self._deliveries:
            error = self._start(message, follow=True)
            if error is not None:
                return {"error": error}
        delivery = self._deliveries[folder]
        connection.owned.add(folder)
        delivery.stream.status.on_stop = lambda: connection.notify({"stop": folder})
        return {}

    async def _deliver(self, connection: _Connection, message: Message) -> Message:
        """Deliver what a run left whose owner is gone."""
        folder = message["folder"]
        if folder in self._deliveries:
            return {}
        await _recover(folder)
        if _has_owner(folder):
            return {"error": "the run's owner lives"}
        error = self._start(message, follow=False)
        return {"error": error} if error is not None else {}

    async def _identity(self, connection: _Connection, message: Message) -> Message:
        """Wait for the server's word on a run; not for long if it is known to be away."""
        delivery = self._deliveries.get(message["folder"])
        if delivery is None:
            return _told_by_state(message["folder"])
        stream = delivery.stream
        async with anyio.create_task_group() as group:
            group.cancel_scope.deadline = anyio.current_time() + message["secs"]
            group.start_soon(_give_up, stream.status.troubled, group.cancel_scope)
            await stream.identified.wait()
            group.cancel_scope.cancel()
        return stream.told()

    async def _link(self, connection: _Connection, message: Message) -> Message:
        """Get an address of a page that opens without a password, once."""
        delivery = self._deliveries.get(message["folder"])
        if delivery is None:
            return {"error": "the service does not have this run"}
        try:
            answer = await delivery.client.request(
                "POST",
                "/api/v1/links",
                policy=GRAPHQL.with_backoff(_ONCE),
                body=json.dumps({"path": message["path"]}).encode(),
                headers={"Content-Type": "application/json"},
            )
        except RequestFailure as err:
            return {"error": str(err)}
        content = answer.json()
        return {"url": content.get("url")} if isinstance(content, dict) else {}

    async def _wait(self, connection: _Connection, message: Message) -> Message:
        """Wait until a run is delivered."""
        delivery = self._deliveries.get(message["folder"])
        if delivery is None:
            return _told_by_state(message["folder"])
        with anyio.move_on_after(message["secs"]):
            await delivery.stream.done.wait()
        self._drop(message["folder"])
        return delivery.stream.told()

    # --- deliveries ---------------------------------------------------------------------------

    def _start(self, message: Message, *, follow: bool) -> str | None:
        """Begin to deliver; return why not."""
        folder = message["folder"]
        state = SyncState.load(folder)
        if state is None:
            return "the run's folder has no state to go on from"
        if not state.is_due():
            return "there is nothing to deliver"
        lock = FolderLock(folder)
        try:
            if not lock.take():
                return "another process delivers this run"
        except OSError as err:
            return f"the run's folder can't be locked ({err.strerror})"
        options = HttpOptions(**message.get("http", {}))
        client = Client(message["base_url"], message["api_key"], options)
        near = policies(near=bool(message.get("near")))
        stream = RunStream(state, client, follow=follow, policies=near)
        delivery = self._deliveries[folder] = _Delivery(stream, client, lock, follow)
        self._group.start_soon(self._run, folder, delivery, client)
        if message.get("local"):
            self._group.start_soon(_keep_local_server, delivery)
        if follow:
            self._group.start_soon(_watch_owner, folder, delivery)
        return None

    async def _run(self, folder: str, delivery: _Delivery, client: Client) -> None:
        log = _run_log(folder)
        try:
            async with client:
                await delivery.stream.run()
        finally:
            delivery.lock.release(for_good=delivery.stream.state.finished)
            if log is not None:
                close_debug_log(log)
        if not any(folder in connection.owned for connection in self._connections):
            self._drop(folder)

    def _drop(self, folder: str) -> None:
        """Forget a delivery that has ended: what is asked of it later, its folder tells."""
        delivery = self._deliveries.get(folder)
        if delivery is not None and delivery.stream.done.is_set():
            del self._deliveries[folder]

    # --- its own end --------------------------------------------------------------------------

    async def _wait_until_idle(self) -> None:
        seen: Any = None
        since = anyio.current_time()
        while True:
            now, moves = anyio.current_time(), self._moves()
            if self._connections or moves != seen or self._has_owners():
                seen, since = moves, now
            elif now >= since + self._linger_secs:
                return
            await anyio.sleep(min(_IDLE_LOOK_SECS, max(self._linger_secs / 4, 0.01)))

    def _has_owners(self) -> bool:
        return any(one.owner_lives for one in self._deliveries.values())

    def _moves(self) -> Any:
        deliveries = self._deliveries.values()
        return [(one.stream.status.moves, one.stream.done.is_set()) for one in deliveries]


class _Connection:
    """One process that asks."""

    def __init__(
        self,
        stream: SocketStream,
        answer: Callable[[_Connection, Message], Awaitable[Message]],
    ) -> None:
        self.owned: set[str] = set()
        self._stream, self._answer = stream, answer
        self._sending = anyio.Lock()

    async def run(self) -> None:
        """Answer until the process closes the connection or dies."""
        unframer = Unframer()
        async with anyio.create_task_group() as self._group:
            try:
                while True:
                    for message in unframer.feed(await self._stream.receive(_PIECE_BYTES)):
                        # Requests that wait must not hold up others.
                        self._group.start_soon(self._reply, message)
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass
            except ValueError as err:
                _LOGGER.warning("a connection is closed: %s", err)
            self._group.cancel_scope.cancel()

    def notify(self, notice: Message) -> None:
        """Say something that nobody asked for."""
        self._group.start_soon(self._send, notice)

    async def _reply(self, message: Message) -> None:
        try:
            reply = await self._answer(self, message)
        except (KeyError, TypeError) as err:
            reply = {"error": f"the request can't be understood ({err!r})"}
        await self._send({"id": message.get("id"), **reply})

    async def _send(self, message: Message) -> None:
        async with self._sending:
            try:
                await self._stream.send(framed(message))
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # `run` sees the same


_REQUESTS: dict[str, Callable[[Hub, _Connection, Message], Awaitable[Message]]] = {
    "attach": Hub._attach,
    "deliver": Hub._deliver,
    "link": Hub._link,
    "identity": Hub._identity,
    "wait": Hub._wait,
}


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


async def _watch_owner(folder: str, delivery: _Delivery) -> None:
    """See the owner's death: the lock of the run's `control` is free then."""
    while not delivery.stream.done.is_set():
        with anyio.move_on_after(_LOOK_SECS):
            await delivery.owner_left.wait()
        if delivery.owner_left.is_set():
            await anyio.sleep(_LOOK_AGAIN_SECS)
        await _recover(folder)
        if not _has_owner(folder):
            delivery.stream.owner_is_gone()
            break
    delivery.owner_lives = False


async def _give_up(troubled: anyio.Event, scope: anyio.CancelScope) -> None:
    """End a wait some seconds after the first trouble: a script must not stand for a server."""
    await troubled.wait()
    await anyio.sleep(_TROUBLE_SECS)
    scope.cancel()


def _told_by_state(folder: str) -> Message:
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


def _has_owner(folder: str) -> bool:
    """Whether the run's owner lives; `_recover` takes away what a dead one has left."""
    return os.path.exists(os.path.join(folder, "control"))


async def _keep_local_server(delivery: _Delivery) -> None:
    """Start the user's own server again if it dies under a run: it comes back on its port."""
    stream = delivery.stream
    while not stream.done.is_set():
        with anyio.move_on_after(_LOCAL_LOOK_SECS):
            await stream.done.wait()
        if stream.status.trouble is None:
            continue
        try:
            await anyio.to_thread.run_sync(running_server)
        except LocalServerMissing as err:
            _LOGGER.warning("the local server can't be started again: %s", err)


async def _recover(folder: str) -> None:
    try:
        await anyio.to_thread.run_sync(recover_folder, folder)
    except (OSError, NativeError) as err:
        _LOGGER.warning("leftovers of a run stay (%s): %s", err, folder)


def _run_log(folder: str) -> logging.Handler | None:
    try:
        return open_task_log(os.path.join(folder, "logs", "debug-internal.log"))
    except OSError:
        return None
