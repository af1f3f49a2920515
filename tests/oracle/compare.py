"""Say where two runs of one program differ, declared differences aside."""

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from oracle.decode import SHARED, RunLog

# Clocks tell two runs apart whatever the client.
CLOCKS = ("_timestamp", "_runtime")


@cache
def declared_cases() -> frozenset[str]:
    """Return the names of the differences that are on purpose."""
    # Those of the design, and those found by running the client that are declared here.
    files = (SHARED / "design" / "differences.json", Path(__file__).with_name("differences.json"))
    return frozenset(entry["case"] for file in files for entry in json.loads(file.read_text()))


def declared(case: str) -> str:
    """Return the case, which must be one of those declared."""
    assert case in declared_cases(), f"`{case}` is not in differences.json"
    return case


def same(left: Any, right: Any) -> bool:
    """Compare values as JSON sees them: 5 is 5.0 but no True, and NaN is itself."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def without_clocks(tree: dict[str, Any]) -> dict[str, Any]:
    """Leave out what depends on when a run ran."""
    return {key: value for key, value in tree.items() if key not in CLOCKS}


def user_rows(log: RunLog) -> list[dict[str, Any]]:
    """Return the rows with their steps, without clocks."""
    return [without_clocks(row) for row in log.rows]


def user_summary(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a summary as a later read shows it: without clocks, without top-level nulls."""
    hidden = (*CLOCKS, "_wandb")
    return {key: value for key, value in tree.items() if key not in hidden and value is not None}


def user_config(log: RunLog) -> dict[str, Any]:
    """Return the config without the client's own entry."""
    return {key: value for key, value in log.config.items() if key != "_wandb"}


def user_metrics(log: RunLog) -> dict[str, dict[str, Any]]:
    """Return the definitions, without parts that say nothing."""
    return {
        name: {key: value for key, value in definition.items() if value not in ({}, False, "")}
        for name, definition in log.metrics.items()
    }


def user_fields(log: RunLog) -> dict[str, Any]:
    """Return what `init` and later assignments said about the run."""
    names = ("display_name", "notes", "tags", "run_group", "job_type", "project", "entity")
    return {name: log.latest(name) for name in names if log.latest(name)}


def differing(what: str, ours: Any, *theirs: Any) -> Iterator[str]:
    """Name the smallest parts in which ours is like none of theirs."""
    if any(same(ours, other) for other in theirs):
        return
    if all(isinstance(tree, dict) for tree in (ours, *theirs)):
        for key in sorted(ours.keys() | set().union(*theirs)):
            others = [tree.get(key, ABSENT) for tree in theirs]
            yield from differing(f"{what}[{key!r}]", ours.get(key, ABSENT), *others)
    elif all(isinstance(items, list) and len(items) == len(ours) for items in (ours, *theirs)):
        for index, parts in enumerate(zip(ours, *theirs, strict=True)):
            yield from differing(f"{what}[{index}]", *parts)
    else:
        yield f"{what}: ours {ours!r}, the released client {' or '.join(map(repr, theirs))}"


class Absent:
    """Stands for a key that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()
