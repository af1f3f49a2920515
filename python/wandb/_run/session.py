"""What this process knows: the settings it was started with, and its active runs.

The one object with module-level life. A forked child inherits it, forgets what belongs to its
parent, and reads its own settings.
"""

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import configure, termsetup, termwarn
from wandb._run.console import Console
from wandb._run.forks import ExitWatch, end_all
from wandb._run.globals import Globals

if TYPE_CHECKING:
    from wandb._run.link import Link
    from wandb._run.redirect import Redirection
    from wandb._run.run import Run
    from wandb._settings.settings import Settings

_LOGGER = logging.getLogger(__name__)
# Names that other programs change while a process runs, without a meaning for its settings.
_IGNORED_NAMES = frozenset({"WANDB_SERVICE", "WANDB_KUBEFLOW_URL"})


class Session:
    """What is set up once per process; `wandb.setup` returns it."""

    def __init__(self) -> None:
        self.globals = Globals()
        self.console = Console()
        # The way around it, as long as a run asks for `console="redirect"`.
        self.redirection: Redirection | None = None
        self.exit = ExitWatch(self)
        self.runs: list[Run] = []
        # Held to redirect the streams for a run, and to put them back; a signal's handler may.
        self.console_changes = threading.RLock()
        # Held to open this process's part of a run: several threads may be the first to log.
        self.openings = threading.RLock()
        # The way to the service, once a run is sent anywhere.
        self.link: Link | None = None
        # Held to take the link for a run, and to drop it after the last one.
        self.link_changes = threading.RLock()
        # How many models were watched in this process; names of further ones begin with it.
        self.watched_models = 0
        self._settings: Settings | None = None
        self._environment: dict[str, str] = {}

    @property
    def settings(self) -> "Settings":
        """The settings of files, environment and machine, read when first asked for."""
        if self._settings is None:
            from wandb._settings.sources import load

            self._environment = _wandb_environment()
            self._settings = load(os.environ, cwd=os.getcwd())
            termsetup(self._settings, None)
            for notice in self._settings.take_notices():
                termwarn(notice, repeat=False)
        return self._settings

    def set_up(self, settings: Any = None) -> "Session":
        """Read the settings, put `settings` on top of them, and watch for forks and the exit."""
        own = self.settings
        if settings is not None:
            _lay_over(own, settings)
            termsetup(own, None)
        self.exit.install()
        return self

    def prepare_service(self) -> None:
        """Choose where the service will listen, so that children to come share one."""
        if self.settings._offline or self.settings._noop:
            return
        from wandb._run.service_address import known_address, reserve_address

        try:
            if known_address() is None:
                reserve_address()
        except OSError as err:
            _LOGGER.warning("each child will start a service of its own: %s", err)

    def warn_if_environment_changed(self) -> None:
        """Say so when `WANDB_…` variables were changed after they had been read."""
        if self._settings is not None and _wandb_environment() != self._environment:
            termwarn(
                "WANDB_… variables changed after the settings were read, and the changes have no "
                "effect in this process. Pass `settings=` to wandb.init, or call "
                "wandb.teardown() first.",
                repeat=False,
            )

    def newest_run(self) -> "Run | None":
        """Return the active run that was made last."""
        return self.runs[-1] if self.runs else None

    def forget(self, run: "Run") -> None:
        """Drop a run that has ended."""
        if run in self.runs:
            self.runs.remove(run)
        if self.globals.run is run:
            self.globals.clear()

    def tear_down(self, exit_code: int | None = None) -> None:
        """Finish every active run, newest first, and forget the settings."""
        try:
            end_all(self.runs, lambda run: run.finish(exit_code=exit_code))
        finally:
            self.drop_link()
            self._settings = None
            configure()  # what settings had silenced speaks again

    def drop_link(self) -> None:
        """Need the service no more; it leaves when nobody does."""
        with self.link_changes:
            if self.link is not None:
                self.link.close()
                self.link = None

    def after_fork(self) -> None:
        """Let go of what belongs to the parent.

        Runs stay usable, and get a journal of this process when they are used. One that is not
        used does not count as active here: `wandb.init` starts another, as in the original.
        """
        self.console.stop_all()
        self.console_changes, self.openings = threading.RLock(), threading.RLock()
        if self.redirection is not None:
            self.redirection.abandon()
            self.redirection = None
        self.link_changes = threading.RLock()
        if self.link is not None:
            self.link.forget()
            self.link = None
        self._settings = None
        inherited, self.runs = self.runs, []
        for run in inherited:
            run._inherit()


def _wandb_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("WANDB_") and name not in _IGNORED_NAMES
    }


def _lay_over(settings: "Settings", changes: Any) -> None:
    if isinstance(changes, dict):
        settings.update_from_dict(changes)
    else:
        settings.update_from_settings(changes)


session = Session()


def setup(settings: Any = None) -> Session:
    """Prepare this process and its children for logging.

    `wandb.init` does so by itself. Calling it before starting child processes reads settings
    once, for all of them.

    Args:
        settings: A `wandb.Settings` or a dict, for all runs of this process; the arguments of
            `wandb.init` win over it.

    Returns:
        The session; its `settings` are what was understood.
    """
    session.set_up(settings)
    session.prepare_service()
    return session


def teardown(exit_code: int | None = None) -> None:
    """Finish all active runs and forget the settings, so that the next `init` reads them again.

    Args:
        exit_code: What the runs end with; 0 is success.
    """
    session.tear_down(exit_code)


def singleton() -> Session:
    """Return the session of this process, set up."""
    return session.set_up()
