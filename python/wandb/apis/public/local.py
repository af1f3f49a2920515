"""Runs in a folder: finding them and reading them, while they are written or after."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from wandb import _native
from wandb._base.terminal import termwarn
from wandb.apis.public import facts as from_records
from wandb.apis.public.console import ConsoleLogLine, console_lines
from wandb.apis.public.history import Row
from wandb.apis.public.source import Rows, RunFacts, StoredFile
from wandb.errors import CommError

# So many rows are held in memory; longer runs are read twice, a page at a time.
_HELD_ROWS = 50_000
_PAGE_ROWS = 10_000


def folder_of(base_url: str) -> Path | None:
    """Return the folder that a base URL means, None if it is a server's address."""
    scheme = urlsplit(base_url).scheme
    if scheme in ("http", "https"):
        return None
    plain = unquote(urlsplit(base_url).path) if scheme == "file" else base_url
    folder = Path(plain).expanduser()
    # A journal named by itself means the run that it belongs to.
    return folder.parent if folder.suffix == ".wandb" and folder.is_file() else folder


def find_runs(root: Path) -> list["LocalRun"]:
    """Find the run folders at or below a folder; links are not followed, so none comes twice."""
    return list(_walk(root.resolve()))


def _walk(root: Path) -> Iterator["LocalRun"]:
    for folder, below, names in os.walk(root):
        journals = sorted(
            name for name in names if name.startswith("run-") and name.endswith(".wandb")
        )
        if journals:
            below.clear()
            run_id = journals[0].removeprefix("run-").removesuffix(".wandb")
            yield LocalRun(Path(folder), run_id)
        below[:] = sorted(name for name in below if not name.startswith(".") or name == ".wandb")


class SnapshotRows:
    """The history of one snapshot, in order of steps; a `Rows`."""

    def __init__(self, snapshot: _native.Snapshot) -> None:
        self._snapshot = snapshot
        self._held = snapshot.history() if snapshot.rows <= _HELD_ROWS else None
        steps = [row["_step"] for row in self._as_written()]
        self._sorted = steps == sorted(steps)
        self.steps = len(set(steps))
        self.last = max(steps, default=-1)

    def __iter__(self) -> Iterator[Row]:
        rows = self._as_written()
        return rows if self._sorted else iter(sorted(rows, key=lambda row: row["_step"]))

    def _as_written(self) -> Iterator[Row]:
        return _with_steps(_pages(self._snapshot) if self._held is None else iter(self._held))


def _pages(snapshot: _native.Snapshot) -> Iterator[Row]:
    for offset in range(0, snapshot.rows, _PAGE_ROWS):
        yield from snapshot.history(offset=offset, limit=_PAGE_ROWS)


def _with_steps(rows: Iterator[Row]) -> Iterator[Row]:
    """Number rows that were logged without a step (shared mode), after the row before them."""
    step = -1
    for row in rows:
        step = row.setdefault("_step", step + 1)
        yield row


@dataclass(frozen=True, slots=True)
class LocalRun:
    """One run's folder; a `RunSource`."""

    folder: Path
    name: str

    def facts(self) -> RunFacts:
        """Read everything but history, console and files."""
        snapshot = self._snapshot()
        runs, started_at = snapshot.records("run"), self._started_at(snapshot)
        run = from_records.folded_run(runs)
        config = from_records.folded_config(runs, snapshot.records("config"))
        internal = config.pop("_wandb", {})
        summary = snapshot.summary()
        stats = list(from_records.system_rows(snapshot.records("stats"), started_at))
        machine = from_records.metadata(snapshot.records("environment"))
        heartbeat = max(started_at, _number(summary.get("_timestamp")))
        return RunFacts(
            run_id=run.get("run_id") or self.name,
            display_name=run.get("display_name") or run.get("run_id") or self.name,
            entity=run.get("entity", ""),
            project=run.get("project") or from_records.DEFAULT_PROJECT,
            state=snapshot.state,
            started_at=started_at,
            created_at=from_records.iso_time(started_at),
            heartbeat_at=from_records.iso_time(heartbeat),
            duration=_number(summary.get("_runtime")),
            config=config,
            config_internal=internal,
            summary_metrics=summary,
            system_metrics=_system_metrics(stats),
            metadata=machine,
            tags=list(run.get("tags", [])),
            group=run.get("run_group") or None,
            job_type=run.get("job_type") or None,
            notes=run.get("notes") or None,
            sweep_name=run.get("sweep_id") or None,
            host=run.get("host") or None,
            user=(machine or {}).get("username"),
            commit=(run.get("git") or {}).get("commit"),
            exit_code=snapshot.exit_code,
            history_line_count=snapshot.rows,
        )

    def rows(self) -> Rows:
        """Read the history."""
        return SnapshotRows(self._snapshot())

    def system_rows(self) -> list[Row]:
        """Read the machine's metrics, oldest first."""
        snapshot = self._snapshot()
        started_at = self._started_at(snapshot)
        return list(from_records.system_rows(snapshot.records("stats"), started_at))

    def console(self) -> list[ConsoleLogLine]:
        """Read the lines printed so far."""
        return _console(self._snapshot())

    def files(self) -> list[StoredFile]:
        """List what is in `files/`, and what a server would have made of the journal."""
        stored = {one.name: one for one in _stored_files(self.folder / "files")}
        for name, content in self._made_files(self._snapshot()).items():
            # An offline run leaves an empty `output.log` behind: its text is in the journal.
            if content and (name not in stored or not stored[name].size_bytes):
                modified_at = self.folder.stat().st_mtime
                stored[name] = StoredFile(name, len(content), modified_at, content=content)
        return [stored[name] for name in sorted(stored)]

    def _made_files(self, snapshot: _native.Snapshot) -> dict[str, bytes]:
        machine = from_records.metadata(snapshot.records("environment"))
        summary = snapshot.summary()
        console = "".join(f"{line.content}\n" for line in _console(snapshot))
        return {
            "output.log": console.encode(errors="surrogateescape"),
            "wandb-metadata.json": json.dumps(machine, indent=2).encode() if machine else b"",
            "wandb-summary.json": json.dumps(summary).encode() if summary else b"",
        }

    def _started_at(self, snapshot: _native.Snapshot) -> float:
        for record in snapshot.records("run"):
            moment = from_records.seconds(record["run"].get("start_time"))
            if moment is not None:
                return moment
        # A run killed inside `init` has no record of its start: its folder tells.
        return self.folder.stat().st_mtime

    def _snapshot(self) -> _native.Snapshot:
        try:
            snapshot = _native.read_folder(str(self.folder))
        except (_native.NativeError, OSError) as err:
            raise CommError(f"The run {self.name} can't be read: {err}: {self.folder}") from err
        for warning in snapshot.warnings:
            termwarn(f"{warning} In {self.folder}", repeat=False)
        return snapshot


def _console(snapshot: _native.Snapshot) -> list[ConsoleLogLine]:
    return console_lines(from_records.console_chunks(snapshot.records("output_raw")))


def _system_metrics(rows: list[Row]) -> dict[str, Any]:
    latest: dict[str, Any] = {}
    for row in rows:
        latest |= {key: value for key, value in row.items() if key.startswith("system.")}
    return latest


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _stored_files(root: Path) -> Iterator[StoredFile]:
    for folder, _, names in os.walk(root, followlinks=True):
        for name in names:
            path = Path(folder, name)
            try:
                stat = path.stat()
            except OSError:
                # A link whose target has gone, or a file removed since it was listed.
                continue
            relative = path.relative_to(root).as_posix()
            yield StoredFile(relative, stat.st_size, stat.st_mtime, path=path)
