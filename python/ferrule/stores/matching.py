"""Filters, orders and searches over runs in memory, as `wandb._wire.matching` reads them.

The SQL engine is tested against this one.
"""

import json
from collections.abc import Iterable
from functools import partial
from typing import Any

from ferrule.ports.runs import Run
from ferrule.stores.numbers import whole_number
from wandb._wire import matching
from wandb._wire.filters import Field, Node, Order
from wandb._wire.matching import MISSING, value_in


def matches(run: Run, node: Node) -> bool:
    """Tell whether a run passes a filter."""
    return matching.matches(partial(values, run), node)


def values(run: Run, field: Field) -> tuple[Any, ...]:
    """Return what a run has for a field: mostly one value, one for each tag, or `MISSING`."""
    if field.kind == "list":
        return run.tags or (MISSING,)
    if field.kind in ("config", "summary"):
        return (value_in(json.loads(getattr(run, field.kind), parse_int=whole_number), field),)
    if field.name == "duration":
        return ((run.heartbeat_at - run.created_at) / 1_000_000,)
    value = getattr(run, field.name)
    return (MISSING if value is None or value == "" else value,)


def sort_key(run: Run, order: Iterable[Order]) -> list[Any]:
    """Return rank, number and text for each key of an order, and the run's id."""
    return matching.sort_key(partial(values, run), order, tie=run.id)


def lowered(text: str) -> str:
    """Return a text with A to Z made small, as every SQL engine's `lower` does at least."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def found_by(run: Run, search: str) -> bool:
    """Tell whether a run has a text in its name, title, notes, group or tags."""
    wanted = lowered(search)
    texts = (run.name, run.display_name, run.notes, run.group, *run.tags)
    return any(wanted in lowered(text) for text in texts)
