"""The records of a `.wandb` journal, as the dicts the native writer takes.

A journal opens with `header`, `run`, `environment` twice, `files` and `telemetry`, in that
order; what follows comes as it happens; the native writer ends it with `summary` and `exit`.
Fields that would hold their default are left out, as protobuf does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wandb._base.jsonable import json_text

PRODUCER = "0.21.3+ferrule.1"
MIN_CONSUMER = "0.40.0"
# What is told to a server as the client's version: one that it knows how to talk to.
CLIENT_VERSION = "0.21.3"

Record = dict[str, Any]
Fields = dict[str, Any]

GOALS = {"minimize": "GOAL_MINIMIZE", "maximize": "GOAL_MAXIMIZE"}


def without_empty(fields: Mapping[str, Any]) -> Fields:
    """Leave out what is None, false or empty."""
    return {name: value for name, value in fields.items() if value}


def timestamp(seconds: float) -> dict[str, int]:
    """Split seconds since the epoch into whole seconds and nanoseconds."""
    whole = int(seconds // 1)
    return {"seconds": whole, "nanos": int((seconds - whole) * 1_000_000) * 1000}


def item(key: str | Sequence[str], value: Any) -> Fields:
    """Write one entry of a summary; a path of several keys addresses a nested value."""
    return {**address(key), "value_json": json_text(value)}


def texts(values: Mapping[str, Any]) -> dict[str, str | float]:
    """Write entries of a config: a dict that stands for items of `key` and `value_json`.

    Floats are left to the encoder, which writes the same digits several times faster.
    """
    return {
        key: value if type(value) is float else json_text(value) for key, value in values.items()
    }


def address(key: str | Sequence[str]) -> Fields:
    """Name an entry: `key` at the top level, `nested_key` below it."""
    return {"key": key} if isinstance(key, str) else {"nested_key": list(key)}


def header_record() -> Record:
    """Say who wrote the journal and who can read it."""
    return {"header": {"version_info": {"producer": PRODUCER, "min_consumer": MIN_CONSUMER}}}


def run_record(
    *,
    run_id: str,
    entity: str | None,
    project: str | None,
    config: Mapping[str, Any],
    group: str | None,
    job_type: str | None,
    name: str | None,
    notes: str | None,
    tags: Iterable[str] | None,
    host: str | None,
    sweep_id: str | None,
    started_at: float,
    telemetry: Fields,
    git: Mapping[str, str | None] | None = None,
    resume: bool = False,
    branch_point: Fields | None = None,
    resumed: bool = False,
    starting_step: int = 0,
    runtime: int = 0,
) -> Record:
    """Describe the run: at its start, and again when its name, notes, tags or git state change.

    A run that goes on says so at its start by `resume` or `branch_point`, and by the others once
    it knows where it stands; the rows behind that count from there.
    """
    fields = {
        "entity": entity,
        "project": project,
        "run_group": group,
        "job_type": job_type,
        "display_name": name,
        "notes": notes,
        "tags": list(tags or ()),
        "host": host,
        "sweep_id": sweep_id,
        "git": without_empty(git or {}),
        "starting_step": starting_step,
        "resumed": resumed,
        "runtime": runtime,
        "branch_point": branch_point,
        "resume": resume,
    }
    return {
        "run": {
            "run_id": run_id,
            "config": {"update": texts(config)},
            "start_time": timestamp(started_at),
            "telemetry": telemetry,
            **without_empty(fields),
        }
    }


def environment_record(writer_id: str, facts: Mapping[str, Any]) -> Record:
    """Describe program and host, or, in a second record, the hardware; readers merge by writer."""
    return {"environment": {**without_empty(facts), "writer_id": writer_id}}


def stats_record(taken_at: float, metrics: Mapping[str, float]) -> Record:
    """Keep a sample of system metrics, by names without the `system.` that servers show."""
    items = [{"key": name, "value_json": _number_text(value)} for name, value in metrics.items()]
    return {"stats": {"timestamp": timestamp(taken_at), "item": items}}


def _number_text(value: float) -> str:
    # Whole numbers are written as such, as the original does.
    return json_text(int(value) if value % 1 == 0 and abs(value) < 1e15 else float(value))


def files_record(*paths: str, policy: str = "NOW", kind: str = "OTHER") -> Record:
    """Announce files, by their paths inside the run's `files` folder."""
    return {"files": {"files": [{"path": path, "policy": policy, "type": kind} for path in paths]}}


def alert_record(*, title: str, text: str, level: str, wait_millis: int) -> Record:
    """Tell people something; within the wait another one of the same title is passed over."""
    fields = {"title": title, "text": text, "level": level, "wait_duration": wait_millis}
    return {"alert": without_empty(fields)}


def preempting_record() -> Record:
    """Say that the machine is about to be taken away."""
    return {"preempting": {}}


def config_record(update: Mapping[str, Any]) -> Record:
    """Set whole top-level values; readers merge dicts into the old value recursively."""
    return {"config": {"update": texts(update)}}


def summary_record(
    update: Iterable[tuple[str | Sequence[str], Any]] = (),
    remove: Iterable[str | Sequence[str]] = (),
) -> Record:
    """Set and remove summary entries that the user wrote, in that order."""
    fields = {
        "update": [item(key, value) for key, value in update],
        "remove": [address(key) for key in remove],
    }
    return {"summary": without_empty(fields)}


def metric_record(
    name: str,
    *,
    step_metric: str | None,
    step_sync: bool,
    hidden: bool,
    summary: Iterable[str],
    goal: str | None,
    overwrite: bool,
) -> Record:
    """Define how a metric, or every metric that a trailing `*` matches, is drawn and summed up."""
    fields = {
        "glob_name" if name.endswith("*") else "name": name,
        "step_metric": step_metric,
        "summary": dict.fromkeys(summary, True),
        "goal": GOALS.get(goal or ""),
        "_control": {"overwrite": True} if overwrite else None,
    }
    options = {"step_sync": step_sync, "hidden": hidden, "defined": True}
    return {"metric": {**without_empty(fields), "options": without_empty(options)}}


def telemetry_fields(
    *,
    python_version: str,
    platform: str,
    features: Iterable[str],
    label: Mapping[str, str] | None = None,
    surroundings: Iterable[str] = (),
) -> Fields:
    """Say which client this is, where it runs, and which of its features the run has used."""
    fields: Fields = {
        "python_version": python_version,
        "cli_version": CLIENT_VERSION,
        "platform": platform,
        "feature": dict.fromkeys(features, True),
        "env": dict.fromkeys(surroundings, True),
        "label": dict(label or {}),
    }
    return without_empty(fields)


def telemetry_record(fields: Fields) -> Record:
    """Keep a whole snapshot of the run's features; it replaces earlier ones."""
    return {"telemetry": fields}
