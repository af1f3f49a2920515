"""What a run was made from: commit, patches and the script itself, found out after `init`.

Nothing here is waited for but at the end of the run, and there not for long. A run without git,
without a script or with a slow repository is a run all the same.
"""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from wandb._base.placing import place
from wandb._wire.journal import environment_record, files_record

if TYPE_CHECKING:
    from wandb._run.run import Run
    from wandb._settings.settings import Settings

_LOGGER = logging.getLogger(__name__)


def code_path(settings: "Settings") -> str | None:
    """Return where the script is kept among the run's files; None where it is not to be kept."""
    if not settings.save_code or settings.disable_code or not settings.program_relpath:
        return None
    return PurePath("code", settings.program_relpath).as_posix()


def record(run: "Run", wanted: Callable[[], bool]) -> None:
    """Find out and keep all of it.

    Args:
        run: The run.
        wanted: Says whether the run still goes on.
    """
    settings = run._settings
    if settings.x_disable_machine_info:
        return
    if not settings.disable_git:
        _keep_git_state(run)
    if not settings.x_primary or not settings.save_code or settings.disable_code:
        return
    _keep_script(run)
    if not settings.disable_git:
        _keep_patches(run, wanted)


# --- git ----------------------------------------------------------------------------------------


def _keep_git_state(run: "Run") -> None:
    git = _git_state(run._settings)
    if not git:
        return
    run._git = git
    # The script may be changing the config just now: what was read of it here would undo that.
    run._describe(with_config=False)
    if run._environment_id is not None:
        run._append(environment_record(run._environment_id, {"git": git}))


def _git_state(settings: "Settings") -> dict[str, str]:
    """Return commit and remote; whoever names the remote is taken at their word, unasked."""
    commit, remote_url = settings.git_commit, settings.git_remote_url
    if remote_url is None:
        from wandb._base.git import git_state

        state = git_state(_folder(settings), remote=settings.git_remote)
        if state is not None:
            commit, remote_url = commit or state.commit, state.remote_url
    found = {"git_commit": commit, "git_remote_url": remote_url}
    settings.update_from_dict(found, source="git")
    return {name: text for name, text in (("remote_url", remote_url), ("commit", commit)) if text}


def _folder(settings: "Settings") -> str:
    return settings.git_root or os.getcwd()


def _keep_patches(run: "Run", wanted: Callable[[], bool]) -> None:
    """Keep what differs from the last commit, and from what the branch's upstream has."""
    from wandb._base.git import changes_since, upstream_commit, work_tree

    top = work_tree(_folder(run._settings))
    if top is None:
        return
    upstream = upstream_commit(top)
    commits = {"diff.patch": "HEAD"}
    if upstream is not None:
        commits[f"diff_{upstream}.patch"] = upstream
    kept = [
        name
        for name, commit in commits.items()
        if put(partial(changes_since, commit, top, wanted=wanted), run.dir, name)
    ]
    if kept:
        run._append(files_record(*kept, kind="WANDB"))


# --- the script ---------------------------------------------------------------------------------


def _keep_script(run: "Run") -> None:
    script, name = run._settings.program_abspath, code_path(run._settings)
    if script is None or name is None:
        return
    if put(partial(_copied, script), run.dir, name):
        run._append(files_record(name, kind="WANDB"))


def _copied(script: str, made: str) -> bool:
    from shutil import copyfile

    copyfile(script, made)
    return True


# --- files --------------------------------------------------------------------------------------


def put(make: Callable[[str], object], folder: str, name: str) -> bool:
    """Do as `place` does, but that what can't be written is only noted in the log."""
    try:
        return place(make, folder, name)
    except OSError as err:
        _LOGGER.warning("%s is not kept: %s", name, err)
        return False
