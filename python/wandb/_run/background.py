"""What a run does beside the script, that nobody's data hangs on.

One short-lived thread lists the installed packages, and then finishes what dead processes have
left in the folders of other runs.
"""

import logging
import os
import sys
import threading

from wandb import _native
from wandb._base.leftovers import recover
from wandb._run.folder import siblings
from wandb._settings.settings import Settings

REQUIREMENTS = "requirements.txt"
_LOGGER = logging.getLogger(__name__)
# Leftovers of dead processes are looked after a few at a time; the next run does the rest.
_MOST_LEFTOVERS = 16
_LISTING_SECONDS = 2.0
# Only a run after a crash waits at all, and even the shortest one then finishes its leftovers.
_RECOVERY_SECONDS = 1.5


class Background:
    """The thread, and the wait for the part of it that belongs to the run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listed = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="wandb-background", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait a bounded time for the work; leave what is not recovered then to another run."""
        self._listed.wait(_LISTING_SECONDS)
        self._thread.join(_RECOVERY_SECONDS)
        self._ended = True

    def _work(self) -> None:
        settings = self._settings
        if settings.x_save_requirements and not settings.x_disable_meta:
            _list_packages(os.path.join(settings.files_dir, REQUIREMENTS))
        self._listed.set()
        recovered = 0
        for folder in siblings(settings.wandb_dir, settings.sync_dir):
            # Runs that go on beside this one don't count.
            if self._ended or recovered == _MOST_LEFTOVERS:
                return
            if recover(folder):
                recovered += 1


def _list_packages(target: str) -> None:
    try:
        _native.write_requirements(list(sys.path), target)
    except (OSError, _native.NativeError) as err:
        _LOGGER.warning("installed packages are not listed: %s", err)
