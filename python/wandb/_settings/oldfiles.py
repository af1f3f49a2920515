"""The two settings files, read and changed by section and key, as older code does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from wandb._settings import settings_file
from wandb._settings.settings import Settings as _Settings

__all__ = ("Settings", "wandb_dir")


def wandb_dir(root_dir: str | None = None) -> str:
    """Return the folder of all runs below `root_dir`, by default below the current folder."""
    return _Settings(root_dir=root_dir or os.getcwd()).wandb_dir


class Settings:
    """What the user's file and the folder's file say; the folder's wins.

    Args:
        load_settings: Read the files, or begin with nothing.
        root_dir: Whose `wandb` folder has the second file; the current folder unless given.
    """

    DEFAULT_SECTION = "default"

    def __init__(self, load_settings: bool = True, root_dir: str | None = None) -> None:
        self._paths = {
            True: os.path.expanduser(os.path.join(settings_file.folder(os.environ), "settings")),
            False: os.path.join(wandb_dir(root_dir), "settings"),
        }
        self._values: dict[bool, dict[str, Any]] = {
            globally: settings_file.texts(path) if load_settings else {}
            for globally, path in self._paths.items()
        }

    def get(self, section: str, key: str, fallback: Any = ...) -> Any:
        """Return a value as text.

        Raises:
            KeyError: There is none, and no fallback was given.
        """
        for globally in (False, True):
            if key in self._values[globally] and section == self.DEFAULT_SECTION:
                return self._values[globally][key]
        if fallback is ...:
            raise KeyError(key)
        return fallback

    def set(
        self, section: str, key: str, value: Any, globally: bool = False, persist: bool = False
    ) -> None:
        """Set a value: in the user's file's place if `globally`, in the file if `persist`."""
        self._change(key, str(value), globally=globally, persist=persist)

    def clear(self, section: str, key: str, globally: bool = False, persist: bool = False) -> None:
        """Take a value out."""
        self._change(key, None, globally=globally, persist=persist)

    def items(self, section: str | None = None) -> dict[str, Any]:
        """Return all values, and the section's name under `section`."""
        merged = {**self._values[True], **self._values[False]}
        return {"section": section or self.DEFAULT_SECTION, **merged}

    def _change(self, key: str, value: str | None, *, globally: bool, persist: bool) -> None:
        values = self._values[globally]
        values.pop(key, None)
        if value is not None:
            values[key] = value
        if persist:
            changes: Mapping[str, str | None] = {key: value}
            settings_file.change(self._paths[globally], changes)
