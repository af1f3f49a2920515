"""The public class."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from wandb._settings import environment, host, settings_file
from wandb._settings.derived import Derived
from wandb._settings.model import Entry
from wandb.errors import SettingsError

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ("INIT_ARGUMENTS", "KEY_OF_LOGIN", "Settings")

# The source of a key that was given for the server of the time.
KEY_OF_LOGIN = "`wandb.login`"

# Where an argument of `wandb.init` has another name than the setting it sets.
INIT_ARGUMENTS = {
    "dir": "root_dir",
    "group": "run_group",
    "id": "run_id",
    "job_type": "run_job_type",
    "name": "run_name",
    "notes": "run_notes",
    "tags": "run_tags",
}

_WAYS_TO_CONTINUE = ("fork_from", "resume", "resume_from")
# What ends at the user's process; the service has no use for it.
_CLIENT_ONLY = frozenset(
    ("reinit", "max_end_of_run_history_metrics", "max_end_of_run_summary_metrics")
)


class Settings(Derived):
    """What the package may do and how, in one object.

    Made by hand it holds the defaults and what is given here, and reads neither the environment
    nor files; `wandb.init` lays it over those. Values are checked when set, and a wrong one
    raises an error that is both `wandb.UsageError` and ValueError. Names that begin with `_`
    stand for those that begin with `x_`. `docs/settings.md` describes every setting.

    Example:
        >>> settings = Settings(mode="offline", run_tags=["baseline"])
        >>> settings.run_mode
        'offline-run'
    """

    # ---- layers

    def update_from_system_config_file(self) -> None:
        """Take over the user's settings file, if `settings_system` names one."""
        if self.settings_system:
            self._update_from_file(self.settings_system)

    def update_from_workspace_config_file(self) -> None:
        """Take over the settings file in the `wandb` folder, if there is one."""
        self._update_from_file(self.settings_workspace)

    def _update_from_file(self, path: str) -> None:
        entries, notices = settings_file.entries(path)
        self._apply(entries)
        self._notices.extend(notices)

    def update_from_env_vars(self, environ: Mapping[str, Any]) -> None:
        """Take over what environment variables set.

        Args:
            environ: Values by variable, as `os.environ`.

        Raises:
            SettingsError: A variable holds what its setting can't take; none is taken over.
        """
        self._apply(environment.entries(environ))

    def update_from_system_environment(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        cwd: str | None = None,
    ) -> None:
        """Fill in what follows from the machine and the way the script was started.

        Args:
            environ: Values by variable; `os.environ` unless given.
            cwd: The script's working folder; the present one unless given.
        """
        known = os.environ if environ is None else environ
        self._apply(list(host.entries(self, known, cwd=cwd or os.getcwd())))

    def update_from_dict(
        self,
        settings: Mapping[str, Any],
        *,
        source: str = "a dict of settings",
    ) -> None:
        """Take over values by name. None sets nothing.

        Args:
            settings: Values by name.
            source: Who gives them, for messages: for example "argument of `wandb.init`".

        Raises:
            SettingsError: A name or a value is wrong; none is taken over.
        """
        if not isinstance(settings, Mapping):
            raise SettingsError(f"{source}: expected a dict, got {type(settings).__name__}.")
        self._apply((name, value, source) for name, value in settings.items() if value is not None)

    def update_from_settings(self, settings: Settings) -> None:
        """Take over what somebody set in another object. None sets nothing.

        Args:
            settings: The object whose values win.

        Raises:
            SettingsError: Values that are right one by one exclude each other.
        """
        self._apply(list(settings._set_entries()))

    def _set_entries(self) -> list[Entry]:
        values = self.__dict__
        return [
            (name, values[name], origin)
            for name, origin in self._origins.items()
            if values[name] is not None
        ]

    def _apply(self, entries: Iterable[Entry]) -> None:
        server, entries = self.base_url, list(entries)
        super()._apply(entries)
        comes_along = any(name == "api_key" for name, _, _ in entries)
        if self.base_url != server and self.origin("api_key") == KEY_OF_LOGIN and not comes_along:
            # A key is a secret between its owner and one server.
            del self.api_key

    # ---- rules between settings

    def _hint(self, name: str) -> str:
        setting = INIT_ARGUMENTS.get(name)
        return f"It is called `{setting}` here." if setting else super()._hint(name)

    def _check_together(self, changed: set[str]) -> None:
        if not changed.isdisjoint((*_WAYS_TO_CONTINUE, "run_id")):
            self._check_one_way_to_continue()
            self._check_ids_of_moments()
        if not changed.isdisjoint(("x_skip_transaction_log", "mode")):
            self.validate_skip_transaction_log()

    def _check_one_way_to_continue(self) -> None:
        chosen = [name for name in _WAYS_TO_CONTINUE if getattr(self, name) is not None]
        if len(chosen) > 1:
            shown = " and ".join(map(self._named, chosen))
            raise SettingsError(f"{shown} exclude each other. Give only one of them.")

    def _check_ids_of_moments(self) -> None:
        if self.run_id is None:
            return
        if self.fork_from and self.fork_from.run == self.run_id:
            raise SettingsError(
                f"{self._named('fork_from')} copies a run into a new one, and "
                f"{self._named('run_id')} names the same run. Give the new run another id, or use "
                "`resume_from` to go back in the run itself."
            )
        if self.resume_from and self.resume_from.run != self.run_id:
            raise SettingsError(
                f"{self._named('resume_from')} goes back in run '{self.resume_from.run}', and "
                f"{self._named('run_id')} is '{self.run_id}'. Leave `run_id` out, or use "
                "`fork_from` to copy into a new run."
            )

    def _named(self, name: str) -> str:
        origin = self.origin(name)
        return f"`{name}` ({origin})" if origin else f"`{name}`"

    def validate_skip_transaction_log(self) -> Self:
        """Check that an offline run keeps its journal, which is all there is of it.

        Returns:
            This object.

        Raises:
            SettingsError: It is offline and `x_skip_transaction_log` is on.
        """
        if self._offline and self.x_skip_transaction_log:
            raise SettingsError(
                f"{self._named('x_skip_transaction_log')} leaves nothing of a run with "
                f"{self._named('mode')} '{self.mode}': its journal is all there is. "
                "Leave one of the two out."
            )
        return self

    @classmethod
    def catch_private_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Spell names that begin with `_` as they are spelled now.

        Args:
            values: Values by name, in old or new spelling.

        Returns:
            The same values by new names; unknown names stay.
        """
        return {cls.canonical_name(name) or name: value for name, value in values.items()}

    # ---- onward

    def to_proto(self) -> dict[str, list[dict[str, str]]]:
        """Return what the service needs to know, as a plain record.

        The API key is in it: the record may go to the service, and to no file.

        Returns:
            `{"item": [{"key": name, "value_json": value as JSON}, ...]}`, without what is None.
        """
        import json

        from wandb._settings.moment import RunMoment

        def plain(value: Any) -> Any:
            return value._asdict() if isinstance(value, RunMoment) else value

        return {
            "item": [
                {"key": name, "value_json": json.dumps(plain(value))}
                for name, value in self.model_dump(exclude_none=True).items()
                if name not in _CLIENT_ONLY
            ]
        }
