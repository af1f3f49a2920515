"""The folder of a run: where it lies, what is in it, and that it is this run's alone."""

import os
from itertools import count
from typing import TYPE_CHECKING

from wandb._base.paths import is_writable, replace_symlink
from wandb._base.terminal import termwarn
from wandb._settings.settings import Settings
from wandb.errors import Error

if TYPE_CHECKING:
    from collections.abc import Iterator


class _SuffixedSettings(Settings):
    """The settings of a run whose folder's usual name was taken."""

    @property
    def sync_dir(self) -> str:
        """The run's folder."""
        return f"{super().sync_dir}-{self.__dict__['_folder_suffix']}"


def make_folder(settings: Settings) -> Settings:
    """Make the run's folder and what belongs in it.

    Two runs of one id in one second get a folder each. If the folder of all runs can't be
    written, the system's folder for temporary files takes its place, and a line says so.

    Returns:
        The settings that name the folder: those given, or changed ones.

    Raises:
        Error: No folder can be written at all.
    """
    settings.root_dir = writable_root(settings)
    try:
        os.makedirs(settings.wandb_dir, exist_ok=True)
        settings = _claimed(settings)
        _fill(settings)
    except OSError as err:
        raise refusal(settings, err) from err
    _point_at(settings)
    return settings


def refusal(settings: Settings, err: OSError) -> Error:
    """Say that no run can be kept where the settings want it, and what to do."""
    return Error(
        f"the run's folder can't be written ({err.strerror}); no run was started. Make room there, "
        f"or pass another place by wandb.init(dir=…) or WANDB_DIR: {settings.sync_dir}"
    )


def discarded(settings: Settings, err: OSError) -> Error:
    """Remove the folder of a run that could not be started, and say why it could not."""
    import shutil

    shutil.rmtree(settings.sync_dir, ignore_errors=True)
    return refusal(settings, err)


def writable_root(settings: Settings) -> str:
    """Return the folder to keep runs in: the one of the settings, if it can be written."""
    root = os.path.abspath(os.path.expanduser(settings.root_dir))
    refused = next((path for path in (root, settings.wandb_dir) if not is_writable(path)), None)
    if refused is None:
        return root
    from tempfile import gettempdir

    termwarn(
        f"{refused.rstrip(os.sep)} is no folder that can be written, so runs are kept in "
        f"{gettempdir()}. Choose a place by wandb.init(dir=…) or WANDB_DIR."
    )
    return gettempdir()


def _claimed(settings: Settings) -> Settings:
    for candidate in _candidates(settings):
        try:
            os.mkdir(candidate.sync_dir)
        except FileExistsError:
            continue
        return candidate
    raise AssertionError("unreachable: candidates do not end")


def _candidates(settings: Settings) -> "Iterator[Settings]":
    yield settings
    for number in count(2):
        suffixed = _SuffixedSettings()
        suffixed.__setstate__(settings.__getstate__())
        suffixed.__dict__["_folder_suffix"] = number
        yield suffixed


def _fill(settings: Settings) -> None:
    for folder in (settings.files_dir, settings.log_dir, settings._tmp_code_dir):
        os.makedirs(folder, exist_ok=True)
    # Console text is in the journal; tools expect the file all the same.
    _touch(os.path.join(settings.files_dir, "output.log"))
    _touch(settings.log_internal)


def _touch(path: str) -> None:
    with open(path, "ab"):
        pass


def _point_at(settings: Settings) -> None:
    if settings.symlink:
        replace_symlink(settings.sync_symlink_latest, settings.sync_dir)
        replace_symlink(settings.log_symlink_user, settings.log_user)
        replace_symlink(settings.log_symlink_internal, settings.log_internal)


def siblings(wandb_dir: str, own: str) -> list[str]:
    """List other runs' folders that still hold the `control` file of an unfinished run."""
    try:
        names = sorted(os.listdir(wandb_dir), reverse=True)
    except OSError:
        return []
    folders = (os.path.join(wandb_dir, name) for name in names if "run-" in name)
    own = os.path.realpath(own)
    return [
        folder
        for folder in folders
        if os.path.isfile(os.path.join(folder, "control"))
        and not os.path.islink(folder)
        and os.path.realpath(folder) != own
    ]
