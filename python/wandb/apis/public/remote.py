"""A run on a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from urllib.parse import quote

from wandb._base.jsonable import json_dumps_safer
from wandb.apis.public.console import ConsoleLogLine
from wandb.apis.public.history import by_time
from wandb.apis.public.paginator import Page
from wandb.apis.public.remote_console import PAGE_LINES, every_line, lines_of_file
from wandb.apis.public.remote_files import RemoteFile
from wandb.apis.public.remote_history import cut, every_row, flat, unambiguous
from wandb.apis.public.server import Server
from wandb.apis.public.source import Row, RunChanges, RunFacts, Scan, StoredFile
from wandb.apis.public.times import moment_of
from wandb.errors import CommError


class NotFound(CommError, ValueError):
    """The server has no such thing, or not for this key; programs catch either class."""


_METADATA = "wandb-metadata.json"
_CONSOLE = "output.log"
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RemoteRun:
    """One run on a server; a `RunSource`."""

    server: Server
    entity: str
    project: str
    name: str

    @property
    def read_only(self) -> bool:
        """Whether the run can't be changed: the server says so when asked to."""
        return False

    @property
    def url(self) -> str:
        """The run's page."""
        place = f"{quote(self.entity)}/{quote(self.project, safe='')}"
        return f"{self.server.app_url}/{place}/runs/{quote(self.name, safe='=+&$@')}"

    def facts(self) -> RunFacts:
        """Read everything but history, console and files."""
        return run_facts(self._ask("ReadRun"), entity=self.entity, project=self.project)

    def state(self) -> str:
        """Tell whether it runs, or how it ended."""
        return str(self._ask("ReadRunState")["state"])

    def last_step(self) -> int:
        """Return the highest step logged so far; -1 without rows."""
        last = (self.history_keys() or {}).get("lastStep")
        return -1 if last is None else int(last)

    def history_keys(self) -> dict[str, Any] | None:
        """Tell which metrics were logged."""
        keys = self._ask("ReadHistoryKeys").get("historyKeys")
        return json.loads(keys) if isinstance(keys, str) else keys

    def metadata(self) -> dict[str, Any] | None:
        """Return the content of `wandb-metadata.json`; None where the run has none."""
        text = self._text_of(_METADATA)
        return None if text is None else _object(text)

    def sampled(self, samples: int, keys: Sequence[str]) -> list[Row]:
        """Return at most so many rows, one per step; the server chooses."""
        if not keys:
            return _rows(self._ask("SampleHistory", samples=samples)["rows"])
        rows = self._sampled_keys({"keys": list(keys), "samples": samples})
        return [flat(row, keys) for row in rows]

    def sampled_events(self, samples: int) -> list[Row]:
        """Return the machine's metrics, thinned."""
        return by_time(_rows(self._ask("SampleEvents", samples=samples)["rows"]))

    def scan(self, wanted: Scan) -> Iterator[Row]:
        """Return every row by itself, in order of steps."""
        end = self.last_step() + 1
        if wanted.max_step is not None:
            end = min(end, wanted.max_step)

        def fetch(step: int, until: int, limit: int) -> list[Row]:
            if not wanted.keys:
                asked = {"from": step, "until": until, "limit": limit}
                return _rows(self._ask("ReadHistory", **asked)["rows"])
            return self._some_keys(wanted.keys, step, until, limit)

        return every_row(fetch, wanted.min_step or 0, end, page_size=wanted.page_size)

    def _some_keys(self, keys: Sequence[str], step: int, until: int, limit: int) -> list[Row]:
        spec = {
            "keys": ["_step", *(key for key in keys if key != "_step")],
            "minStep": step,
            "maxStep": until,
            "samples": unambiguous(step, until, limit),
        }
        return cut(self._sampled_keys(spec), keys, step, until)

    def _sampled_keys(self, spec: dict[str, Any]) -> list[Row]:
        (rows,) = self._ask("SampleKeys", specs=[json.dumps(spec)])["rows"]
        return list(rows)

    def console(self) -> list[ConsoleLogLine]:
        """Read the lines printed so far; the file that a run leaves, where a server has no more."""
        try:
            return list(every_line(self._log_lines))
        except NotFound:
            raise
        except CommError:
            return list(lines_of_file(self._text_of(_CONSOLE) or ""))

    def _log_lines(self, after: str | None) -> Node:
        return cast(Node, self._ask("ReadConsole", first=PAGE_LINES, after=after)["logLines"])

    def files(
        self, names: Sequence[str], pattern: str | None, after: str | None, limit: int
    ) -> Page[StoredFile]:
        """List a page of files by name."""
        found = self._project(
            "FindFiles", names=list(names), pattern=pattern, after=after, first=limit
        )
        project_id, run = found.get("internalId"), self._run_of(found)
        number = None if project_id is None else int(project_id)
        listed = run["files"]
        files: list[StoredFile] = [
            RemoteFile(self.server, number, edge["node"]) for edge in listed["edges"]
        ]
        total = None if names or pattern else run.get("fileCount")
        return Page(files, next_page(listed), total)

    def update(self, changes: RunChanges) -> None:
        """Write what can be changed."""
        config = {name: {"value": value} for name, value in changes.config.items()}
        run_id = self._storage_id()
        self.server.ask(
            "ChangeRun",
            id=run_id,
            displayName=changes.display_name,
            description=changes.description,
            notes=changes.notes,
            tags=list(changes.tags),
            group=changes.group,
            jobType=changes.job_type,
            config=json_dumps_safer(config),
        )
        self.server.ask("ChangeSummary", id=run_id, summary=json_dumps_safer(changes.summary))

    def update_summary(self, summary: dict[str, Any]) -> None:
        """Write the whole summary."""
        text = json_dumps_safer(summary)
        self.server.ask("ChangeSummary", id=self._storage_id(), summary=text)

    def upload(self, path: Path, name: str) -> None:
        """Add a file to the run, or replace it."""
        if not path.is_file():
            raise FileNotFoundError(f"There is no such file to upload: {path}")
        answer = self.server.ask("CreateRunFiles", files=[name], **self._names())["createRunFiles"]
        if not answer or not answer.get("runID"):
            raise CommError(f"The server takes no files for the run {self._path()}.")
        (place,) = answer["files"]
        self.server.send(place["uploadUrl"], path, answer.get("uploadHeaders") or ())

    def delete(self) -> None:
        """Remove the run."""
        self.server.ask("RemoveRun", id=self._storage_id())

    def _storage_id(self) -> str:
        return str(self._ask("ReadRun")["id"])

    def _text_of(self, name: str) -> str | None:
        for file in self.files([name], None, None, 1).items:
            with TemporaryDirectory(prefix="wandb-") as folder:
                target = Path(folder) / "file"
                file.save_to(target)
                return target.read_text(encoding="utf-8", errors="replace")
        return None

    def _ask(self, name: str, **variables: Any) -> Node:
        return self._run_of(self._project(name, **variables))

    def _project(self, name: str, **variables: Any) -> Node:
        found = self.server.ask(name, **self._names(), **variables)["project"]
        if found is None:
            raise NotFound(
                f"There is no project {self.entity}/{self.project}, or your key may not see it, "
                f"so the run {self.name} was not found. Server: {self.server.base_url}"
            )
        return cast(Node, found)

    def _run_of(self, project: Node) -> Node:
        if project.get("run") is None:
            raise NotFound(
                f"There is no run {self.name!r} in the project {self.entity}/{self.project}. "
                f"Server: {self.server.base_url}"
            )
        return cast(Node, project["run"])

    def _names(self) -> dict[str, str]:
        return {"entity": self.entity, "project": self.project, "run": self.name}

    def _path(self) -> str:
        return "/".join((self.entity, self.project, self.name))


def run_facts(node: Node, *, entity: str, project: str) -> RunFacts:
    """Read a run out of a server's answer."""
    config, internal = _config(_object(node.get("config")))
    summary = _object(node.get("summaryMetrics"))
    user = node.get("user") or {}
    return RunFacts(
        run_id=node["name"],
        display_name=node.get("displayName") or node["name"],
        entity=entity,
        project=project,
        state=node.get("state") or "",
        started_at=_seconds(node.get("createdAt")),
        created_at=node.get("createdAt") or "",
        heartbeat_at=node.get("heartbeatAt") or node.get("createdAt") or "",
        duration=_duration(node, summary),
        storage_id=node["id"],
        config=config,
        config_internal=internal,
        summary_metrics=summary,
        system_metrics=_object(node.get("systemMetrics")),
        tags=list(node.get("tags") or ()),
        group=node.get("group") or None,
        job_type=node.get("jobType") or None,
        notes=node.get("notes"),
        description=node.get("description"),
        sweep_name=node.get("sweepName"),
        user=user.get("username"),
        user_display_name=user.get("name"),
        commit=node.get("commit"),
        history_line_count=node.get("historyLineCount") or 0,
    )


def next_page(connection: Node) -> str | None:
    """Tell where the next page of a listing begins; None on the last one."""
    info = connection.get("pageInfo") or {}
    if not (info.get("hasNextPage") and connection["edges"]):
        return None
    cursor: str | None = info.get("endCursor") or connection["edges"][-1].get("cursor")
    return cursor


def _rows(lines: list[str] | None) -> list[Row]:
    return [json.loads(line) for line in lines or ()]


def _object(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _config(wire: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the values out of their wrapping, and part the user's from the SDK's own."""
    plain = {
        name: item["value"] if isinstance(item, dict) and "value" in item else item
        for name, item in wire.items()
    }
    internal = plain.pop("_wandb", None)
    return plain, internal if isinstance(internal, dict) else {}


def _seconds(text: str | None) -> float:
    moment = moment_of(text)
    return moment.timestamp() if moment else 0.0


def _duration(node: Node, summary: dict[str, Any]) -> float:
    runtime = summary.get("_runtime")
    if isinstance(runtime, (int, float)):
        return float(runtime)
    beat = node.get("heartbeatAt")
    return max(_seconds(beat) - _seconds(node.get("createdAt")), 0.0) if beat else 0.0
