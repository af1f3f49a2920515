"""Runs in a folder: finding them and reading them, while they are written or after."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from wandb import _native
from wandb._base.terminal import termwarn
from wandb.apis.public import facts as from_records
from wandb.apis.public.console import ConsoleLogLine, console_lines
from wandb.apis.public.history import by_time, merge_steps, select, thin, within
from wandb.apis.public.local_files import LocalFile, files_in, matching
from wandb.apis.public.paginator import Page
from wandb.apis.public.source import Row, Rows, RunChanges, RunFacts, Scan, StoredFile
from wandb.errors import CommError, UnsupportedError

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

    @property
    def read_only(self) -> bool:
        """Whether the run can't be changed from here: it can't."""
        return True

    @property
    def url(self) -> str | None:
        """The run's page: a folder has none."""
        return None

    def facts(self) -> RunFacts:
        """Read everything but history, console and files."""
        snapshot = self._snapshot()
        runs, started_at = snapshot.records("run"), self._started_at(snapshot)
        run = from_records.folded_run(runs)
        described = from_records.description(snapshot.records)
        config, internal = from_records.config_of(described)
        summary = snapshot.summary()
        stats = by_time(from_records.system_rows(snapshot.records("stats"), started_at))
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
            storage_id=run.get("run_id") or self.name,
            config=config,
            config_internal=internal,
            summary_metrics=summary,
            system_metrics=_system_metrics(stats),
            tags=list(run.get("tags", [])),
            group=run.get("run_group") or None,
            job_type=run.get("job_type") or None,
            notes=run.get("notes") or None,
            sweep_name=run.get("sweep_id") or None,
            host=run.get("host") or None,
            user=described.environment().get("username"),
            commit=(run.get("git") or {}).get("commit"),
            exit_code=snapshot.exit_code,
            history_line_count=snapshot.rows,
        )

    def state(self) -> str:
        """Tell whether it runs, or how it ended."""
        return self._snapshot().state

    def last_step(self) -> int:
        """Return the highest step logged so far; -1 without rows."""
        return self._rows().last

    def history_keys(self) -> dict[str, Any] | None:
        """Tell nothing: a folder keeps no description of the metrics in it."""
        return None

    def metadata(self) -> dict[str, Any] | None:
        """Return what machine and program it was."""
        return from_records.description(self._snapshot().records).environment() or None

    def sampled(self, samples: int, keys: Sequence[str]) -> list[Row]:
        """Return at most so many rows, one per step, evenly spread; with keys only those."""
        rows = self._rows()
        if not keys:
            return list(thin(merge_steps(rows), rows.steps, samples))
        chosen = list(select(merge_steps(rows), keys))
        return list(thin(chosen, len(chosen), samples))

    def sampled_events(self, samples: int) -> list[Row]:
        """Return the machine's metrics, oldest first, thinned."""
        snapshot = self._snapshot()
        started_at = self._started_at(snapshot)
        rows = by_time(from_records.system_rows(snapshot.records("stats"), started_at))
        return list(thin(rows, len(rows), samples))

    def scan(self, wanted: Scan) -> Iterator[Row]:
        """Return every row by itself, in order of steps."""
        rows = within(self._rows(), wanted.min_step, wanted.max_step)
        return select(rows, wanted.keys) if wanted.keys else rows

    def _rows(self) -> Rows:
        return SnapshotRows(self._snapshot())

    def console(self) -> list[ConsoleLogLine]:
        """Read the lines printed so far."""
        return _console(self._snapshot())

    def files(
        self, names: Sequence[str], pattern: str | None, after: str | None, limit: int
    ) -> Page[StoredFile]:
        """List all that fit at once, on one page."""
        fitting: list[StoredFile] = [*matching(self._files(), names, pattern)]
        return Page(fitting, total=len(fitting))

    def _files(self) -> list[LocalFile]:
        """List what is in `files/`, and what a server would have made of the journal."""
        stored = {one.name: one for one in files_in(self.folder / "files")}
        for name, content in self._made_files(self._snapshot()).items():
            # An offline run leaves an empty `output.log` behind: its text is in the journal.
            if content and (name not in stored or not stored[name].size_bytes):
                modified_at = self.folder.stat().st_mtime
                stored[name] = LocalFile(name, len(content), modified_at, content=content)
        return [stored[name] for name in sorted(stored)]

    def update(self, changes: RunChanges) -> NoReturn:
        """Refuse: a run is read here, not changed."""
        self._refuse()

    def update_summary(self, summary: dict[str, Any]) -> NoReturn:
        """Refuse: a run is read here, not changed."""
        self._refuse()

    def upload(self, path: Path, name: str) -> NoReturn:
        """Refuse: a run is read here, not changed."""
        self._refuse()

    def delete(self) -> NoReturn:
        """Refuse: a run is read here, not changed."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UnsupportedError(
            f"The run {self.name} is read from a folder and can't be changed from here: nothing "
            "was done. Change it in its script, or on a server once it is synced."
        )

    def _made_files(self, snapshot: _native.Snapshot) -> dict[str, bytes]:
        machine = from_records.description(snapshot.records).metadata_json()
        summary = snapshot.summary()
        console = "".join(f"{line.content}\n" for line in _console(snapshot))
        return {
            "output.log": console.encode(errors="surrogateescape"),
            "wandb-metadata.json": (machine or "").encode(),
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
