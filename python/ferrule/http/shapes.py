"""Runs as the page gets them."""

import datetime
import json
import math
from typing import Any

from ferrule.http.answers import DEEPEST, TOO_DEEP
from ferrule.ports.runs import Run

MICROS = 1_000_000
INTERNAL = "_wandb"
# The largest integer up to which a browser's numbers are exact.
EXACT_TO = 2**53


def iso(micros: int) -> str | None:
    """Return a time as ISO 8601 in UTC, None for none."""
    if not micros:
        return None
    moment = datetime.datetime.fromtimestamp(micros / MICROS, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def object_of(text: str) -> dict[str, Any]:
    """Read the JSON text of an object; what is none is empty."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def exact(value: Any, depth: int = 0) -> Any:
    """Return a JSON value with the numbers that a browser can't hold as they are written."""
    if depth > DEEPEST:
        return TOO_DEEP
    if isinstance(value, dict):
        return {name: exact(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [exact(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and abs(value) > EXACT_TO:
        return str(value)
    return value


def plain_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config's values without their wrapping and the client's own block."""
    return {
        name: entry.get("value") if isinstance(entry, dict) else entry
        for name, entry in config.items()
        if name != INTERNAL
    }


def internal_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return the client's own block of a config."""
    entry = config.get(INTERNAL)
    value = entry.get("value") if isinstance(entry, dict) else None
    return value if isinstance(value, dict) else {}


def run_shape(run: Run) -> dict[str, Any]:
    """Return what lists show of a run."""
    return {
        "id": run.name,
        "display_name": run.display_name or run.name,
        "state": run.state,
        "created_at": iso(run.created_at),
        "heartbeat_at": iso(run.heartbeat_at),
        "duration": max(0, run.heartbeat_at - run.created_at) / MICROS,
        "user": run.user,
        "tags": list(run.tags),
        "group": run.group,
        "job_type": run.job_type,
        "notes": run.notes,
        "host": run.host,
        "exit_code": run.exit_code,
        "last_step": run.last_step,
        "rows": run.history_lines,
        "config": exact(plain_config(object_of(run.config))),
        "summary": exact(object_of(run.summary)),
    }
