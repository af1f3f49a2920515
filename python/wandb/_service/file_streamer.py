"""The FileStreamer: a run's lines in order, in as few requests as will do, one at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from urllib.parse import quote

import anyio

from wandb._http.client import Client
from wandb._http.policy import FILE_STREAM, Policy, RequestFailure
from wandb._service.actor import Inbox
from wandb._service.events import LinesReady, StreamEnd
from wandb._service.logic.batch import Batch, fits
from wandb._service.logic.pace import Pace
from wandb._service.status import DeliveryStatus
from wandb._service.syncstate import Identity, SyncState
from wandb._wire.filestream import SUMMARY, StreamBody

__all__ = ("FileStreamer",)

_LOGGER = logging.getLogger(__name__)


class FileStreamer:
    """Posts what comes into its inbox; ends when the inbox is closed and everything is posted.

    Args:
        state: Where is written down what the server has.
        client: Whom to post to.
        status: Told of troubles and of what was left out.
        summary: Returns the present summary as JSON.
        headers: Added to each request.
        policy: Which failures are final.
    """

    def __init__(
        self,
        state: SyncState,
        client: Client,
        status: DeliveryStatus,
        *,
        summary: Callable[[], str],
        headers: Mapping[str, str] | None = None,
        policy: Policy = FILE_STREAM,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self.inbox: Inbox[LinesReady] = Inbox(size_bytes=16 << 20)
        self._state, self._client, self._status = state, client, status
        self._summary, self._headers, self._policy = summary, dict(headers or {}), policy
        self._clock = clock
        self._uploaded: list[str] = []
        self._posted_at = self._summary_at = float("-inf")
        self._summary_sent = ""

    def note_uploaded(self, name: str) -> None:
        """Tell the server with the next request that a file was uploaded."""
        self._uploaded.append(name)

    async def run(self, identity: Identity, pace: Pace) -> None:
        """Post until the inbox is closed and empty.

        Args:
            identity: Who the run is for the server.
            pace: How often to post.

        Raises:
            RequestFailure: The server takes no more of this run.
        """
        self._url = _stream_path(identity)
        self._pace = pace
        try:
            await self._resend()
            while await self._wait():
                await self._post_waiting()
        except RequestFailure as err:
            self._refuse(err)
            raise

    async def end(self, end: StreamEnd) -> None:
        """Post the last summary and, if it is to be told, the end of the run."""
        text = self._fitting_summary()
        files = {SUMMARY: (0, [text])} if text is not None else {}
        code = end.exit_code if end.announce else None
        body = StreamBody(files=files, uploaded=self._take_uploaded(), exit_code=code)
        try:
            await self._post(body.encode())
        except RequestFailure as err:
            self._refuse(err)
            raise

    # --- one turn -----------------------------------------------------------------------------

    async def _wait(self) -> bool:
        """Wait until it is time to post; False when all is posted and no more comes."""
        while not self._uploaded and not len(self.inbox):
            if self.inbox.closed:
                return False
            with anyio.move_on_after(self._pace.heartbeat_secs) as silence:
                await self.inbox.wait()
            if silence.cancelled_caught:
                return True
        due = self._posted_at + self._pace.post_secs - self._clock()
        if due > 0:
            with anyio.move_on_after(due):
                await self.inbox.wait_closed_or_filled(self._pace.batch_bytes)
        return True

    async def _post_waiting(self) -> None:
        """Post what waits; nothing at all is a heartbeat."""
        batch = Batch(self._state.progress, most_line_bytes=self._pace.line_bytes)
        for update in self.inbox.take_waiting(most_bytes=self._pace.batch_bytes):
            batch.add(update)
        for warning in batch.warnings:
            self._status.warn(warning)
        bodies = [
            body.encode() for body in batch.bodies(self._take_uploaded(), self._due_summary())
        ]
        if batch.is_empty:
            await self._post_all(bodies)
            return
        self._state.begin(bodies, batch.after)
        await self._post_all(bodies)
        self._state.commit(batch.after)

    async def _post_all(self, bodies: list[bytes]) -> None:
        for body in bodies:
            await self._post(body)

    async def _resend(self) -> None:
        """Send what was written down and may have reached the server, the very same again."""
        flight = self._state.in_flight()
        if flight is None:
            return
        bodies, after = flight
        await self._post_all(bodies)
        self._state.commit(after)

    def _due_summary(self) -> str | None:
        now = self._clock()
        if now < self._summary_at + self._pace.summary_secs:
            return None
        text = self._fitting_summary()
        if text is None or text == self._summary_sent:
            return None
        self._summary_at, self._summary_sent = now, text
        return text

    def _fitting_summary(self) -> str | None:
        """Return the present summary; None if the server would refuse the request for it."""
        text = self._summary()
        if fits(text, self._pace.line_bytes):
            return text
        self._status.warn(
            "the summary is longer than the server takes and was not sent; it is kept in the "
            "run's folder"
        )
        return None

    def _take_uploaded(self) -> list[str]:
        names, self._uploaded = self._uploaded, []
        return names

    # --- one request --------------------------------------------------------------------------

    async def _post(self, body: bytes) -> None:
        answer = await self._client.request(
            "POST",
            self._url,
            policy=self._policy,
            body=body,
            headers={"Content-Type": "application/json", **self._headers},
            watch=self._status.watch,
        )
        self._posted_at = self._clock()
        self._status.moved()
        content = answer.json()
        stop = isinstance(content, dict) and content.get("stopped") is True
        if stop and self._status.ask_to_stop():
            self._state.note_stop()

    def _refuse(self, error: RequestFailure) -> None:
        """Note that no more can be sent; the journal keeps everything."""
        if error.final:
            self._status.refused, self._status.refused_status = str(error), error.status
            _LOGGER.error("the server takes no more of run %s: %s", self._state.run_id, error)


def _stream_path(identity: Identity) -> str:
    parts = (quote(part, safe="") for part in (identity.entity, identity.project, identity.run))
    return f"/files/{'/'.join(parts)}/file_stream"
