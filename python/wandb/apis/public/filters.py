"""Filters and orders over what is known of runs, as a server of ours reads them."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cmp_to_key, partial
from typing import Any, TypeVar

from wandb._wire.filters import Field, Order, micros, parse
from wandb._wire.matching import MISSING, compared, directions, matches, sort_key, value_in
from wandb.apis.public.source import RunFacts

__all__ = ("Check", "compile_filters", "in_order", "snake_case")

Check = Callable[[RunFacts], bool]
T = TypeVar("T")


def compile_filters(filters: Mapping[str, Any] | None) -> Check:
    """Turn a filter into a check of one run; mistakes in it are told here, before any read.

    Raises:
        FilterError: It can't be understood.
    """
    node = parse(filters)
    return lambda facts: matches(partial(_values, facts), node)


def in_order(
    runs: Iterable[T], order: Iterable[Order], *, facts: Callable[[T], RunFacts]
) -> list[T]:
    """Sort runs; those without a value come last, the older first where nothing else tells."""
    keys = tuple(order)
    falls = directions(keys)

    def key(run: T) -> list[Any]:
        known = facts(run)
        return sort_key(partial(_values, known), keys, tie=known.started_at)

    def in_turn(one: tuple[list[Any], T], other: tuple[list[Any], T]) -> int:
        return compared(one[0], other[0], falls)

    keyed = sorted(((key(run), run) for run in runs), key=cmp_to_key(in_turn))
    return [run for _, run in keyed]


def _values(facts: RunFacts, field: Field) -> tuple[Any, ...]:
    if field.kind == "list":
        return tuple(facts.tags) or (MISSING,)
    if field.kind == "config":
        return (value_in({key: {"value": one} for key, one in facts.config.items()}, field),)
    if field.kind == "summary":
        return (value_in(facts.summary_metrics, field),)
    read = _READ.get(field.name)
    value = read(facts) if read else getattr(facts, field.name)
    return (MISSING if value is None or value == "" else value,)


# Where a column of the server's is not among the facts by the same name.
_READ: dict[str, Callable[[RunFacts], Any]] = {
    "name": lambda facts: facts.run_id,
    "sweep": lambda facts: facts.sweep_name,
    "history_lines": lambda facts: facts.history_line_count,
    "created_at": lambda facts: micros(facts.started_at),
    "heartbeat_at": lambda facts: micros(facts.heartbeat_at),
    "last_step": lambda facts: facts.summary_metrics.get("_step"),
    "program": lambda facts: None,
    "repo": lambda facts: None,
}


def snake_case(name: str) -> str:
    """Spell `jobType` as `job_type`: both are in use."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
