"""`Run`: every documented member, its words, and a line or two of what it does."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from wandb._base.terminal import termwarn
from wandb._run import continuing, ending, sharing
from wandb._run.charts import RowMayHaveCharts, log_with_charts
from wandb._run.config import Config, ConfigStatic
from wandb._run.later import ChainableNoOp, later
from wandb._run.media import Summarized
from wandb._run.metric import Metric, defined_metric
from wandb._run.older import OlderMembers
from wandb._run.session import session
from wandb._run.summary import Path, Summary, addresses, leaves, replaced_dicts
from wandb._run.telemetry import Telemetry
from wandb._run.writer import LateWriter, RunWriter, refusal
from wandb._wire.journal import (
    Record,
    config_record,
    preempting_record,
    run_record,
    summary_record,
)
from wandb.errors import UsageError

if TYPE_CHECKING:
    import logging
    from datetime import timedelta
    from types import TracebackType
    from typing import TextIO

    from wandb._artifact.artifact import Artifact
    from wandb._run.alerts import AlertLevel
    from wandb._run.background import Background
    from wandb._run.eventwatch import EventWatch
    from wandb._run.notebook import CellHooks
    from wandb._run.online import Delivery
    from wandb._run.sampling import Kept, Sampling
    from wandb._run.watch import Watch
    from wandb._settings.settings import Settings


class RunStatus:
    """What is to be sent of a run, in bytes of its journal: nothing, while there is no server."""

    def __init__(
        self,
        sync_items_total: int = 0,
        sync_items_pending: int = 0,
        sync_time: Any = None,
    ) -> None:
        self.sync_items_total = sync_items_total
        self.sync_items_pending = sync_items_pending
        self.sync_time = sync_time

    def __repr__(self) -> str:
        return (
            f"RunStatus(sync_items_total={self.sync_items_total}, "
            f"sync_items_pending={self.sync_items_pending}, sync_time={self.sync_time})"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunStatus) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


class Run(OlderMembers):
    """A unit of computation that is logged, such as the training of one model.

    `wandb.init` makes it. Used in a `with` statement it finishes by itself, with an exit code
    that tells whether the block raised. Otherwise call `finish`, or let the end of the process
    do it. Every row whose `log` has returned is kept, even if the process is killed afterwards.

    Attributes:
        summary: One value for each metric; see `wandb.sdk.wandb_summary.Summary`.

    Examples:
        ```python
        import wandb

        with wandb.init(project="digits", config={"lr": 0.1}) as run:
            for loss in train(run.config.lr):
                run.log({"loss": loss})
        ```
    """

    # The name it has in the original, which programs print and compare.
    __module__ = "wandb.sdk.wandb_run"

    summary: Any
    _log_row: Callable[..., bool]
    _writer: RunWriter
    _settings: "Settings"
    _is_finished: bool
    _init_pid: int
    _attach_id: str | None
    # Set by whoever opens the run, in `init` and `sharing`.
    _folder: str = ""
    _owned: bool = True
    _shared: bool = False
    # Where it went on from an earlier one.
    _starting_step: int = 0
    _earlier_secs: float | None = None
    _background: "Background | None" = None
    _debug_log: "logging.Handler | None" = None
    _delivery: "Delivery | None" = None
    # The id of what is told of program and machine; None where nothing is.
    _environment_id: str | None = None
    _sampling: "Sampling | None" = None
    _cells: "CellHooks | None" = None
    _watch: "Watch | None" = None
    _tensorboard: "EventWatch | None" = None
    _unpatches: bool = False

    def __init__(
        self,
        settings: "Settings",
        config: Mapping[str, Any] | None = None,
        sweep_config: Mapping[str, Any] | None = None,
        launch_config: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings = settings
        self._is_finished = False
        self._init_pid = os.getpid()
        self._attach_id = settings.run_id
        self._start_time = time.time()
        self._telemetry = Telemetry()
        self._git: dict[str, str] = {}
        self._describing, self._turn = threading.Lock(), ending.Turn()
        self._config = self._new_config(config, sweep_config, launch_config)
        self.summary = self._new_summary()

    def _new_config(
        self,
        values: Mapping[str, Any] | None,
        sweep: Mapping[str, Any] | None,
        launch: Mapping[str, Any] | None,
    ) -> Config:
        config = Config()
        config._set_settings(self._settings)
        config.update(values or {}, allow_val_change=True)
        config.update_locked(sweep or {}, user="sweep")
        config.update_locked(launch or {}, user="launch")
        config._set_callback(self._config_callback)
        return config

    def _new_summary(self) -> Summary:
        summary = Summary(lambda: self._writer.summary())
        summary._set_convert(Summarized(self))
        summary._set_update_callback(self._summary_callback)
        return summary

    # --- what is written, and where -------------------------------------------------------

    def _use(self, writer: RunWriter) -> None:
        """Send everything to this writer from now on."""
        self._writer = writer
        # `log` calls this without a look at anything else.
        watch = self._tensorboard
        self._log_row = writer.log if watch is None else watch.log

    def _append(self, record: Record) -> None:
        self._writer.append(record)
        self._writer.tell()

    def _config_callback(
        self, key: Any = None, val: Any = None, data: Mapping[str, Any] | None = None
    ) -> None:
        self._append(config_record({key: val} if data is None else data))

    def _summary_callback(self, update: list[tuple[Path, Any]], remove: list[Path]) -> None:
        self._telemetry.note("set_summary")
        if replaced := replaced_dicts(update):
            self._append(summary_record(remove=addresses(replaced)))
        written = [leaf for path, value in update for leaf in leaves(path, value)]
        names = addresses(path for path, _ in written)
        values = (value for _, value in written)
        self._append(summary_record(zip(names, values, strict=True), addresses(remove)))

    def _run_record(self, *, with_config: bool = True) -> Record:
        settings = self._settings
        return run_record(
            run_id=self.id,
            entity=settings.entity,
            project=settings.project,
            config=self._config._items if with_config else {},
            group=settings.run_group,
            job_type=settings.run_job_type,
            name=settings.run_name,
            notes=settings.run_notes,
            tags=settings.run_tags,
            host=settings.host,
            sweep_id=settings.sweep_id,
            started_at=self._start_time,
            telemetry=self._telemetry.fields(),
            git=self._git,
            **continuing.record_fields(self),
        )

    def _describe(self, *, with_config: bool = True) -> None:
        """Keep what the run is now; what another thread saw before must not come after."""
        with self._describing:
            self._append(self._run_record(with_config=with_config))

    def _inherit(self) -> None:
        """Become the run of a forked child: let go of the parent's files, open own ones late."""
        if not self._is_finished and not self.disabled:
            self._writer.abandon()
            self._owned = False
            self._describing, self._turn = threading.Lock(), ending.Turn()
            self._background = self._debug_log = self._delivery = self._tensorboard = None
            self._cells = self._sampling = None
            self._teardown_hooks = ()
            self._telemetry.stop()
            self._use(LateWriter(lambda: sharing.open_own_writer(self)))

    def _set(self, setting: str, value: Any) -> None:
        """Change a setting that is part of the run's description."""
        before = getattr(self._settings, setting)
        setattr(self._settings, setting, value)
        try:
            self._describe()
        except Exception:
            setattr(self._settings, setting, before)
            raise

    # --- logging --------------------------------------------------------------------------

    def log(
        self,
        data: dict[str, Any],
        step: int | None = None,
        commit: bool | None = None,
    ) -> None:
        """Keep a row of values.

        The row is part of the run's history, and the summary takes over its values. Names with
        a slash, such as `train/loss`, are shown in a section of the page. Nested dicts stay
        nested. The call returns in microseconds and never waits for a network or a disk.

        Every row has a step. Without `step`, a call makes a row and the next one gets the next
        step; `commit=False` leaves the row open for more. With `step`, the row stays open until
        a call names another step. A step below the present one is kept under its own number,
        and a warning says that other servers would drop it.

        Args:
            data: Names and values: numbers, strings, lists, dicts, numpy arrays and tensors;
                images and other values with a form of their own, and lists of these. Arrays
                of more than 32 elements are kept as histograms. A value that can't be kept is
                left out, by itself, and named once.
            step: The row's step; by default the next one.
            commit: Whether the row ends here. The default is True without `step` and False
                with it.

        Raises:
            TypeError: `data` is no mapping, a name is no string, `step` is no integer, or
                `commit` is no bool.
            ValueError: The setting `strict_steps` is on and the step went back.
            UsageError: The run is finished.

        Examples:
            ```python
            run.log({"loss": 0.5}, commit=False)
            run.log({"accuracy": 0.8})  # one row, with both
            run.log({"loss": 0.4, "epoch": 3}, step=120)
            ```
        """
        try:
            if self._log_row(data, step, commit):
                self._writer.tell()
        except RowMayHaveCharts:
            if log_with_charts(self, data, step, commit):
                self._writer.tell()
        except RuntimeError as err:  # another thread is just finishing the run
            raise refusal(self.id, "log") from err

    def _log(
        self, data: dict[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        self.log(data, step, commit)

    def define_metric(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Say how a metric is drawn and what the summary keeps of it.

        Args:
            name: The metric; a trailing `*` stands for all that begin so. A dot reaches into
                nested values: `a.b` is `b` inside `a`.
            step_metric: The metric on its x-axis, in place of the step.
            step_sync: Add the latest value of `step_metric` to rows that lack it. On by default
                when there is a `step_metric`.
            hidden: Draw no chart for it unasked.
            summary: What the summary keeps, separated by commas: `min`, `max`, `mean`, `last`,
                `first`, `best`, `copy` or `none`. The default is the last value.
            goal: Which value is best: `minimize` or `maximize`.
            overwrite: Forget earlier definitions of this metric in place of adding to them.

        Returns:
            What was understood.

        Raises:
            Error: An argument is wrong; the message names it.
        """
        if self.disabled:
            return Metric(name)
        metric = defined_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)
        self._note_metric(metric)
        metric._set_callback(self._append)
        metric._commit()
        return metric

    def _note_metric(self, metric: Metric) -> None:
        used = {
            "metric": True,
            "metric_summary": metric.summary,
            "metric_goal": metric.goal,
            "metric_hidden": metric.hidden,
            "metric_step_sync": metric.step_sync,
        }
        self._telemetry.note(*(feature for feature, value in used.items() if value))

    # --- files and people -----------------------------------------------------------------

    def save(
        self,
        glob_str: str | os.PathLike[str],
        base_path: str | os.PathLike[str] | None = None,
        policy: str = "live",
    ) -> bool | list[str]:
        """Keep files with the run, under their paths below `base_path`.

        Files stay where they are: the run's folder gets links to them, or copies where the
        setting `symlink` is off.

        Args:
            glob_str: A path, or a pattern with `*`, `?` and `[…]`. It is matched now: what
                comes into being later wants another call.
            base_path: A folder above the files, which their paths in the run begin below. By
                default the current folder; for an absolute path, the folder above the files' own.
            policy: `live` uploads a file now, and again whenever it has changed; `now` uploads
                it once; `end` when the run ends.

        Returns:
            The paths in the run's folder; empty if nothing matches. False in a disabled run.

        Raises:
            ValueError: The files are not below `base_path`, or there is no such policy.
            TypeError: `glob_str` is no path.
            UsageError: The run is finished.

        Examples:
            ```python
            run.save("checkpoints/*.pt")  # as checkpoints/…
            run.save("/data/job/out/log.txt", base_path="/data/job")  # as out/log.txt
            ```
        """
        if self.disabled:
            return False
        self._refuse_if_finished("save")
        from wandb._run.saving import save

        return save(self, glob_str, base_path, policy)

    def restore(
        self,
        name: str,
        run_path: str | None = None,
        replace: bool = False,
        root: str | None = None,
    ) -> "TextIO | None":
        """Fetch a file of a run from the server; see `wandb.restore`.

        Args:
            name: The file, by its path in the run.
            run_path: The run, as `entity/project/run_id`; by default this one.
            replace: Fetch it even if there is a file of that name here.
            root: The folder to put it in; by default this run's `dir`.

        Returns:
            The file, opened for reading as text; None if the run has none of that name.

        Raises:
            CommError: The server can't be asked, or has no such run; offline, at once.
            ValueError: The file has no content.
        """
        if self.disabled:
            return None
        from wandb._run.restoring import restored

        return restored(name, run_path or self.path, replace, root or self.dir, self._settings)

    def alert(
        self,
        title: str,
        text: str,
        level: "str | AlertLevel | None" = None,
        wait_duration: "int | float | timedelta | None" = None,
    ) -> None:
        """Tell people something through the server.

        Args:
            title: What it is about; servers show up to 64 characters.
            text: What there is to say.
            level: `INFO`, which is the default, `WARN` or `ERROR`.
            wait_duration: Within so many seconds another alert of the same title is passed
                over. One minute by default.

        Raises:
            ValueError: There is no such level.
            TypeError: `wait_duration` is no time, or title or text is no string.
            UsageError: The run is finished.
        """
        self._refuse_if_finished("alert")
        from wandb._run.alerts import alert

        self._append(alert(title, text, level, wait_duration))

    def mark_preempting(self) -> None:
        """Tell the server at once that this machine is about to be taken away.

        A run that fails afterwards, or is not heard of any more, is shown as preempted.

        Raises:
            UsageError: The run is finished.
        """
        self._refuse_if_finished("mark_preempting")
        self._append(preempting_record())

    def watch(
        self,
        models: Any,
        criterion: Any = None,
        log: Literal["gradients", "parameters", "all"] | None = "gradients",
        log_freq: int = 1000,
        idx: int | None = None,
        log_graph: bool = False,
    ) -> None:
        """Keep histograms of a PyTorch model's gradients and parameters while it is trained.

        They join the open row, as `gradients/NAME` and `parameters/NAME`, and wait there for
        the next `log`. Nothing that fails on the way reaches the training.

        Args:
            models: A `torch.nn.Module`, or a list or tuple of them.
            criterion: Accepted; the original does nothing with it either.
            log: What to keep; None keeps neither.
            log_freq: Every how many passes to keep them.
            idx: The number of the first model; names of all but number 0 begin with `graph_N`.
                By default models are numbered in the order in which the process watched them.
            log_graph: Keep the model's layers, too, in the summary, as `graph_N`.

        Raises:
            ValueError: `log` is none of these, a name is watched already, or the model's graph is.
            TypeError: `models` has something else in it, or `log_freq` is no number.
            Error: PyTorch can't be imported.
            UsageError: The run is finished.
        """
        from wandb._run.watch import watch

        watch(self, models, criterion, log, log_freq, idx, log_graph)

    def unwatch(self, models: Any = None) -> None:
        """Remove the hooks of `watch`.

        Args:
            models: Models to let go of; by default all that this run watches.
        """
        from wandb._run.watch import unwatch

        unwatch(self, models)

    # --- artifacts ------------------------------------------------------------------------

    def log_artifact(
        self,
        artifact_or_path: "Artifact | str | os.PathLike[str]",
        name: str | None = None,
        type: str | None = None,
        aliases: list[str] | None = None,
        tags: list[str] | None = None,
    ) -> "Artifact":
        """Keep a version of an artifact as made by this run.

        The call returns when the artifact is written down; it is uploaded meanwhile, and
        `wait` of the artifact waits for that. Offline it is kept until `wandb sync`.

        Args:
            artifact_or_path: The artifact, or a file or a folder to make one of.
            name: The name for a path; by default the run's id and the path's last part.
            type: The type for a path.
            aliases: Other names of the version, besides `latest`.
            tags: Words to find it by.

        Returns:
            The artifact, which takes no more changes.

        Raises:
            ValueError: There is no such path, or a name, an alias, a tag or the metadata is
                not as it must be.
            TypeError: It is neither an artifact nor a path.
            UsageError: The run is finished.

        Examples:
            ```python
            artifact = wandb.Artifact("digits", type="dataset")
            artifact.add_dir("data/")
            run.log_artifact(artifact, aliases=["best"]).wait()
            ```
        """
        if self.disabled:
            return ChainableNoOp()  # type: ignore[return-value]
        self._refuse_if_finished("log_artifact")
        from wandb._run.artifacts import log_artifact

        return log_artifact(self, artifact_or_path, name, type, aliases, tags)

    def use_artifact(
        self,
        artifact_or_name: "str | Artifact",
        type: str | None = None,
        aliases: list[str] | None = None,
        use_as: str | None = None,
    ) -> "Artifact":
        """Say that this run uses an artifact, and get it.

        Args:
            artifact_or_name: `name:alias`, `project/name:alias` or
                `entity/project/name:alias`, or an artifact. One that is on no server yet is
                logged, without this run as its maker.
            type: The type that it must have.
            aliases: Other names, for one that is logged by this.
            use_as: Not used. Deprecated.

        Returns:
            The artifact; `download` fetches its files.

        Raises:
            CommError: There is no such artifact, or the server can't be asked.
            ValueError: It has another type, or could not be saved.
            TypeError: The run is offline.
            UsageError: The run is finished.
        """
        if self.disabled:
            return None  # type: ignore[return-value]
        self._refuse_if_finished("use_artifact")
        from wandb._run.artifacts import use_artifact

        return use_artifact(self, artifact_or_name, type, aliases, use_as)

    def _api_key(self) -> str | None:
        """The key for the server that the run is sent to."""
        return self._delivery.api_key if self._delivery else self._settings.api_key

    # --- its end --------------------------------------------------------------------------

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run.

        What is open is written, and the run's state becomes final: finished if the exit code is
        0, failed otherwise. A second call does nothing. In a forked or attached process it ends
        only that process's part.

        Args:
            exit_code: 0 for success, which is the default.
            quiet: Deprecated; `wandb.Settings(quiet=True)` leaves out the closing lines.
        """
        if quiet is not None:
            termwarn("`finish(quiet=…)` is deprecated: use wandb.Settings(quiet=…).", repeat=False)
        if not self._is_finished and self._turn.take():
            ending.end(self, exit_code or 0, quiet=bool(quiet))

    def _end_with_process(self, exit_code: int) -> None:
        """End because the process does; a child leaves the ending to its parent."""
        if self._owned:
            self.finish(exit_code=exit_code)
        else:
            ending.leave(self)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: "TracebackType | None",
    ) -> bool:
        if exc_type is not None:
            ending.show_traceback(exc_val)
        self.finish(exit_code=0 if exc_type is None else 1)
        return exc_type is None

    # --- what it is -----------------------------------------------------------------------

    @property
    def config(self) -> Config:
        """The hyperparameters: a mapping with attributes."""
        return self._config

    @property
    def config_static(self) -> ConfigStatic:
        """A read-only copy of the hyperparameters."""
        return ConfigStatic(self._config)

    @property
    def settings(self) -> "Settings":
        """A copy of the run's settings."""
        return self._settings.model_copy()

    @property
    def id(self) -> str:
        """The run's id, unique in its project."""
        return self._settings.run_id or ""

    @property
    def name(self) -> str | None:
        """The name shown for the run; None offline, unless you give one. Can be set."""
        return self._settings.run_name

    @name.setter
    def name(self, name: str) -> None:
        self._telemetry.note("set_run_name")
        self._set("run_name", name)

    @property
    def notes(self) -> str | None:
        """Free text about the run. Can be set."""
        return self._settings.run_notes

    @notes.setter
    def notes(self, notes: str) -> None:
        self._set("run_notes", notes)

    @property
    def tags(self) -> tuple[str, ...]:
        """Words to find the run by. Can be set, to any sequence of strings."""
        return self._settings.run_tags or ()

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._telemetry.note("set_run_tags")
        self._set("run_tags", tuple(tags))

    @property
    def group(self) -> str:
        """The group of runs that this one belongs to, or an empty string."""
        return self._settings.run_group or ""

    @property
    def job_type(self) -> str:
        """What the run does, such as `train` or `eval`, or an empty string."""
        return self._settings.run_job_type or ""

    @property
    def entity(self) -> str:
        """The user or team that the run belongs to, or an empty string."""
        return self._settings.entity or ""

    @property
    def project(self) -> str:
        """The project that the run belongs to."""
        return self._settings.project or ""

    @property
    def path(self) -> str:
        """Entity, project and id, joined by slashes; what is empty is left out."""
        return "/".join(part for part in (self.entity, self.project, self.id) if part)

    @property
    def dir(self) -> str:
        """The folder of files that belong to the run."""
        return self._settings.files_dir

    @property
    def step(self) -> int:
        """The step of the open row, or of the next one."""
        return self._writer.step()

    @property
    def starting_step(self) -> int:
        """The step that this process began at: 0, or the one that the run went on with."""
        return self._starting_step

    @property
    def start_time(self) -> float:
        """When the run began, in seconds since the epoch."""
        return self._start_time

    @property
    def disabled(self) -> bool:
        """Whether nothing is kept at all."""
        return self._settings._noop

    @property
    def offline(self) -> bool:
        """Whether the run is kept on disk only."""
        return self._settings._offline

    @property
    def resumed(self) -> bool:
        """Whether the run goes on from an earlier one."""
        return self._settings.resumed

    @property
    def sweep_id(self) -> str | None:
        """The sweep that the run belongs to, if there is one."""
        return self._settings.sweep_id

    @property
    def url(self) -> str | None:
        """The run's page; None offline."""
        return self._page("run_url")

    @property
    def project_url(self) -> str | None:
        """The project's page; None offline."""
        return self._page("project_url")

    @property
    def sweep_url(self) -> str | None:
        """The sweep's page; None offline or without a sweep."""
        return self._page("sweep_url")

    def _page(self, setting: str) -> str | None:
        if self.offline:
            termwarn("An offline run has no page, so its `url` is None.", repeat=False)
        if self.offline or self.disabled:
            return None
        return getattr(self._settings, setting) or None

    def get_url(self) -> str | None:
        """Return `url`. Deprecated: read the property."""
        return self.url

    def get_project_url(self) -> str | None:
        """Return `project_url`. Deprecated: read the property."""
        return self.project_url

    def get_sweep_url(self) -> str | None:
        """Return `sweep_url`. Deprecated: read the property."""
        return self.sweep_url

    def project_name(self) -> str:
        """Return `project`. Deprecated: read the property."""
        return self.project

    def status(self) -> RunStatus | None:
        """Tell how much is still to be sent, in bytes of the journal; None in a disabled run."""
        if self.disabled:
            return None
        self._refuse_if_finished("status")
        return RunStatus(*self._delivery.amounts()) if self._delivery else RunStatus()

    @property
    def _system_metrics(self) -> "Kept":
        """The latest samples of each system metric, as many as `x_stats_buffer_size` says."""
        self._refuse_if_finished("_system_metrics")
        return self._sampling.kept() if self._sampling else {}

    def _sampling_request(self) -> dict[str, Any]:
        return self._sampling.request() if self._sampling else {}

    def _refuse_if_finished(self, call: str) -> None:
        if self._is_finished:
            raise refusal(self.id, call)

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the run's page in a notebook; return whether that was done."""
        from wandb._run.notebook import display

        return display(self, height, hidden=hidden)

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return HTML that shows the run: a frame with its page, or a link where there is none."""
        from wandb._run.notebook import html_of

        return html_of(self, height, hidden=hidden)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.to_html(hidden=True)}

    def _label(
        self,
        code: str | None = None,
        repo: str | None = None,
        code_version: str | None = None,
        **kwargs: str,
    ) -> None:
        """Remember which library drives the run."""
        if not self._settings.label_disable:
            self._telemetry.label(code_string=code, repo_string=repo, code_version=code_version)

    # --- not in this version --------------------------------------------------------------

    finish_artifact = later("finish_artifact")
    link_artifact = later("link_artifact")
    link_model = later("link_model")
    log_code = later("log_code")
    log_model = later("log_model")
    upsert_artifact = later("upsert_artifact")
    use_model = later("use_model")

    # --- copies and other processes -------------------------------------------------------

    def __setattr__(self, attr: str, value: Any) -> None:
        # A misspelled name would be lost without a word.
        if not attr.startswith("_") and attr != "summary" and not hasattr(type(self), attr):
            raise Exception(
                f"a run has no attribute {attr!r} to set; nothing was changed. "
                "Use run.config or run.summary for values of your own."
            )
        object.__setattr__(self, attr, value)

    def __getattr__(self, name: str) -> Any:
        # Only an unpickled run lacks attributes: it attaches when it is first used.
        if "_attach_id" not in self.__dict__ or "_settings" in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if self._is_finished:
            raise UsageError(f"run {self._attach_id} was finished before it was pickled")
        sharing.join(self, self._attach_id or "", self._folder)
        return getattr(self, name)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Run":
        return self

    def __copy__(self) -> "Run":
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {
            "_attach_id": self._attach_id,
            "_init_pid": self._init_pid,
            "_is_finished": self._is_finished,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __reduce__(self) -> Any:
        return _unpickled, (self.__getstate__(), self._folder)


def _unpickled(state: dict[str, Any], folder: str) -> Run:
    """Make a run from its pickled state: the very same one, in the process that has it."""
    for active in session.runs:
        if active._attach_id == state["_attach_id"] and active._folder == folder:
            return active
    run = Run.__new__(Run)
    run.__setstate__({**state, "_folder": folder})
    return run
