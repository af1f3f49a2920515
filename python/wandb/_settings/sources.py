"""The layers below what a script says, in order: defaults, files, environment, machine."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wandb._settings import settings_file
from wandb._settings.settings import Settings

__all__ = ("load",)


def load(environ: Mapping[str, str], *, cwd: str) -> Settings:
    """Put together what holds for a process before its script says anything.

    Lowest first: defaults; the user's settings file; the settings file in the `wandb` folder,
    looked for where the file before says or else in `cwd`, since the environment comes later;
    environment variables; what follows from the machine. Nothing is printed: what the user
    should be told waits in `Settings.take_notices`.

    Args:
        environ: Values by variable, as `os.environ`.
        cwd: The script's working folder.

    Returns:
        The settings; `model_fields_set` and `origin` tell what was set, and by whom.

    Raises:
        wandb.errors.SettingsError: A file or a variable holds what its setting can't take.
    """
    settings = Settings()
    settings.__dict__["root_dir"] = cwd  # a default like any other: nobody has set it
    system_file = os.path.join(settings_file.folder(environ), "settings")
    settings.update_from_dict({"settings_system": system_file}, source="the system")
    settings.update_from_system_config_file()
    settings.update_from_workspace_config_file()
    settings.update_from_env_vars(environ)
    settings.update_from_system_environment(environ, cwd=cwd)
    return settings
