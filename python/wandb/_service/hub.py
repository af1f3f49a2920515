"""The Hub: what other processes ask of the service, and which runs it delivers."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from anyio.abc import SocketListener, SocketStream, TaskGroup

from wandb._base.leftovers import recover
from wandb._base.retry import Backoff
from wandb._http.policy import GRAPHQL, RequestFailure
from wandb._service.artifact_ledger import kept_outcome
from wandb._service.delivery import Delivery, has_owner, told_by_state
from wandb._service.sampling import Sampling
from wandb._wire.frames import Message, Unframer, framed

__all__ = ("Hub",)

_LOGGER = logging.getLogger(__name__)
_PIECE_BYTES = 64 << 10
_IDLE_LOOK_SECS = 1.0
_DELIVERY_LOOK_SECS = 0.25
# A server that does not answer at once may be about to start; one that does not for longer is away.
_TROUBLE_SECS = 3.0
_ONCE = Backoff(0.0, 0.0, 0)


class Hub:
    """Answers connections and delivers runs until nobody needs it any more.

    Args:
        linger_secs: How long it stays when no process is connected and nothing goes on.
    """

    def __init__(self, *, linger_secs: float = 30.0) -> None:
        self._linger_secs = linger_secs
        self._deliveries: dict[str, Delivery] = {}
        self._connections: set[_Connection] = set()
        self._sampling = Sampling()
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
            self._sampling.stop_all(connection.sampled)
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
        connection.owned.add(folder)
        self._begin_sampling(connection, message)
        self._deliveries[folder].status.on_stop = lambda: connection.notify({"stop": folder})
        return {}

    async def _deliver(self, connection: _Connection, message: Message) -> Message:
        """Deliver what a run left whose owner is gone."""
        folder = message["folder"]
        await anyio.to_thread.run_sync(recover, folder)
        if folder in self._deliveries:
            return {}
        if has_owner(folder):
            return {"error": "the run's owner lives"}
        error = self._start(message, follow=False)
        return {"error": error} if error is not None else {}

    async def _sample(self, connection: _Connection, message: Message) -> Message:
        """Sample the machine for a run that is not delivered."""
        self._linger_secs = message.get("linger_secs", self._linger_secs)
        self._begin_sampling(connection, message)
        return {}

    def _begin_sampling(self, connection: _Connection, message: Message) -> None:
        if message.get("stats"):
            connection.sampled.add(message["folder"])
            self._sampling.begin(self._group, message)

    async def _rest(self, connection: _Connection, message: Message) -> Message:
        """Stop sampling for a run, and wait until its journal is closed."""
        connection.sampled.discard(message["folder"])
        await self._sampling.end(message["folder"])
        return {}

    async def _stats(self, connection: _Connection, message: Message) -> Message:
        """Tell the samples that were kept for the script."""
        return {"stats": self._sampling.kept(message["folder"])}

    async def _identity(self, connection: _Connection, message: Message) -> Message:
        """Wait for the server's word on a run; not for long if it is known to be away."""
        delivery = self._deliveries.get(message["folder"])
        if delivery is None:
            return told_by_state(message["folder"])
        async with anyio.create_task_group() as group:
            group.cancel_scope.deadline = anyio.current_time() + message["secs"]
            group.start_soon(_give_up, delivery.status.troubled, group.cancel_scope)
            await delivery.identified.wait()
            group.cancel_scope.cancel()
        return delivery.told()

    async def _abandon(self, connection: _Connection, message: Message) -> Message:
        """Deliver nothing of a run that was not started after all."""
        folder = message["folder"]
        delivery = self._deliveries.get(folder)
        if delivery is None:
            return {"error": "the service does not have this run"}
        delivery.abandon(message["reason"])
        await delivery.over.wait()
        self._drop(folder)
        return {}

    async def _artifact(self, connection: _Connection, message: Message) -> Message:
        """Wait until it is known what became of an artifact."""
        delivery = self._deliveries.get(message["folder"])
        if delivery is None:
            asked = (message["folder"], message["key"])
            outcome = await anyio.to_thread.run_sync(kept_outcome, *asked)
        else:
            outcome = delivery.ledger.get(message["key"])
        if outcome is None and delivery is not None:
            with anyio.move_on_after(message["secs"]):
                outcome = await delivery.outcome_of(message["key"])
        if outcome is not None:
            return {"artifact": outcome.artifact_id, "failed": outcome.error}
        if delivery is None or delivery.over.is_set():
            told = delivery.told() if delivery else told_by_state(message["folder"])
            reason = told.get("refused") or told.get("trouble") or told.get("error")
            return {"failed": reason or "the run is over, and nothing was heard of the artifact"}
        return {"trouble": delivery.trouble}

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
        folder = message["folder"]
        # Its owner has finished, and may have found no time to say so before.
        await self._sampling.end(folder)
        with anyio.move_on_after(message["secs"]):
            await self._until_over(folder)
        delivery = self._deliveries.get(folder)
        self._drop(folder)
        return told_by_state(folder) if delivery is None else delivery.told()

    async def _until_over(self, folder: str) -> None:
        while (delivery := self._deliveries.get(folder)) is None:
            told = told_by_state(folder)
            if "error" in told or told["done"]:
                return
            await anyio.sleep(_DELIVERY_LOOK_SECS)
        await delivery.over.wait()

    # --- deliveries ---------------------------------------------------------------------------

    def _start(self, message: Message, *, follow: bool) -> str | None:
        """Begin to deliver; return why not."""
        delivery = Delivery(message, follow=follow)
        if hindrance := delivery.hindrance():
            return hindrance
        self._deliveries[delivery.folder] = delivery
        self._group.start_soon(self._run, delivery)
        return None

    async def _run(self, delivery: Delivery) -> None:
        try:
            await delivery.run()
        except Exception as err:
            delivery.status.fail(f"the service failed ({err!r})")
            _LOGGER.exception("a delivery failed: %s", delivery.folder)
        if not any(delivery.folder in connection.owned for connection in self._connections):
            self._drop(delivery.folder)

    def _drop(self, folder: str) -> None:
        """Forget a delivery that has ended: what is asked of it later, its folder tells."""
        delivery = self._deliveries.get(folder)
        if delivery is not None and delivery.over.is_set():
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
        return [(one.moves, one.over.is_set()) for one in deliveries]


class _Connection:
    """One process that asks."""

    def __init__(
        self,
        stream: SocketStream,
        answer: Callable[[_Connection, Message], Awaitable[Message]],
    ) -> None:
        self.owned: set[str] = set()
        self.sampled: set[str] = set()
        self._stream, self._answer = stream, answer
        self._sending = anyio.Lock()
        self._open = True

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
            self._open = False
            self._group.cancel_scope.cancel()

    def notify(self, notice: Message) -> bool:
        """Say something that nobody asked for; return whether somebody is there to hear it."""
        if self._open:
            self._group.start_soon(self._send, notice)
        return self._open

    async def _reply(self, message: Message) -> None:
        try:
            reply = await self._answer(self, message)
        except (KeyError, TypeError) as err:
            reply = {"error": f"the request can't be understood ({err!r})"}
        except Exception as err:
            _LOGGER.exception("a request failed: %s", message.get("do"))
            reply = {"error": f"the service failed ({err!r})"}
        await self._send({"id": message.get("id"), **reply})

    async def _send(self, message: Message) -> None:
        async with self._sending:
            try:
                await self._stream.send(framed(message))
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # `run` sees the same


_REQUESTS: dict[str, Callable[[Hub, _Connection, Message], Awaitable[Message]]] = {
    "abandon": Hub._abandon,
    "artifact": Hub._artifact,
    "attach": Hub._attach,
    "deliver": Hub._deliver,
    "link": Hub._link,
    "identity": Hub._identity,
    "rest": Hub._rest,
    "sample": Hub._sample,
    "stats": Hub._stats,
    "wait": Hub._wait,
}


async def _give_up(troubled: anyio.Event, scope: anyio.CancelScope) -> None:
    """End a wait some seconds after the first trouble: a script must not stand for a server."""
    await troubled.wait()
    await anyio.sleep(_TROUBLE_SECS)
    scope.cancel()
