"""Alerts: what people are to be told, each carried to the server once."""

from __future__ import annotations

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


class Alerts:
    """Passes on what comes into its inbox; ends when the inbox is closed and empty.

    An alert waits as long as rows do for a server that is away. One that the server refuses is
    named to the user, and the run goes on.

    Args:
        state: Where is written down which alerts the server has.
        client: Whom to send to.
        status: Told of troubles, and of alerts that were refused.
        policy: Which failures are final.
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
        self._state, self._client, self._status, self._policy = state, client, status, policy

    def has(self, journal: str, end: int) -> bool:
        """Whether the server has the alert that ends here, or has refused it."""
        return end <= self._state.alerts.get(journal, 0)

    async def run(self, identity: Identity) -> None:
        """Pass alerts on until the inbox is closed and empty.

        Raises:
            RequestFailure: The server could not be reached long enough; the rest goes next time.
        """
        while await self.inbox.wait():
            for alert in self.inbox.take_waiting():
                await self._pass_on(alert, identity)

    async def _pass_on(self, alert: AlertRaised, identity: Identity) -> None:
        try:
            await execute(
                self._client,
                operation(_NAME),
                _variables(alert, identity),
                operation=_NAME,
                policy=self._policy,
                watch=self._status.watch,
            )
        except RequestFailure as err:
            if not err.final:
                raise
            title = alert.content.get("title", "")
            self._status.warn(f"the server did not take the alert {title!r} ({err})")
        self._state.alerts[alert.journal] = alert.end
        self._state.save()


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
