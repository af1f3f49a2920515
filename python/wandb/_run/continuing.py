"""Runs that go on from earlier ones: which run, from which step on, and what it brings along."""

import json
import logging
import os
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import termwarn
from wandb._settings.settings import Settings
from wandb._wire.journal import Fields, summary_record
from wandb.errors import SettingsError

if TYPE_CHECKING:
    from wandb._run.run import Run
    from wandb._run.writer import JournalWriter
    from wandb._settings.moment import RunMoment

_LOGGER = logging.getLogger(__name__)
# What these ask of a server can't be left open: without its answer there is no run.
MIND = ("must", "never")


# --- which run ----------------------------------------------------------------------------------


def choose_run(settings: Settings) -> None:
    """Take the id from the run that is gone on with, where none was given."""
    moment = settings.resume_from
    if settings.run_id is None and moment is not None:
        settings.update_from_dict({"run_id": moment.run}, source="`resume_from`")
    if settings.run_id is None and settings.resume == "auto":
        _take_unfinished(settings)


def _take_unfinished(settings: Settings) -> None:
    path = settings.resume_fname
    try:
        with open(path, encoding="utf-8") as file:
            settings.update_from_dict({"run_id": json.load(file)["run_id"]}, source=path)
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, SettingsError) as err:
        termwarn(f"The run to go on with can't be read, so a new one is started ({err}): {path}")


def note_begin(settings: Settings) -> None:
    """Leave word which run is unfinished, for the next `resume="auto"`; warn of what can't be."""
    if settings.resume and settings._offline:
        termwarn(_OFFLINE[settings.resume == "never"].format(id=settings.run_id))
    if settings.resume != "auto":
        return
    path = settings.resume_fname
    try:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"run_id": settings.run_id}, file)
    except OSError as err:
        termwarn(f"resume='auto' will not find this run again ({err.strerror}): {path}")


_OFFLINE = (
    "`resume` needs the server's word on run {id}, and the run is offline: it counts from step 0, "
    "and `wandb sync` puts its rows after those that the server has.",
    "`resume='never'` can't be checked offline: nobody knows here whether run {id} exists.",
)


def note_end(settings: Settings, exit_code: int) -> None:
    """Take the word back after a run that ended well; another run's stays."""
    path = settings.resume_fname
    if exit_code != 0 or settings.resume != "auto":
        return
    try:
        with open(path, encoding="utf-8") as file:
            own = json.load(file).get("run_id") == settings.run_id
        if own:
            os.unlink(path)
    except (OSError, ValueError, AttributeError) as err:
        _LOGGER.info("no word of an unfinished run to take back (%s): %s", err, path)


# --- from which step on -------------------------------------------------------------------------


def _branch_point(settings: Settings) -> "RunMoment | None":
    return settings.resume_from or settings.fork_from


def features(settings: Settings) -> list[str]:
    """Name what telemetry calls the way in which the run goes on."""
    ways = {"rewind_mode": settings.resume_from, "fork_mode": settings.fork_from}
    return [name for name, moment in ways.items() if moment is not None]


def branch(run: "Run", writer: "JournalWriter") -> None:
    """Begin after the step that `resume_from` or `fork_from` names; no server is asked for it."""
    moment = _branch_point(run._settings)
    if moment is None:
        return
    run._starting_step = max(int(moment.value) + 1, 0)
    run._config._items["_wandb"]["branch_point"] = {"run_id": moment.run, "step": moment.value}
    writer.start_at(run._starting_step, 0.0)


def record_fields(run: "Run") -> Fields:
    """Return what the run's record says of going on."""
    settings, moment = run._settings, _branch_point(run._settings)
    # Not the setting: it can come from outside, and the record decides how rows are counted.
    resumed = run._earlier_secs is not None
    point = moment and {"run": moment.run, "value": float(moment.value), "metric": moment.metric}
    return {
        "resume": settings.resume in ("allow", "auto", "must"),
        "branch_point": point,
        "resumed": resumed,
        "starting_step": run._starting_step if resumed else 0,
        "runtime": int(run._earlier_secs or 0),
    }


# --- what the server says -----------------------------------------------------------------------


def options(settings: Settings) -> dict[str, Any]:
    """Return what the service has to know, beside what the run's record says."""
    goes_on = settings.resume or _branch_point(settings)
    return {"goes_on": True, "resume": settings.resume} if goes_on else {}


def take_up(run: "Run", standing: dict[str, Any] | None) -> None:
    """Become the run that the server has: its step and time, config, summary, tags and notes.

    The journal says so before the first row does: its steps are true ones.
    """
    if standing is None:
        return
    for name, value in standing["config"].items():
        run._config._items.setdefault(name, value)
    if not standing["resumed"]:
        if standing["config"]:
            run._describe()
        return
    _take_settings(run._settings, standing)
    run._starting_step, run._earlier_secs = standing["step"], standing["runtime"]
    run._writer.start_at(standing["step"], standing["runtime"])
    run._telemetry.note("resumed")
    run._append(summary_record(standing["summary"].items()))
    run._describe()
    run._writer.flush()


def _take_settings(settings: Settings, standing: dict[str, Any]) -> None:
    known: dict[str, Any] = {"resumed": True}
    if settings.run_tags is None and standing["tags"]:
        known["run_tags"] = tuple(standing["tags"])
    if settings.run_notes is None and standing["notes"]:
        known["run_notes"] = standing["notes"]
    settings.update_from_dict(known, source="the server")
