"""Alerts: what people are to be told, each carried to the server once."""

from __future__ import annotations

from collections import deque

import anyio

from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.policy import UPSERT, Policy, RequestFailure
from wandb._service.actor import Inbox
from wandb._service.events import AlertRaised
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.graphql import operation

__all__ = ("Alerts",)

_NAME = "NotifyScriptableRunAlert"
_ONCE = Backoff(0.0, 0.0, 0)
# At its end a run has no long wait for its alerts, whatever the server makes of them.
_LAST = Backoff(0.5, 4.0, 4)
_END_SECS = 30.0


class Alerts:
    """Passes on what comes into its inbox; ends when the inbox is closed and empty.

    An alert waits for a server that is away as rows do, but no run ends later for it: what is left
    then is counted in the state, and the next sync passes it on. One that the server refuses is
    named to the user, and the run goes on.

    Args:
        state: Where is written down which alerts the server has.
        client: Whom to send to.
        status: Told of troubles, and of alerts that were not passed on.
        policy: Which failures are final, and how long to try.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        status: DeliveryStatus,
        *,
        policy: Policy = UPSERT,
    ) -> None:
        self.inbox: Inbox[AlertRaised] = Inbox()
        self._state, self._client, self._status = state, client, status
        self._policy, self._backoff = policy.with_backoff(_ONCE), policy.backoff
        self._waiting: deque[AlertRaised] = deque()
        self._trouble: str | None = None
        self._scope = anyio.CancelScope()
        self._ending, self._over = anyio.Event(), anyio.Event()

    def has(self, journal: str, end: int) -> bool:
        """Whether the server has the alert that ends here, or has refused it."""
        return end <= self._state.alerts.get(journal, 0)

    async def run(self, identity: Identity) -> None:
        """Pass alerts on until the inbox is closed and empty, or `end` has given up."""
        try:
            with self._scope:
                while await self.inbox.wait():
                    self._waiting.extend(self.inbox.take_waiting())
                    while self._waiting and self._trouble is None:
                        await self._pass_on(self._waiting[0], identity)
        finally:
            self._over.set()

    async def end(self) -> None:
        """Give what waits a last chance; the inbox is closed."""
        self._ending.set()
        with anyio.move_on_after(_END_SECS):
            await self._over.wait()
        self._scope.cancel()
        await self._over.wait()
        self._state.alerts_left = left = len(self._waiting) + len(self.inbox)
        if left:
            self._status.warn(
                f"{left} alert{'s were' if left > 1 else ' was'} not passed on "
                f"({self._trouble or 'the server does not answer'}); `wandb sync` tries again"
            )

    async def _pass_on(self, alert: AlertRaised, identity: Identity) -> None:
        """Tell the server of the first alert, or note why that can't be done."""
        failures, at_end = 0, False
        while (trouble := await self._try(alert, identity)) is not None:
            if self._ending.is_set() and not at_end:
                failures, at_end = 0, True
            failures += 1
            if failures > (
                min(self._backoff.tries, _LAST.tries) if at_end else self._backoff.tries
            ):
                self._trouble = trouble
                return
            await self._pause(failures, at_end=at_end)
        self._waiting.popleft()
        self._state.alerts[alert.journal] = alert.end
        self._state.save()

    async def _pause(self, failures: int, *, at_end: bool) -> None:
        secs = self._backoff.wait_secs(failures)
        if at_end:
            await anyio.sleep(min(secs, _LAST.wait_secs(failures)))
            return
        with anyio.move_on_after(secs):
            await self._ending.wait()

    async def _try(self, alert: AlertRaised, identity: Identity) -> str | None:
        """Ask once; return why it is to be asked again, if it is."""
        try:
            await execute(
                self._client,
                operation(_NAME),
                _variables(alert, identity),
                operation=_NAME,
                policy=self._policy,
            )
        except RequestFailure as err:
            if not err.final:
                return str(err)
            title = alert.content.get("title", "")
            self._status.warn(f"the server did not take the alert {title!r} ({err})")
        return None


def _variables(alert: AlertRaised, identity: Identity) -> dict[str, object]:
    content = alert.content
    return {
        "entityName": identity.entity,
        "projectName": identity.project,
        "runName": identity.run,
        "title": content.get("title", ""),
        "text": content.get("text", ""),
        "severity": content.get("level") or "INFO",
        "waitDuration": content.get("wait_duration", 0),
    }
