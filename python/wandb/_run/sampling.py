"""System metrics, seen from the run's process: asked for, waited for by nobody, and ended.

The service samples. An offline run starts one for that alone, and only when it has lasted a while.
"""

import json
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from wandb._run.session import session
from wandb._settings.hardware import hardware_overrides, has_accelerators
from wandb._wire.journal import environment_record

if TYPE_CHECKING:
    from datetime import datetime

    from wandb._run.link import Link
    from wandb._run.run import Run
    from wandb._settings.settings import Settings

_LOGGER = logging.getLogger(__name__)
# An offline run that is over by then starts no service.
_OFFLINE_SECS = 15.0
_START_SECS = 10.0
# The most that `finish` waits for the service to close its journal.
_END_SECS = 1.0
_KEPT_SECS = 1.0
_HARDWARE_SECS = 30.0

Kept = dict[str, list[tuple["datetime", float]]]


class Sampling:
    """The sampling of one run."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._link: Link | None = None
        self._over = threading.Event()
        self._changes = threading.Lock()

    def request(self) -> dict[str, Any]:
        """Return what the service is asked to sample, beside what else it is asked."""
        # Offline runs do without it until it is used.
        from dataclasses import asdict

        from wandb._service.stats.options import stats_options

        writer_id = self._run._environment_id or ""
        return {
            "run_id": self._run.id,
            "stats": asdict(stats_options(self._run._settings, writer_id=writer_id)),
        }

    def begin(self) -> None:
        """Sample a run that is not sent anywhere, later and beside the script."""
        threading.Thread(target=self._begin_late, name="wandb-stats", daemon=True).start()

    def _begin_late(self) -> None:
        self._describe()
        interval_secs = self._run._settings.x_stats_sampling_interval
        if self._over.wait(min(interval_secs, _OFFLINE_SECS)):
            return
        try:
            self._ask_for_samples()
        except Exception as err:  # noqa: BLE001 - a run goes on without metrics
            _LOGGER.warning("no system metrics are sampled: %s", err)

    def _describe(self) -> None:
        """Note what accelerators the machine has; of a run that is sent, the service does."""
        writer_id = self._run._environment_id
        if not (writer_id and has_accelerators()):
            return
        try:
            facts = _hardware_facts(self._run._settings)
            self._run._writer.append(environment_record(writer_id, facts))
        except Exception as err:  # noqa: BLE001 - a run goes on without them, or has ended
            _LOGGER.warning("the machine's accelerators are not described: %s", err)

    def _ask_for_samples(self) -> None:
        from wandb._run.online import service_link

        request = {"do": "sample", **self.request()}
        # The first interval is over, and accelerators are described.
        request["stats"] |= {"first_secs": 0.0, "writer_id": ""}
        with self._changes:
            if self._over.is_set():
                return
            with session.link_changes:
                self._link = service_link(self._run._settings)
                self._link.need(self._run._folder, request)
        self._link.attach(until=time.monotonic() + _START_SECS)

    def end(self) -> None:
        """Have the service close its journal, so that the run's end finds it; wait a second."""
        with self._changes:
            self._over.set()
        link = self._link or (session.link if self._run._delivery else None)
        if link is None:
            return
        try:
            asked = {"do": "rest", "folder": self._run._folder}
            link.ask_if_there(asked, until=time.monotonic() + _END_SECS)
        except Exception as err:  # noqa: BLE001 - whoever leaves last ends the run
            _LOGGER.warning("the service may still sample: %s", err)

    def leave(self) -> None:
        """Need the service no more, once the run's journal is closed."""
        if self._link is not None:
            from wandb._run.online import leave_service

            leave_service(self._link, self._run._folder)

    def kept(self) -> Kept:
        """Return the samples that the service keeps in memory; none if it can't be asked."""
        link = self._link or session.link
        if link is None:
            return {}
        try:
            asked = {"do": "stats", "folder": self._run._folder}
            told = link.ask_if_there(asked, until=time.monotonic() + _KEPT_SECS).get("stats", {})
        except Exception as err:  # noqa: BLE001 - as the original does
            _LOGGER.warning("system metrics can't be told: %s", err)
            return {}
        return {name: [(_moment(at), value) for at, value in told[name]] for name in told}


def sampling_of(run: "Run") -> Sampling | None:
    """Return what samples for a run; None where the settings want none."""
    settings = run._settings
    if settings.x_disable_stats or settings.x_disable_machine_info:
        return None
    return Sampling(run)


def _hardware_facts(settings: "Settings") -> dict[str, Any]:
    """Ask a process of its own: drivers are no part of the user's."""
    from tempfile import TemporaryDirectory

    from wandb._service.spawn import run_module

    overrides = json.dumps(hardware_overrides(settings))
    with TemporaryDirectory(prefix="ferrule-") as folder:
        told = os.path.join(folder, "facts.json")
        arguments = [str(settings.x_stats_pid), overrides, told]
        run_module(
            "wandb._service.stats.hardware", arguments, cwd=folder, timeout_secs=_HARDWARE_SECS
        )
        with open(told, encoding="utf-8") as file:
            return dict(json.load(file))


def _moment(secs: float) -> "datetime":
    from datetime import datetime, timezone

    return datetime.fromtimestamp(secs, tz=timezone.utc)
