"""`wandb.init`: from arguments to a run that logs."""

import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from wandb._base.host import (
    hardware_facts,
    program_path,
    project_name,
    python_text,
    slurm_facts,
    system_text,
)
from wandb._base.ids import generate_id
from wandb._base.logs import close_debug_log, open_debug_log, wandb_logger
from wandb._base.terminal import termlog, termsetup, termwarn
from wandb._run import capture, context, continuing, ending, footer, sharing
from wandb._run.background import REQUIREMENTS, Background, lists_packages
from wandb._run.configsource import chosen_values, default_values
from wandb._run.disabled import disabled_run
from wandb._run.folder import discarded, make_folder
from wandb._run.forks import end_all
from wandb._run.media import Logged
from wandb._run.provenance import code_path
from wandb._run.run import Run
from wandb._run.sampling import sampling_of
from wandb._run.session import session
from wandb._run.writer import JournalWriter
from wandb._settings.hardware import hardware_overrides
from wandb._settings.settings import INIT_ARGUMENTS, Settings
from wandb._wire.journal import (
    PRODUCER,
    environment_record,
    files_record,
    header_record,
    timestamp,
)
from wandb.errors import SettingsError

if TYPE_CHECKING:
    from wandb._settings.server_choice import ServerChoice

_LOGGER = logging.getLogger(__name__)


def init(
    entity: str | None = None,
    project: str | None = None,
    dir: Any = None,
    id: str | None = None,
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
    config: Any = None,
    config_exclude_keys: list[str] | None = None,
    config_include_keys: list[str] | None = None,
    allow_val_change: bool | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: str | None = None,
    force: bool | None = None,
    anonymous: str | None = None,
    reinit: bool | str | None = None,
    resume: bool | str | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    settings: Any = None,
) -> Run:
    """Start a run.

    Call it at the beginning of a script, or use it as a context manager. If the run is not
    finished by then, it ends with the process.

    Args:
        entity: The user or team that the run belongs to.
        project: The project that the run belongs to; by default named after the git repository,
            or `uncategorized`.
        dir: Where the `wandb` folder with the run's own folder goes; the current folder by
            default.
        id: The run's id: any text without white space at its ends and without `/ # ? ' : ; ,`.
            By default eight random letters and digits.
        name: The name shown for the run.
        notes: Free text about the run.
        tags: Words to find the run by.
        config: Hyperparameters: a dict, an `argparse.Namespace`, absl's flags, an object with
            attributes, or the name of a YAML file.
        config_exclude_keys: Keys of `config` to leave out.
        config_include_keys: The only keys of `config` to keep.
        allow_val_change: Let values of the config change later; notebooks do.
        group: A name that related runs share.
        job_type: What the run does, such as `train` or `eval`.
        mode: `online`, which sends the run while it goes on; `offline`, which keeps it on disk
            for `wandb sync`; `shared`, for many processes that write one run; or `disabled`,
            which keeps nothing.
        force: Raise where the run could go on offline only, because no server can be had.
        anonymous: Accounts without a name exist on the hosted service only; the word is checked.
        reinit: What to do if there is an active run: `return_previous`, `finish_previous`,
            `create_new`, or `default`: the first in scripts, the second in notebooks.
        resume: Whether to go on with the run of this `id`, after its last step and with its
            config, summary, tags and notes: `allow` does if the server has it, and else starts
            it; `must` raises if it has not, `never` if it has. `auto`, or True, goes on with the
            last run of this folder that did not end well, and else starts one.
        resume_from: A moment of a run, `<run id>?_step=<number>`: go back in that run, give up
            what it logged later, and go on with the next step.
        fork_from: A moment of a run, `<run id>?_step=<number>`: start a new run that has its rows
            up to that step, and go on with the next step.
        save_code: Keep the main script with the run, and what git says differs from its last
            commit.
        tensorboard: Deprecated name of `sync_tensorboard`.
        sync_tensorboard: Log what writers for TensorBoard write that are made from now on, and
            keep their event files with the run.
        monitor_gym: Not in this version: a warning says so.
        settings: A `wandb.Settings` or a dict; the other arguments win over it.

    Returns:
        The run, which is also `wandb.run`.

    Raises:
        UsageError: An argument or a setting is wrong, or the run is there or is not as `resume`
            minds.
        ConfigError: A config file cannot be read.
        TypeError: `config` holds no names and values.
        AuthenticationError: The server does not know the key.
        CommError: The server refuses the run. One that can't be reached is no error: the run goes
            on, and is delivered when it can be.
        Error: No folder can be written.
    """
    arguments = {
        "allow_val_change": allow_val_change,
        "anonymous": anonymous,
        "dir": dir,
        "entity": entity,
        "force": force,
        "fork_from": fork_from,
        "group": group,
        "id": id,
        "job_type": job_type,
        "mode": mode,
        "name": name,
        "notes": notes,
        "project": project,
        "reinit": reinit,
        "resume": resume,
        "resume_from": resume_from,
        "save_code": save_code,
        "sync_tensorboard": sync_tensorboard if tensorboard is None else tensorboard,
        "tags": None if tags is None else tuple(tags),
    }
    _warn_of_unbuilt(monitor_gym=monitor_gym)
    session.set_up()
    session.warn_if_environment_changed()
    chosen = _chosen_settings(settings, arguments)
    # A disabled run is beside all others: `reinit` neither ends a run for it nor finds it.
    previous = None if chosen._noop else _previous_run(chosen)
    if previous is not None:
        return previous
    values = {
        **default_values(os.getcwd(), chosen.config_paths or ()),
        **_config_values(config, config_exclude_keys, config_include_keys),
    }
    return disabled_run(values) if chosen._noop else _start(chosen, values, arguments)


def _warn_of_unbuilt(**given: Any) -> None:
    """Name the arguments that were given and that this version does nothing with."""
    names = [name for name, value in given.items() if value]
    if names:
        termwarn(f"wandb.init: {' and '.join(names)} has no effect in this version.", repeat=False)


# --- what was asked for -------------------------------------------------------------------


def _chosen_settings(settings: Any, arguments: Mapping[str, Any]) -> Settings:
    chosen = session.settings.model_copy()
    if isinstance(settings, Mapping):
        chosen.update_from_dict(settings, source="the `settings` of `wandb.init`")
    elif isinstance(settings, Settings):
        chosen.update_from_settings(settings)
    elif settings is not None:
        raise SettingsError(
            "`wandb.init(settings=…)` takes a wandb.Settings or a dict, not "
            f"{type(settings).__name__}; no run was started"
        )
    named = {INIT_ARGUMENTS.get(name, name): value for name, value in arguments.items()}
    chosen.update_from_dict(named, source="argument of `wandb.init`")
    context.keep_identity(chosen, session.settings)
    termsetup(chosen, wandb_logger())
    for notice in chosen.take_notices():
        termwarn(notice, repeat=False)
    return chosen


def _config_values(
    config: Any, exclude: list[str] | None, include: list[str] | None
) -> dict[str, Any]:
    if exclude or include:
        termwarn(
            "config_exclude_keys and config_include_keys are deprecated: choose the keys before "
            "passing `config`.",
            repeat=False,
        )
    return chosen_values(config, exclude, include)


# --- the run that is there ----------------------------------------------------------------


def _reinit_mode(settings: Settings) -> str:
    if isinstance(settings.reinit, bool):
        mode = "finish_previous" if settings.reinit else "return_previous"
        termwarn(f"reinit={settings.reinit} is deprecated: use reinit={mode!r}.", repeat=False)
        return mode
    if settings.reinit == "default":
        return "finish_previous" if settings._notebook else "return_previous"
    return settings.reinit


def _previous_run(settings: Settings) -> Run | None:
    """Deal with the active run as `reinit` says; return it if it is to be used further."""
    previous = session.newest_run()
    if previous is None:
        return None
    mode = _reinit_mode(settings)
    if mode == "finish_previous":
        end_all(session.runs, Run.finish)
    if mode != "return_previous":
        return None
    termlog(
        f"Run {previous.id} is active, so wandb.init returns it and its arguments have no effect. "
        "Finish it first, or pass reinit='create_new' or 'finish_previous'."
    )
    return previous


# --- the new run --------------------------------------------------------------------------


def _start(settings: Settings, config: Mapping[str, Any], arguments: Mapping[str, Any]) -> Run:
    asked_for, beside = settings.mode, settings.reinit == "create_new"
    server = _server(settings)
    continuing.choose_run(settings)
    _complete(settings)
    sweep, launch = context.sweep_values(settings), context.launch_values(settings)
    settings = make_folder(settings)
    try:
        continuing.note_begin(settings)
        run = Run(settings, config=config, sweep_config=sweep, launch_config=launch)
        run._shared = asked_for == "shared"
        run._folder = settings.sync_dir
        run._debug_log = open_debug_log(settings.log_user)
        _log_start(run, asked_for)
        writer = _begun(run, server, arguments)
    except OSError as err:
        raise discarded(settings, err) from err
    except BaseException:
        rmtree(settings.sync_dir, ignore_errors=True)
        raise
    try:
        _set_off(run, writer, beside=beside)
    except BaseException:
        with suppress(Exception):
            ending.undo(run)
        raise
    return run


def _begun(run: Run, server: "ServerChoice | None", arguments: Mapping[str, Any]) -> JournalWriter:
    """Begin the journal of a run; where that fails, nothing is left open."""
    writer: JournalWriter | None = None
    try:
        writer = _open_writer(run)
        continuing.branch(run, writer)
        # Not before `control` is there: a folder to be delivered without it has no owner.
        if server is not None:
            _prepare_delivery(run, server)
        _begin_journal(run, writer, arguments)
    except BaseException:
        if writer is not None:
            writer.abandon()
        if run._debug_log is not None:
            close_debug_log(run._debug_log)
        raise
    return writer


def _set_off(run: Run, writer: JournalWriter, *, beside: bool) -> None:
    """Begin all that goes on beside a run."""
    settings = run._settings
    session.runs.append(run)
    run._sampling = sampling_of(run)
    _meet_server(run)
    if run._sampling and run._delivery is None:
        run._sampling.begin()
    if not beside:
        session.globals.show(run)
    sharing.announce(run)
    run._background = Background(run)
    page = run._delivery.page() if run._delivery else None
    if settings._jupyter:
        _enter_notebook(run)
    if not (settings._notebook and _shown_by_magic(run)):
        footer.opening(settings, run._folder, page=page)
    capture.start(run, writer)
    if settings.sync_tensorboard:
        from wandb._run import tensorboard

        tensorboard.begin(run)


def _server(settings: Settings) -> "ServerChoice | None":
    """Tell where an online run is sent; where nowhere, it becomes an offline one."""
    if settings._offline:
        return None
    # All that has to do with servers is loaded by runs that have one.
    from wandb._run.online import server_for

    server = server_for(settings)
    found = {"base_url": server.base_url, "api_key": server.api_key} if server else {}
    mode = {} if server else {"mode": "offline"}
    settings.update_from_dict({**found, **mode}, source="`wandb.init`")
    return server


def _prepare_delivery(run: Run, server: "ServerChoice") -> None:
    from wandb._run.online import Delivery

    run._delivery = Delivery(run, server)
    run._delivery.prepare()


def _meet_server(run: Run) -> None:
    """Hear the server's word on the run; where it refuses, there is no run."""
    if run._delivery is None:
        return
    try:
        run._delivery.begin()
    except BaseException:
        run._delivery.abandon()
        run._delivery = None
        raise


def _complete(settings: Settings) -> None:
    """Fill in what a run must have and nobody chose."""
    settings.update_from_dict(
        {
            "run_id": None if settings.run_id else generate_id(),
            "project": None if settings.project is not None else _project(settings),
            "x_start_time": time.time(),
        },
        source="`wandb.init`",
    )
    if settings._shared and not settings.x_label:
        label = f"{settings.host or 'writer'}-{generate_id()}"
        settings.update_from_dict({"x_label": label}, source="`wandb.init`")


def _project(settings: Settings) -> str:
    if settings.disable_git:
        return "uncategorized"
    return project_name(os.path.dirname(program_path() or "") or os.getcwd())


def _log_start(run: Run, asked_for: str) -> None:
    chosen = run._settings
    _LOGGER.info("wandb %s (Ferrule), %s", PRODUCER, python_text())
    _LOGGER.info("run %s in mode %s, kept in %s", run.id, asked_for, run._folder)
    for name in sorted(chosen.model_fields_set):
        _LOGGER.info("setting %s comes from %s", name, chosen.origin(name))


_FEATURE_OF = {"name": "set_init_name", "id": "set_init_id", "tags": "set_init_tags"}


def _open_writer(run: Run) -> JournalWriter:
    writer = JournalWriter(
        run._folder,
        run.id,
        coerce=Logged(run),
        started_at=run._start_time,
        strict_steps=run._settings.strict_steps,
        shared=run._shared,
    )
    run._use(writer)
    return writer


def _begin_journal(run: Run, writer: JournalWriter, arguments: Mapping[str, Any]) -> None:
    run._telemetry.note(*(["offline"] if run.offline else []), *_features(run, arguments))
    if path := code_path(run._settings):
        run._config._items["_wandb"]["code_path"] = path
    writer.append(header_record())
    writer.append(run._run_record())
    for record in _environment_records(run):
        writer.append(record)
    # By way of the run: after a fork and after `finish` it has another writer.
    run._telemetry.send_to(lambda record: run._writer.append(record))


def _features(run: Run, arguments: Mapping[str, Any]) -> list[str]:
    used = [feature for name, feature in _FEATURE_OF.items() if arguments[name] is not None]
    used += continuing.features(run._settings)
    return [*used, "set_init_config"] if run.config.keys() else used


def _environment_records(run: Run) -> list[dict[str, Any]]:
    settings = run._settings
    packages = [files_record(REQUIREMENTS, kind="WANDB")] if lists_packages(settings) else []
    if settings.x_disable_meta or settings.x_disable_machine_info or not settings.x_primary:
        return packages
    run._environment_id = writer_id = generate_id(32)
    program = {
        "os": system_text(),
        "python": python_text(),
        "started_at": timestamp(run._start_time),
        "args": settings._args,
        "program": settings.program_abspath or settings.program,
        "code_path": settings.program_relpath,
        "code_path_local": settings._code_path_local,
        "root": settings.root_dir,
        "host": settings.host,
        "username": settings.username,
        "executable": settings.x_executable,
        "docker": settings.docker,
        "email": settings.email,
    }
    hardware = _hardware(settings)
    return [
        environment_record(writer_id, program),
        environment_record(writer_id, hardware),
        *packages,
    ]


def _hardware(settings: Settings) -> dict[str, Any]:
    facts = hardware_facts(settings.x_stats_disk_paths or ())
    return {**facts, **hardware_overrides(settings), "slurm": slurm_facts(os.environ)}


def _enter_notebook(run: Run) -> None:
    from wandb._run import notebook

    notebook.begin(run)


def _shown_by_magic(run: Run) -> bool:
    """Tell whether the cell asks for the run's page by `%%wandb`, which shows it now."""
    magics = sys.modules.get("wandb._run.magics")
    return magics is not None and bool(magics.display_if_magic_is_used(run))
