"""From the records of a journal to what a public run tells about itself."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

from wandb._service.logic.description import Description
from wandb.apis.public.console import ConsoleChunk

Record = dict[str, Any]

# What a server calls the project of a run that named none.
DEFAULT_PROJECT = "uncategorized"
_DESCRIBING = ("run", "config", "metric", "telemetry", "environment")


def folded_run(runs: Iterable[Record]) -> Record:
    """Join a run's own records: each is whole, but what can't change may be left out later."""
    joined: Record = {}
    for record in runs:
        run = record["run"]
        # These can be emptied by the user, so the latest record holds even where it has none.
        changeable = {"display_name": "", "notes": "", "tags": []}
        joined |= changeable | {name: value for name, value in run.items() if value or value == 0}
    return joined


def description(records: Callable[[str], Iterable[Record]]) -> Description:
    """Fold what a journal tells of config, metrics, machine and program, as the service does.

    Args:
        records: Returns the records of a kind, in order, each under the kind's name.
    """
    found = Description()
    for kind in _DESCRIBING:
        for record in records(kind):
            found.take(kind, record[kind])
    return found


def config_of(described: Description) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the config, and what the package noted in it by itself."""
    values = {key: entry["value"] for key, entry in described.config_tree().items()}
    internal = values.pop("_wandb", {})
    return values, internal


def seconds(timestamp: Record | None) -> float | None:
    """Turn a record's time stamp into seconds since the epoch."""
    if not timestamp:
        return None
    return float(timestamp.get("seconds", 0)) + float(timestamp.get("nanos", 0)) / 1e9


def iso_time(moment: float) -> str:
    """Spell a moment as a server does: UTC, whole seconds."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def system_rows(stats: Iterable[Record], started_at: float) -> Iterator[dict[str, Any]]:
    """Turn records of machine metrics into rows as a server keeps them."""
    for record in stats:
        taken_at = seconds(record["stats"].get("timestamp")) or started_at
        row: dict[str, Any] = {"_timestamp": taken_at, "_runtime": taken_at - started_at}
        for item in record["stats"].get("item") or ():
            row[f"system.{item['key']}"] = json.loads(item["value_json"])
        yield row


def console_chunks(outputs: Iterable[Record]) -> Iterator[ConsoleChunk]:
    """Turn records of console text into chunks."""
    for record in outputs:
        output = record["output_raw"]
        moment = seconds(output.get("timestamp"))
        written_at = None if moment is None else datetime.fromtimestamp(moment, timezone.utc)
        # stderr is the enum's first name, so a record may leave it out.
        stderr = output.get("output_type", "STDERR") in ("STDERR", 0)
        yield ConsoleChunk(output.get("line", ""), stderr, written_at)
