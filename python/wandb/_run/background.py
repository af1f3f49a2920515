"""What a run does beside the script, that nobody's data hangs on.

One short-lived thread finds out what the run was made from, lists the installed packages, and then
finishes what dead processes have left in the folders of other runs.
"""

import logging
import sys
import threading
from typing import TYPE_CHECKING

from wandb import _native
from wandb._base.leftovers import recover
from wandb._run import provenance
from wandb._run.folder import siblings

if TYPE_CHECKING:
    from wandb._run.run import Run
    from wandb._settings.settings import Settings

REQUIREMENTS = "requirements.txt"
_LOGGER = logging.getLogger(__name__)
# Leftovers of dead processes are looked after a few at a time; the next run does the rest.
_MOST_LEFTOVERS = 16
# The most that a run's end waits for what it was made from: a slow repository's is left out.
_FACTS_SECONDS = 2.0
# Beyond that only a run after a crash waits, so that even the shortest finishes its leftovers.
_RECOVERY_SECONDS = 1.5


class Background:
    """The thread, and the wait for the part of it that belongs to the run."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._facts_kept = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="wandb-background", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait a bounded time for the work; leave what is not recovered then to another run."""
        if self._facts_kept.wait(_FACTS_SECONDS):
            self._thread.join(_RECOVERY_SECONDS)
        self._ended = True

    def _work(self) -> None:
        try:
            self._keep_facts()
        except Exception:
            # Nobody's data hangs on it; the run may have ended meanwhile.
            _LOGGER.exception("not everything is known of what run %s was made from", self._run.id)
        self._facts_kept.set()
        self._recover_others()

    def _keep_facts(self) -> None:
        settings = self._run._settings
        if lists_packages(settings):
            _list_packages(settings.files_dir)
        provenance.record(self._run, lambda: not self._ended)

    def _recover_others(self) -> None:
        settings, recovered = self._run._settings, 0
        for folder in siblings(settings.wandb_dir, settings.sync_dir):
            # Runs that go on beside this one don't count.
            if self._ended or recovered == _MOST_LEFTOVERS:
                return
            if recover(folder):
                recovered += 1


def lists_packages(settings: "Settings") -> bool:
    """Whether the run keeps a list of the installed packages."""
    return settings.x_save_requirements and settings.x_primary


def _list_packages(folder: str) -> None:
    try:
        provenance.put(_written_packages, folder, REQUIREMENTS)
    except _native.NativeError as err:
        _LOGGER.warning("installed packages are not listed: %s", err)


def _written_packages(target: str) -> bool:
    _native.write_requirements(list(sys.path), target)
    return True
