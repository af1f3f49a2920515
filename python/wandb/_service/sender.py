"""The Sender: each record to the actor that carries it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from wandb._service.alerts import Alerts
from wandb._service.artifact_uploader import ArtifactUploader
from wandb._service.events import AlertRaised, FileReady, LinesReady
from wandb._service.file_streamer import FileStreamer
from wandb._service.logic.console import ConsoleLines, is_stderr, stamped, stream_of
from wandb._service.logic.description import Description
from wandb._service.reader import Chunk
from wandb._service.run_files import RunFiles
from wandb._service.syncstate import SyncState
from wandb._service.upserter import Upserter

__all__ = ("CONSOLE_KINDS", "Sender")

Json = dict[str, Any]

# What was printed; the second is what a released client keeps of a stream it redirects.
CONSOLE_KINDS = ("output_raw", "output")


class Sender:
    """Takes the chunks of the Reader, in its order.

    Args:
        state: Where things stand when it begins.
        description: Gets what is said of the run.
        streamer: Gets lines.
        files: Gets files.
        alerts: Gets alerts.
        artifacts: Gets artifacts.
        upserter: Is told when the description changed.
        exited: Called with the exit code when the owner's exit record was read.

    Attributes:
        keeps_steps_that_went_back: The server takes them; set once it is known.
        has_new_environment: What is known of program and machine has changed; set back by whoever
            tells it.
        earlier_secs: How long the run had been running before it went on here.
        dropped_rows: Rows that the server was not sent for their step.
    """

    def __init__(
        self,
        state: SyncState,
        description: Description,
        streamer: FileStreamer,
        files: RunFiles,
        alerts: Alerts,
        artifacts: ArtifactUploader,
        upserter: Upserter,
        *,
        exited: Callable[[int], None],
    ) -> None:
        self._state, self._description = state, description
        self._streamer, self._files, self._upserter = streamer, files, upserter
        self._alerts, self._artifacts = alerts, artifacts
        self._exited = exited
        self.begin()
        self._owner = f"run-{state.run_id}.wandb"
        self._start_secs = 0.0
        self.keeps_steps_that_went_back = self.has_new_environment = False
        self.earlier_secs = 0.0
        self.dropped_rows = 0

    def begin(self) -> None:
        """Go on from what the state says."""
        settled = self._state.settled()
        self._console = ConsoleLines(settled.console)
        self._steps = dict(settled.steps)

    def describe(self, chunk: Chunk) -> None:
        """Take in what a chunk says of the run itself, and of files."""
        for kind, content, _ in chunk.records:
            if self._description.take(kind, content):
                self._upserter.change()
            if kind == "run":
                start = content.get("start_time", {})
                self._start_secs = _secs(start)
            elif kind == "environment":
                self.has_new_environment = True
            elif kind == "exit" and chunk.journal == self._owner:
                self._exited(content.get("exit_code", 0))

    async def send(self, chunk: Chunk) -> None:
        """Carry on what a chunk holds."""
        top = self._steps.get(chunk.journal)
        for kind, content, end in chunk.records:
            if kind == "history":
                top = content[0] if top is None else max(top, content[0] or 0)
            elif kind == "artifact":
                self._artifacts.offer(content, step=None if top is None else top + 1)
            elif kind == "files":
                await self._announce(content, known=chunk.known)
            elif kind == "alert" and not self._alerts.has(chunk.journal, end):
                await self._alerts.inbox.put(AlertRaised(chunk.journal, end, content))
        if not chunk.known:
            await self._stream(chunk)

    async def _announce(self, content: Json, *, known: bool) -> None:
        """Pass on which files are to go; what was said before may have been done before."""
        for item in content.get("files", ()):
            name, policy = item.get("path", ""), item.get("policy", "NOW")
            if policy != "NOW":
                await self._files.inbox.put(FileReady(name, at_end=True, live=policy == "LIVE"))
            elif not (known and self._files.has(name)):
                await self._files.inbox.put(FileReady(name))

    async def _stream(self, chunk: Chunk) -> None:
        history: list[str] = []
        events: list[str] = []
        size_bytes, preempting, printed = 0, False, False
        for kind, content, _ in chunk.records:
            if kind == "history":
                if self._takes(chunk.journal, content[0]):
                    history.append(content[1])
                    size_bytes += len(content[1])
            elif kind in CONSOLE_KINDS and not self._state.options.get("skip_console"):
                self._print(chunk.journal, content)
                printed = True
            elif kind == "stats":
                events.append(self._event(content))
            elif kind == "preempting":
                preempting = True
        console = self._console_lines()
        size_bytes += sum(map(len, events)) + sum(map(len, console.values()))
        update = LinesReady(
            journal=chunk.journal,
            end=chunk.end,
            history=history,
            events=events,
            console=console,
            # The cursor may have moved where no line changed.
            console_state=self._console.state() if printed else None,
            top_step=self._steps.get(chunk.journal),
            preempting=preempting,
        )
        await self._streamer.inbox.put(update, size_bytes=size_bytes, urgent=preempting)

    def _takes(self, journal: str, step: int | None) -> bool:
        """Whether the server is sent a row of this step; another server's client would drop it."""
        if step is None:
            return True
        top = self._steps.get(journal)
        if top is not None and step < top:
            if self.keeps_steps_that_went_back:
                return True
            self.dropped_rows += 1
            return False
        self._steps[journal] = step
        return True

    def _print(self, journal: str, content: Json) -> None:
        secs = _secs(content.get("timestamp", {}))
        self._console.write(stream_of(journal, content), content.get("line", ""), secs)

    def _console_lines(self) -> dict[int, str]:
        """Return the lines that changed since the last time, as servers take them."""
        label = self._state.options.get("x_label")
        return {
            line.number: stamped(
                line.text, stderr=is_stderr(line.stream), timestamp=line.timestamp, label=label
            )
            for line in self._console.take_changed()
        }

    def _event(self, content: Json) -> str:
        secs = _secs(content.get("timestamp", {}))
        label = self._state.options.get("x_label")
        suffix = f"/l:{label}" if label else ""
        members = [
            f'"system.{_quoted(item.get("key", ""))}{suffix}":{item.get("value_json", "null")}'
            for item in content.get("item", ())
        ]
        runtime = max(0.0, secs - self._start_secs) + self.earlier_secs
        head = f'"_wandb":true,"_timestamp":{secs!r},"_runtime":{runtime!r}'
        return "{" + ",".join([head, *members]) + "}"


def _secs(stamp: Json) -> float:
    return float(stamp.get("seconds", 0) + stamp.get("nanos", 0) / 1e9)


def _quoted(name: str) -> str:
    return json.dumps(name)[1:-1]
