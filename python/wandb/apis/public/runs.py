"""Runs as programs read them."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Any, Literal, NoReturn, overload

from wandb._base.terminal import termerror, termwarn
from wandb.apis.public.console import ConsoleLogs
from wandb.apis.public.files import File, Files, matching
from wandb.apis.public.filters import Check, check_order, in_order, snake_case
from wandb.apis.public.history import HistoryScan, Row, merge_steps, select, thin
from wandb.apis.public.source import RunFacts, RunSource
from wandb.apis.public.summary import HTTPSummary
from wandb.errors import CommError, Error, UnsupportedError

# How often `wait_until_finished` looks.
_POLL_SECS = 1.0


class Run:
    """One run: what it was started with, what it logged, how it ended.

    The attributes tell how things stood when the run was fetched or `load(force=True)` was
    last called. `history`, `scan_history`, `console_logs`, `files` and `lastHistoryStep` look
    anew at each call, so they follow a run that is still being written.
    """

    def __init__(self, source: RunSource, facts: RunFacts | None = None) -> None:
        self._source = source
        self._facts = facts or source.facts()

    @property
    def id(self) -> str:
        """The run's id: eight characters unless the user chose one."""
        return self._facts.run_id

    @property
    def name(self) -> str:
        """The name for people; the id where none was given."""
        return self._facts.display_name

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
    def project(self) -> str:
        """The project's name."""
        return self._facts.project

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def url(self) -> str | None:
        """The run's page; None, since a folder has none."""
        return None

    @property
    def state(self) -> str:
        """`running`, `finished`, `failed` (exit code not 0) or `crashed` (no end recorded)."""
        return self._facts.state

    @property
    def config(self) -> dict[str, Any]:
        """The hyperparameters; a copy to keep, changing it changes nothing else."""
        return self._facts.config

    @property
    def rawconfig(self) -> dict[str, Any]:
        """The config with what the SDK keeps under `_wandb`."""
        return {"_wandb": self._facts.config_internal, **self._facts.config}

    @property
    def summary(self) -> HTTPSummary:
        """The last, best or otherwise chosen value of each metric; read-only."""
        return HTTPSummary(self._facts.summary_metrics)

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What machine and program it was: the content of `wandb-metadata.json`."""
        return self._facts.metadata

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802
        """The highest step logged so far; -1 without rows."""
        return self._source.rows().last

    @property
    def read_only(self) -> bool:
        """Whether the run can't be changed through this object: it can't."""
        return True

    @property
    def storage_id(self) -> str:
        """The id in the run's storage; in a folder the same as `id`."""
        return self._facts.run_id

    @property
    def _attrs(self) -> dict[str, Any]:
        return asdict(self._facts)

    def __getattr__(self, name: str) -> Any:
        # `tags`, `group`, `job_type`, `created_at`, `notes` and their kin, in either spelling.
        if not name.startswith("_"):
            facts: RunFacts = self._facts
            plain = snake_case(name)
            if plain in RunFacts.__dataclass_fields__:
                return getattr(facts, plain)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def load(self, force: bool = False) -> dict[str, Any]:
        """Return the run's attributes, read anew with `force`.

        Args:
            force: Look again how things stand; without it nothing is read.

        Raises:
            CommError: The run can't be read any more; the attributes stay as they were.
        """
        if force:
            self._facts = self._source.facts()
        return self._attrs

    def wait_until_finished(self) -> None:
        """Look again and again until the run is no longer running."""
        self.load(force=True)
        while self.state == "running":
            time.sleep(_POLL_SECS)
            self.load(force=True)

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
            machine = self._source.system_rows()
            return list(thin(machine, len(machine), samples))
        rows = self._source.rows()
        if not keys:
            return list(thin(merge_steps(rows), rows.steps, samples))
        chosen = list(select(merge_steps(rows), [x_axis, *(key for key in keys if key != x_axis)]))
        return list(thin(chosen, len(chosen), samples))

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
            page_size: Not used: nothing is fetched in pages from a folder.
            min_step: The first step wanted.
            max_step: The step to stop before.

        Returns:
            An iterable of dicts; each pass over it looks anew.
        """
        if not _keys_ok(keys):
            return []
        return HistoryScan(self._source.rows, keys=keys, min_step=min_step, max_step=max_step)

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
            per_page: Not used: nothing is fetched in pages from a folder.

        Raises:
            CommError: Both `names` and `pattern` were given.
        """
        return Files("/".join(self.path), matching(self._source.files(), names, pattern))

    def file(self, name: str) -> File:
        """Return the file of this name.

        Raises:
            CommError: There is none; the message lists what there is.
        """
        for one in self.files():
            if one.name == name:
                return one
        there = ", ".join(one.name for one in self.files()) or "none"
        raise CommError(f"The run {self.id} has no file {name!r}. Its files: {there}")

    def logged_artifacts(self, per_page: int = 100) -> NoReturn:
        """Refuse: artifacts need a server."""
        self._needs_server("artifacts")

    def used_artifacts(self, per_page: int = 100) -> NoReturn:
        """Refuse: artifacts need a server."""
        self._needs_server("artifacts")

    def to_html(self, height: int = 420, hidden: bool = False) -> NoReturn:
        """Refuse: a page needs a server."""
        self._needs_server("page")

    def _needs_server(self, what: str) -> NoReturn:
        raise UnsupportedError(
            f"The run {self.id} is read from a folder, which has no {what}; that takes a server."
        )

    def _read_only(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise UnsupportedError(
            f"The run {self.id} is read from a folder and can't be changed from here: nothing "
            "was done. Change it in its script, or on a server once it is synced."
        )

    save = update = delete = upload_file = log_artifact = use_artifact = _read_only

    def __repr__(self) -> str:
        return f"<Run {'/'.join(filter(None, self.path))} ({self.state})>"


class Runs:
    """The runs of a folder that fit, sorted: sized, indexed, sliced, iterated.

    Nothing is read before the first use. The list is made then, once: ask `Api.runs` again
    for runs that came later, and a `Run` to `load(force=True)` for what changed in it.
    """

    def __init__(
        self,
        find: Callable[[], Sequence[RunSource]],
        *,
        where: str,
        check: Check,
        order: str = "+created_at",
    ) -> None:
        check_order(order)
        self._find = find
        self._where = where
        self._check = check
        self._order = order
        self._found: list[Run] | None = None
        self._next = 0

    def _runs(self) -> list[Run]:
        if self._found is None:
            readable = filter(None, map(_readable, self._find()))
            fitting = [run for run in readable if self._check(run._facts)]
            self._found = in_order(fitting, self._order, facts=lambda run: run._facts)
        return self._found

    def __len__(self) -> int:
        return len(self._runs())

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs())

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        return self._runs()[index]

    def __next__(self) -> Run:
        if self._next >= len(self):
            raise StopIteration
        self._next += 1
        return self._runs()[self._next - 1]

    next = __next__

    @property
    def length(self) -> int:
        """How many there are; `len(runs)` tells the same."""
        return len(self)

    @property
    def more(self) -> bool:
        """Whether a page is left to fetch: there are no pages in a folder."""
        return False

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


def _readable(source: RunSource) -> Run | None:
    """Read a run; one that can't be read is named and left out, the others are not lost for it."""
    try:
        return Run(source)
    except CommError as err:
        termwarn(f"{err} It is left out.", repeat=False)
        return None


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
