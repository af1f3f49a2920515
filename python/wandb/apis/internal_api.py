"""The older client's `Api`: who am I, where, and which settings; over what `wandb.Api` asks by."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from wandb._settings.derived import app_url
from wandb._settings.oldfiles import Settings as OldSettings
from wandb._settings.server_choice import HOSTED_API, choose
from wandb._settings.settings import Settings
from wandb._settings.sources import load
from wandb.apis.public.server import Server, reach
from wandb.errors import CommError, UnsupportedError, UsageError

__all__ = ("Api",)


class Api:
    """What older code and integrations ask of `wandb.api`; nothing is asked of a server unasked.

    Args:
        default_settings: Settings that hold unless files or the environment say otherwise.
        load_settings: Read the settings files.
        retry_timedelta: Not used: waits are bounded by themselves.
        environ: Values by variable; `os.environ` unless given.
        retry_callback: Not used.
        api_key: The key, instead of the one that the settings or the netrc file have.
    """

    def __init__(
        self,
        default_settings: Any = None,
        load_settings: bool = True,
        retry_timedelta: timedelta = timedelta(days=7),
        environ: Mapping[str, str] = os.environ,
        retry_callback: Any = None,
        api_key: str | None = None,
    ) -> None:
        self._defaults = dict(default_settings or {})
        self._environ = environ
        self._files = OldSettings(load_settings=load_settings)
        self._api_key = api_key

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_environ": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._environ = os.environ

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NotHere(name)

    @property
    def api(self) -> Api:
        """This object, which once stood before another."""
        return self

    # --- who and where ------------------------------------------------------------------------

    def _settings(self) -> Settings:
        settings = load(self._environ, cwd=os.getcwd())
        settings.update_from_dict({"api_key": self._api_key}, source="argument of `InternalApi`")
        return settings

    def _server(self) -> Server:
        return reach(self._settings())

    @property
    def api_key(self) -> str | None:
        """The key for the server that runs are logged to, or None."""
        return choose(self._settings(), self._environ).api_key

    @property
    def is_authenticated(self) -> bool:
        """Whether there is a key, good or not."""
        return self.api_key is not None

    @property
    def api_url(self) -> str:
        """The address of the server."""
        return choose(self._settings(), self._environ).base_url or HOSTED_API

    @property
    def app_url(self) -> str:
        """The address of the server's pages, a slash at its end."""
        return f"{app_url(self.api_url)}/"

    @property
    def default_entity(self) -> str | None:
        """The entity that is meant where none is named; the server is asked."""
        entity: str | None = self.viewer().get("entity")
        return entity

    def viewer(self) -> dict[str, Any]:
        """Ask the server who the key belongs to; empty where it knows nobody.

        Raises:
            CommError: The server can't be reached.
        """
        return self._server().ask("CheckKey")["viewer"] or {}

    def validate_api_key(self) -> bool:
        """Whether the server knows the key; False where it can't be asked."""
        try:
            return bool(self.viewer())
        except (CommError, UsageError):
            return False

    # --- settings -----------------------------------------------------------------------------

    def settings(self, key: str | None = None, section: str | None = None) -> Any:
        """Return what files and environment say: all of it, or one value; None where unset."""
        known = self._settings()
        values = {
            **self._defaults,
            **self._files.items(section),
            **{name: value for name, value in known if known.origin(name)},
            "base_url": self.api_url,
        }
        return values if key is None else values.get(key)

    def set_setting(
        self, key: str, value: Any, globally: bool = False, persist: bool = False
    ) -> None:
        """Set a value for this object, and in a settings file if `persist`."""
        self._files.set(OldSettings.DEFAULT_SECTION, key, value, globally, persist)

    def clear_setting(self, key: str, globally: bool = False, persist: bool = False) -> None:
        """Take a value out, and out of a settings file if `persist`."""
        self._files.clear(OldSettings.DEFAULT_SECTION, key, globally, persist)

    def parse_slug(
        self, slug: str, project: str | None = None, run: str | None = None
    ) -> tuple[str, str]:
        """Read `entity/project/run` or a shorter form; what is missing comes from the settings.

        Returns:
            The project and the run.

        Raises:
            CommError: There is no run in it.
        """
        parts = [part for part in slug.strip("/").split("/") if part] if slug else []
        chosen = parts[-2] if len(parts) > 1 else project or self.settings("project")
        found = parts[-1] if parts else run or self.settings("run_id")
        if not (chosen and found):
            raise CommError(f"{slug!r} names no run: write PROJECT/RUN.")
        return str(chosen), str(found)

    def format_project(self, project: str) -> str:
        """Write a project with the entity of the settings before it, if there is one."""
        entity = self.settings("entity")
        return f"{entity}/{project}" if entity and "/" not in project else project


class NotHere(UnsupportedError, AttributeError):
    """The older client has such a method and this one has not; `hasattr` says False."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`InternalApi.{name}` is not in this version of Ferrule; see `wandb.Api` for reading."
        )
