"""From the records of a journal to what a public run tells about itself."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any

from wandb.apis.public.console import ConsoleChunk
from wandb.apis.public.history import overlay

Record = dict[str, Any]

# What a server calls the project of a run that named none.
DEFAULT_PROJECT = "uncategorized"


def folded_run(runs: Iterable[Record]) -> Record:
    """Join a run's own records: each is whole, but what can't change may be left out later."""
    joined: Record = {}
    for record in runs:
        run = record["run"]
        # These can be emptied by the user, so the latest record holds even where it has none.
        changeable = {"display_name": "", "notes": "", "tags": []}
        joined |= changeable | {name: value for name, value in run.items() if value or value == 0}
    return joined


def folded_config(runs: Iterable[Record], configs: Iterable[Record]) -> dict[str, Any]:
    """Apply config records in order; dicts are merged into what is there, as a server does."""
    config: dict[str, Any] = {}
    changes = [record["run"].get("config") or {} for record in runs]
    changes += [record["config"] for record in configs]
    for change in changes:
        for item in change.get("update") or ():
            overlay(config, _nested(_path(item), json.loads(item["value_json"])))
        for item in change.get("remove") or ():
            _remove(config, _path(item))
    return config


def _path(item: Record) -> list[str]:
    return list(item.get("nested_key") or [item.get("key", "")])


def _nested(path: list[str], value: Any) -> dict[str, Any]:
    for key in reversed(path[1:]):
        value = {key: value}
    return {path[0]: value}


def _remove(config: dict[str, Any], path: list[str]) -> None:
    *parents, last = path
    level: Any = config
    for key in parents:
        level = level.get(key)
        if not isinstance(level, dict):
            return
    level.pop(last, None)


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


def metadata(environments: Iterable[Record]) -> dict[str, Any] | None:
    """Join records about the machine into what `wandb-metadata.json` holds; None without any."""
    joined: Record = {}
    for record in environments:
        overlay(joined, record["environment"])
    return {_camel(key): _plain(key, value) for key, value in joined.items()} or None


# These stay in snake case in the file.
_KEPT_NAMES = ("cpu_count", "cpu_count_logical", "gpu_count", "gpu_nvidia", "gpu_amd")


def _camel(name: str) -> str:
    if name in _KEPT_NAMES:
        return name
    if name == "gpu_type":
        return "gpu"
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _plain(name: str, value: Any) -> Any:
    if name == "started_at":
        moment = datetime.fromtimestamp(seconds(value) or 0.0, timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, dict):
        return {_camel(key): _plain(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(name, one) for one in value]
    # The file is JSON made from 64-bit fields, which it spells as text.
    return str(value) if name in ("total", "used", "memory_total") else value
