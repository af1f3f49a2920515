"""What `define_metric` said, as it lies in a run's config."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GOALS = {1: "minimize", 2: "maximize"}
# The original's numbers of fields and options, as they stand in the JSON.
NAME, GLOB, STEP, OPTIONS, GOAL = "1", "2", "5", "6", "8"
HIDDEN = 2


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """How one metric, or all that a glob names, are to be shown."""

    name: str
    step_metric: str | None = None
    hidden: bool = False
    goal: str | None = None


def metrics_of(internal: Mapping[str, Any]) -> list[MetricFacts]:
    """Read the metrics of a config's `_wandb` block; what can't be read is left out."""
    entries = internal.get("m")
    if not isinstance(entries, list):
        return []
    names = [_name(entry) for entry in entries]
    return [
        _facts(name, entry, names)
        for name, entry in zip(names, entries, strict=True)
        if name is not None
    ]


def _name(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    name = entry.get(NAME) or entry.get(GLOB)
    return name if isinstance(name, str) else None


def _facts(name: str, entry: dict[str, Any], names: list[str | None]) -> MetricFacts:
    step, options = entry.get(STEP), entry.get(OPTIONS)
    # The step metric is named by its place in the list, counted from one.
    known = isinstance(step, int) and 0 < step <= len(names)
    return MetricFacts(
        name=name,
        step_metric=names[step - 1] if known and isinstance(step, int) else None,
        hidden=isinstance(options, list) and HIDDEN in options,
        goal=GOALS.get(entry.get(GOAL, 0)) if isinstance(entry.get(GOAL), int) else None,
    )
