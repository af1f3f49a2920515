"""Runs as programs read them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Literal, NoReturn, TypeVar, cast, overload

from wandb._base.terminal import termerror, termwarn
from wandb.apis.public.console import ConsoleLogs
from wandb.apis.public.files import File, Files
from wandb.apis.public.filters import snake_case
from wandb.apis.public.history import HistoryScan
from wandb.apis.public.paginator import Page, Paginator
from wandb.apis.public.source import Row, RunChanges, RunFacts, RunSource, Scan
from wandb.apis.public.summary import HTTPSummary
from wandb.apis.public.users import User
from wandb.errors import CommError, Error, UnsupportedError, UsageError

# How often `wait_until_finished` looks.
_POLL_SECS = 1.0
# So many files are named in the message about one that is not there.
_NAMED_FILES = 20
_ENDED = frozenset(("finished", "failed", "crashed", "killed", "preempted"))

T = TypeVar("T")


class _Editable(Generic[T]):
    """An attribute that `Run.update` writes: what was set here, else what was fetched."""

    def __init__(self, field: str, doc: str) -> None:
        self._field = field
        self.__doc__ = doc

    @overload
    def __get__(self, run: None, owner: type[Run]) -> _Editable[T]: ...
    @overload
    def __get__(self, run: Run, owner: type[Run]) -> T: ...
    def __get__(self, run: Run | None, owner: type[Run]) -> T | _Editable[T]:
        if run is None:
            return self
        if self._field in run._edits:
            return cast(T, run._edits[self._field])
        return cast(T, getattr(run._facts, self._field))

    def __set__(self, run: Run, value: T) -> None:
        run._edits[self._field] = value


class Run:
    """One run: what it was started with, what it logged, how it ended.

    The attributes tell how things stood when the run was fetched or `load(force=True)` was
    last called. `history`, `scan_history`, `console_logs`, `files` and `lastHistoryStep` look
    anew at each call, so they follow a run that is still being written.

    `name`, `notes`, `tags`, `group`, `job_type`, `description`, `config` and `summary` can be
    changed, and `update()` writes the changes where the run is on a server.
    """

    name = _Editable[str]("display_name", "The name for people; the id where none was given.")
    display_name = _Editable[str]("display_name", "The same as `name`.")
    notes = _Editable["str | None"]("notes", "What the user wrote about the run.")
    description = _Editable["str | None"]("description", "An older kind of notes.")
    tags = _Editable["list[str]"]("tags", "Words to find the run by.")
    group = _Editable["str | None"]("group", "The group of runs that it belongs to.")
    job_type = _Editable["str | None"]("job_type", "What it does within its group.")
    config = _Editable["dict[str, Any]"](
        "config", "The hyperparameters; a copy: changes stay here until `update()`."
    )

    def __init__(self, source: RunSource, facts: RunFacts | None = None) -> None:
        self._source = source
        self._edits: dict[str, Any] = {}
        self._facts = facts or source.facts()
        self._metadata: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """The run's id: eight characters unless the user chose one."""
        return self._facts.run_id

    @property
    def entity(self) -> str:
        """Who owns the run; empty where it was logged offline without one."""
        return self._facts.entity

    @property
    def username(self) -> str:
        """The same as `entity`, under its old name."""
        termwarn("Run.username is an old name: read Run.entity.", repeat=False)
        return self.entity

    @property
    def user(self) -> User | None:
        """Who logged the run; None where that is not known."""
        if not self._facts.user:
            return None
        return User({"username": self._facts.user, "name": self._facts.user_display_name})

    @property
    def project(self) -> str:
        """The project's name."""
        return self._facts.project

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def url(self) -> str | None:
        """The run's page; None for a run in a folder, which has none."""
        return self._source.url

    @property
    def state(self) -> str:
        """`running`, `finished`, `failed` (exit code not 0) or `crashed` (no end recorded)."""
        return self._facts.state

    @property
    def rawconfig(self) -> dict[str, Any]:
        """The config with what the SDK keeps under `_wandb`."""
        return {"_wandb": self._facts.config_internal, **self.config}

    @property
    def summary(self) -> HTTPSummary:
        """The last, best or otherwise chosen value of each metric.

        Values set here stay here until `summary.update()` or `update()` writes them; where the
        run is in a folder it is read-only.
        """
        metrics = self._facts.summary_metrics
        return HTTPSummary(metrics, None if self.read_only else self._write_summary)

    def _write_summary(self) -> None:
        self._source.update_summary(self._facts.summary_metrics)

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What machine and program it was: the content of `wandb-metadata.json`."""
        if self._metadata is None:
            self._metadata = self._source.metadata()
        return self._metadata

    @property
    def sweep(self) -> None:
        """The sweep that the run belongs to: not in this version; `sweep_name` tells its id."""
        return

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802
        """The highest step logged so far; -1 without rows."""
        return self._source.last_step()

    @property
    def history_keys(self) -> dict[str, Any] | None:
        """Which metrics were logged, of what types; None for a run in a folder."""
        return self._source.history_keys()

    @property
    def read_only(self) -> bool:
        """Whether the run can't be changed through this object."""
        return self._source.read_only

    @property
    def storage_id(self) -> str:
        """The id in the run's storage; in a folder the same as `id`."""
        return self._facts.storage_id

    @property
    def _attrs(self) -> dict[str, Any]:
        return asdict(self._facts)

    def __getattr__(self, name: str) -> Any:
        # `created_at`, `jobType`, `summaryMetrics` and their kin, in either spelling.
        if not name.startswith("_"):
            plain = snake_case(name)
            if plain != name and hasattr(type(self), plain):
                return getattr(self, plain)
            if plain in RunFacts.__dataclass_fields__:
                return getattr(self._facts, plain)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def load(self, force: bool = False) -> dict[str, Any]:
        """Return the run's attributes, read anew with `force`.

        Args:
            force: Look again how things stand, and forget changes that were not written;
                without it nothing is read.

        Raises:
            CommError: The run can't be read any more; the attributes stay as they were.
        """
        if force:
            self._facts, self._metadata = self._source.facts(), None
            self._edits.clear()
        return self._attrs

    def wait_until_finished(self) -> None:
        """Look again and again until the run has ended, then load it anew."""
        while self._source.state() not in _ENDED:
            time.sleep(_POLL_SECS)
        self.load(force=True)

    def update(self) -> None:
        """Write what was changed in this object: config, summary, name, notes, tags and so on.

        Raises:
            UnsupportedError: The run is in a folder, which is read-only.
            CommError: The server refused, or there is no such run any more.
        """
        self._source.update(
            RunChanges(
                display_name=self.display_name,
                description=self.description,
                notes=self.notes,
                tags=list(self.tags),
                group=self.group,
                job_type=self.job_type,
                config=self.rawconfig,
                summary=self._facts.summary_metrics,
            )
        )

    save = update

    def delete(self, delete_artifacts: bool = False) -> None:
        """Remove the run with its history and files from the server.

        Args:
            delete_artifacts: Remove the artifacts it logged, too: not in this version.

        Raises:
            UnsupportedError: The run is in a folder, or artifacts should go.
            CommError: The server refused.
        """
        if delete_artifacts:
            self._needs_later("delete_artifacts")
        self._source.delete()

    def upload_file(self, path: str, root: str = ".") -> File:
        """Add a file to the run, or replace one of the same name.

        Args:
            path: The file.
            root: The folder that the file's name in the run is relative to.

        Returns:
            The file as the server has it.

        Raises:
            UsageError: The file is not inside `root`.
            UnsupportedError: The run is in a folder, which is read-only.
            CommError: The server refused.
        """
        name = os.path.relpath(path, root).replace(os.sep, "/")
        if name.startswith("../"):
            raise UsageError(
                f"The file is outside of `root`, so it has no name in the run. Give a folder "
                f"above it as `root`. File: {path}, root: {os.path.abspath(root)}"
            )
        self._source.upload(Path(path), name)
        return self.file(name)

    def history(
        self,
        samples: int = 500,
        keys: list[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: Literal["default", "system"] = "default",
    ) -> Any:
        """Return evenly thinned rows, one for each step.

        What was logged in several rows of one step is shown as one row, the later value of a
        name winning; `scan_history` gives each row by itself and leaves nothing out.

        Args:
            samples: How many rows at most; the first and the last are among them.
            keys: Only these metrics (dots go into nested dicts), in rows that have all of them.
            x_axis: The metric that comes first in each row when `keys` is given.
            pandas: Return a `pandas.DataFrame`; a list where pandas is not installed.
            stream: "default" for what was logged, "system" for the machine's metrics.

        Returns:
            A `pandas.DataFrame`, or a list of dicts.
        """
        if not _keys_ok(keys):
            return []
        if keys and stream != "default":
            termerror("run.history: `keys` goes with stream='default' only; no rows are given.")
            return []
        rows = self._sampled(samples, keys, x_axis, stream)
        return _as_frame(rows) if pandas else rows

    def _sampled(self, samples: int, keys: list[str] | None, x_axis: str, stream: str) -> list[Row]:
        if stream == "system":
            return self._source.sampled_events(samples)
        chosen = [x_axis, *(key for key in keys if key != x_axis)] if keys else []
        return self._source.sampled(samples, chosen)

    def scan_history(
        self,
        keys: list[str] | None = None,
        page_size: int = 1000,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> HistoryScan | list[Row]:
        """Return every row that was logged, by step, and within a step as they were logged.

        Args:
            keys: Only these metrics (dots go into nested dicts), in rows that have all of them.
            page_size: About how many rows are fetched at a time from a server.
            min_step: The first step wanted.
            max_step: The step to stop before.

        Returns:
            An iterable of dicts; each pass over it looks anew.
        """
        if not _keys_ok(keys):
            return []
        wanted = Scan(tuple(keys or ()), min_step, max_step, page_size)
        return HistoryScan(lambda: self._source.scan(wanted))

    def console_logs(self, *, per_page: int = 1000, last: int | None = None) -> ConsoleLogs:
        """Return what the run printed so far, line by line.

        Args:
            per_page: Not used: nothing is fetched in pages from a folder.
            last: Only this many lines, the latest.
        """
        lines = self._source.console()
        return ConsoleLogs(lines if last is None else lines[max(len(lines) - last, 0) :])

    def files(
        self, names: list[str] | None = None, pattern: str | None = None, per_page: int = 50
    ) -> Files:
        """Return the run's files, `output.log` (the console's text) among them.

        Args:
            names: Only files of these names.
            pattern: Only files that fit this SQL LIKE pattern, such as `%.json`.
            per_page: How many are asked for at a time from a server.

        Raises:
            CommError: Both `names` and `pattern` were given.
        """
        if names and pattern:
            raise CommError("Give `names` or `pattern`, not both: no files were listed.")
        return Files(
            self._source, "/".join(self.path), names=names, pattern=pattern, per_page=per_page
        )

    def file(self, name: str) -> File:
        """Return the file of this name.

        Raises:
            CommError: There is none; the message lists what there is.
        """
        for one in self.files(names=[name]):
            return one
        listed = self.files()
        names = [one.name for one in listed[:_NAMED_FILES]] or ["none"]
        more = f" and {len(listed) - _NAMED_FILES} more" if len(listed) > _NAMED_FILES else ""
        raise CommError(
            f"The run {self.id} has no file {name!r}. Its files: {', '.join(names)}{more}"
        )

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return a frame with the run's page, for a notebook.

        Raises:
            UnsupportedError: The run is in a folder, which has no page.
        """
        if self.url is None:
            raise UnsupportedError(
                f"The run {self.id} is read from a folder, which has no page; that takes a server."
            )
        look = f"border:none;width:100%;height:{height}px;{'display:none;' if hidden else ''}"
        return f'<iframe src="{escape(self.url)}?jupyter=true" style="{look}"></iframe>'

    def logged_artifacts(self, per_page: int = 100) -> NoReturn:
        """Refuse: artifacts are not in this version."""
        self._needs_later("logged_artifacts")

    def used_artifacts(self, per_page: int = 100) -> NoReturn:
        """Refuse: artifacts are not in this version."""
        self._needs_later("used_artifacts")

    def log_artifact(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: artifacts are not in this version."""
        self._needs_later("log_artifact")

    def use_artifact(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: artifacts are not in this version."""
        self._needs_later("use_artifact")

    def _needs_later(self, what: str) -> NoReturn:
        where = "is read from a folder; that takes a server" if self.url is None else "was left"
        raise UnsupportedError(
            f"Artifacts are not in this version of Ferrule, so `{what}` did nothing: the run "
            f"{self.id} {where}."
        )

    def __repr__(self) -> str:
        return f"<Run {'/'.join(filter(None, self.path))} ({self.state})>"


class Runs(Paginator[Run]):
    """The runs that fit, in order: sized, indexed, sliced, iterated; fetched as far as needed.

    Nothing is read before the first use, and nothing twice: ask `Api.runs` again for runs that
    came later, and a `Run` to `load(force=True)` for what changed in it.
    """

    def __init__(
        self,
        fetch: Callable[[str | None, int], Page[Run]],
        *,
        where: str,
        per_page: int = 50,
    ) -> None:
        super().__init__(fetch, per_page=per_page)
        self._where = where

    def histories(
        self,
        samples: int = 500,
        keys: list[str] | None = None,
        x_axis: str = "_step",
        format: Literal["default", "pandas", "polars"] = "default",
        stream: Literal["default", "system"] = "default",
    ) -> Any:
        """Return the thinned history of all the runs; each row names its run in `run_id`.

        Args:
            samples: How many rows of each run at most.
            keys: Only these metrics, in rows that have all of them.
            x_axis: The metric that comes first in each row when `keys` is given.
            format: "default" for a list of dicts, or "pandas", or "polars".
            stream: "default" for what was logged, "system" for the machine's metrics.

        Raises:
            CommError: The format is unknown.
            Error: The library of the format is not installed.
        """
        if format not in ("default", "pandas", "polars"):
            raise CommError(f"Histories come as default, pandas or polars, not as {format!r}.")
        rows = [
            {**row, "run_id": run.id}
            for run in self
            for row in run.history(samples, keys, x_axis, pandas=False, stream=stream)
        ]
        return rows if format == "default" else _frame(format, rows)

    def __repr__(self) -> str:
        return f"<Runs {self._where}>"


def _keys_ok(keys: object) -> bool:
    if keys is None or (isinstance(keys, list) and all(isinstance(key, str) for key in keys)):
        return True
    termerror("run.history: `keys` must be a list of strings; no rows are given.")
    return False


def _as_frame(rows: list[Row]) -> Any:
    try:
        return _frame("pandas", rows)
    except Error:
        termwarn(
            "pandas is not installed, so run.history gives a list of dicts. "
            "Say pandas=False to ask for one.",
            repeat=False,
        )
        return rows


def _frame(library: str, rows: list[Row]) -> Any:
    """Build a data frame; pandas and polars are imported only here."""
    try:
        frames = import_module(library)
    except ImportError as err:
        raise Error(f"A {library} frame needs {library}, which is not installed.") from err
    return frames.DataFrame.from_records(rows) if library == "pandas" else frames.from_dicts(rows)
