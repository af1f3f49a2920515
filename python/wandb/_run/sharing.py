"""A run in more than one process: how the others find it and join in.

Each process writes a journal of its own into the run's folder; the owner folds them into one at
the end. A child finds the folder in the pickled run, or by the run's id in the environment.
"""

import json
import logging
import os
from typing import TYPE_CHECKING, Any

from wandb._base.ids import generate_id
from wandb._run import capture
from wandb._run.forks import close_at_child_exit
from wandb._run.media import Logged
from wandb._run.session import session
from wandb._run.writer import ChildWriter, LateWriter, RunWriter
from wandb.errors import UsageError

if TYPE_CHECKING:
    from wandb._run.run import Run

_LOGGER = logging.getLogger(__name__)

# Run id → folder, as JSON: inherited by child processes. Never the original's variable, which a
# released client would try to connect to.
FOLDERS_VARIABLE = "FERRULE_RUNS"

# What another process has to know of a run.
_SHARED_SETTINGS = (
    "run_id",
    "entity",
    "project",
    "run_name",
    "run_notes",
    "run_tags",
    "run_group",
    "run_job_type",
    "sweep_id",
    "mode",
    "base_url",
    "root_dir",
    "host",
    "program",
    "console",
    "strict_steps",
    "symlink",
    "x_start_time",
)


def _description_path(folder: str) -> str:
    return os.path.join(folder, "tmp", "run.json")


# --- the owner's side -------------------------------------------------------------------------


def announce(run: "Run") -> None:
    """Let child processes find the run."""
    settings = {name: getattr(run._settings, name) for name in _SHARED_SETTINGS}
    settings["x_files_dir"] = run.dir
    described = {"settings": settings, "shared": run._shared, "start_time": run._start_time}
    try:
        with open(_description_path(run._folder), "w", encoding="utf-8") as file:
            json.dump(described, file)
    except OSError as err:
        _LOGGER.warning("other processes can't join run %s: %s", run.id, err)
        return
    _write_folders({**known_folders(), run.id: run._folder})


def withdraw(run: "Run") -> None:
    """Let nobody find the run any more."""
    folders = known_folders()
    if folders.get(run.id) == run._folder:
        del folders[run.id]
        _write_folders(folders)
    try:
        os.unlink(_description_path(run._folder))
    except OSError:
        return  # the folder was moved or removed by its user


def known_folders() -> dict[str, str]:
    """Return the folders of the active runs of this process and of those that started it."""
    try:
        found = json.loads(os.environ.get(FOLDERS_VARIABLE, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _write_folders(folders: dict[str, str]) -> None:
    if folders:
        os.environ[FOLDERS_VARIABLE] = json.dumps(folders)
    else:
        os.environ.pop(FOLDERS_VARIABLE, None)


# --- the other processes' side ----------------------------------------------------------------


def join(run: "Run", run_id: str, folder: str) -> None:
    """Make an empty run object this process's part of a run that another process has started.

    Raises:
        UsageError: The run is not active, or not on this machine.
    """
    described = _described(run_id, folder)
    settings = session.set_up().settings.model_copy()
    settings.update_from_dict(described["settings"])
    run.__dict__.clear()
    run.__init__(settings)  # type: ignore[misc]
    run._start_time = described["start_time"]
    run._folder, run._shared, run._owned = folder, described["shared"], False
    run._use(LateWriter(lambda: open_own_writer(run)))
    session.runs.append(run)
    session.globals.show(run)


def _described(run_id: str, folder: str) -> dict[str, Any]:
    try:
        with open(_description_path(folder), encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, ValueError) as err:
        raise UsageError(
            f"no active run {run_id} can be found from this process; nothing was attached. It has "
            "to be active on this machine, in a process that started this one"
            + (f", and its folder in place: {folder}" if folder else ".")
        ) from err


def open_own_writer(run: "Run") -> RunWriter:
    """Open this process's own journal of a run, and let the run use it; once is enough."""
    with session.openings:
        return _opened(run) if isinstance(run._writer, LateWriter) else run._writer


def _opened(run: "Run") -> RunWriter:
    try:
        writer = ChildWriter(
            run._folder,
            run.id,
            f"{os.getpid()}-{generate_id(4)}",
            coerce=Logged(run),
            strict_steps=run._settings.strict_steps,
            shared=run._shared,
        )
    except FileNotFoundError as err:
        raise UsageError(
            f"run {run.id} was finished by the process that started it; nothing was kept here"
        ) from err
    run._use(writer)
    if run not in session.runs:  # from now on `wandb.init` returns it
        session.runs.append(run)
    capture.start(run, writer)
    close_at_child_exit(lambda: writer.close(None))
    return writer
