"""Run filters in MongoDB's notation, and the order of runs."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from wandb.apis.public.history import lookup
from wandb.apis.public.source import RunFacts

Check = Callable[[RunFacts], bool]
T = TypeVar("T")

_MISSING = object()


def compile_filters(filters: Mapping[str, Any] | None) -> Check:
    """Turn a filter into a check of one run; mistakes in it are told here, before any read.

    Raises:
        ValueError: An operator is unknown or has an operand of the wrong kind.
    """
    checks = [_clause(key, operand) for key, operand in (filters or {}).items()]
    return lambda facts: all(check(facts) for check in checks)


def _clause(key: str, operand: Any) -> Check:
    if key in ("$and", "$or", "$nor"):
        return _group(key, operand)
    if key == "$not":
        inner = compile_filters(operand)
        return lambda facts: not inner(facts)
    if key.startswith("$"):
        raise ValueError(f"Runs can't be filtered by `{key}` here: a field name was expected.")
    test = _test(operand)
    return lambda facts: test(field_value(facts, key))


def _group(key: str, operand: Any) -> Check:
    if not isinstance(operand, list):
        raise ValueError(f"`{key}` in a run filter takes a list of filters.")
    inner = [compile_filters(one) for one in operand]
    if key == "$and":
        return lambda facts: all(check(facts) for check in inner)
    if key == "$or":
        return lambda facts: any(check(facts) for check in inner)
    return lambda facts: not any(check(facts) for check in inner)


def _test(operand: Any) -> Callable[[Any], bool]:
    if not (isinstance(operand, dict) and any(key.startswith("$") for key in operand)):
        return lambda value: _equal(value, operand)
    tests = [_operator(name, argument) for name, argument in operand.items()]
    return lambda value: all(test(value) for test in tests)


def _operator(name: str, argument: Any) -> Callable[[Any], bool]:
    if name == "$not":
        inner = _test(argument)
        return lambda value: not inner(value)
    if name in ("$in", "$nin") and not isinstance(argument, (list, tuple, set)):
        raise ValueError(f"`{name}` in a run filter takes a list of values.")
    if name == "$regex":
        return _regex(argument)
    operator = _OPERATORS.get(name)
    if operator is None:
        raise ValueError(
            f"`{name}` is no operator of run filters. There are: $and $or $nor $not $regex "
            + " ".join(_OPERATORS)
        )
    return lambda value: operator(value, argument)


def _regex(argument: Any) -> Callable[[Any], bool]:
    try:
        pattern = re.compile(argument)
    except (TypeError, re.error) as err:
        raise ValueError(f"`$regex` in a run filter can't be read: {err}: {argument!r}") from err
    return lambda value: any(
        isinstance(one, str) and pattern.search(one) is not None for one in _each(value)
    )


def _each(value: Any) -> list[Any]:
    # As in MongoDB, a list matches when it or one of its members does.
    return [value, *value] if isinstance(value, list) else [value]


def _equal(value: Any, wanted: Any) -> bool:
    if value is _MISSING:
        return wanted is None
    return any(_same(one, wanted) for one in _each(value))


def _same(value: Any, wanted: Any) -> bool:
    # True and 1 are different values in JSON.
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _compared(value: Any, bound: Any, holds: Callable[[Any, Any], bool]) -> bool:
    return any(_kind(one) == _kind(bound) != "" and holds(one, bound) for one in _each(value))


def _kind(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else ""


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda value, wanted: not _equal(value, wanted),
    "$gt": lambda value, bound: _compared(value, bound, lambda a, b: a > b),
    "$gte": lambda value, bound: _compared(value, bound, lambda a, b: a >= b),
    "$lt": lambda value, bound: _compared(value, bound, lambda a, b: a < b),
    "$lte": lambda value, bound: _compared(value, bound, lambda a, b: a <= b),
    "$in": lambda value, wanted: any(_equal(value, one) for one in wanted),
    "$nin": lambda value, wanted: not any(_equal(value, one) for one in wanted),
    "$exists": lambda value, wanted: (value is not _MISSING) == bool(wanted),
}

_FIELDS: dict[str, Callable[[RunFacts], Any]] = {
    "name": lambda facts: facts.run_id,
    "state": lambda facts: facts.state,
    "display_name": lambda facts: facts.display_name,
    "entity": lambda facts: facts.entity,
    "project": lambda facts: facts.project,
    "username": lambda facts: facts.user,
    "tags": lambda facts: facts.tags,
    "sweep": lambda facts: facts.sweep_name,
    "group": lambda facts: facts.group,
    "job_type": lambda facts: facts.job_type,
    "created_at": lambda facts: facts.created_at,
    "heartbeat_at": lambda facts: facts.heartbeat_at,
    "duration": lambda facts: facts.duration,
    "host": lambda facts: facts.host,
    "notes": lambda facts: facts.notes,
    "config": lambda facts: facts.config,
    "summary_metrics": lambda facts: facts.summary_metrics,
}


def snake_case(name: str) -> str:
    """Spell `jobType` as `job_type`: both are in use."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def field_value(facts: RunFacts, key: str) -> Any:
    """Find what a filter or an order names: `state`, `config.lr`, `summary_metrics.loss`, …"""
    head, _, rest = key.partition(".")
    read = _FIELDS.get(snake_case(head))
    if read is None:
        return _MISSING
    value = read(facts)
    if not rest:
        return value
    if not isinstance(value, dict):
        return _MISSING
    found = lookup(value, rest, _MISSING)
    if found is _MISSING and rest.endswith(".value"):
        # On the wire each config value is kept under `value`.
        return lookup(value, rest.removesuffix(".value"), _MISSING)
    return found


def check_order(order: str) -> None:
    """Refuse an order that names no field of a run.

    Raises:
        ValueError: It names none.
    """
    if snake_case(order.lstrip("+-").partition(".")[0]) not in _FIELDS:
        raise ValueError(f"Runs can't be ordered by `{order}`. Try +created_at or -created_at.")


def in_order(runs: Iterable[T], order: str, *, facts: Callable[[T], RunFacts]) -> list[T]:
    """Sort by `+key` (or `key`) upwards or `-key` downwards; runs without it come last."""
    descending, key = order.startswith("-"), order.lstrip("+-")
    by_age = sorted(runs, key=lambda run: facts(run).started_at)
    if snake_case(key) == "created_at":
        return by_age[::-1] if descending else by_age
    ranked = [(_rank(field_value(facts(run), key)), run) for run in by_age]
    present = [(rank, run) for rank, run in ranked if rank is not None]
    present.sort(key=lambda pair: pair[0], reverse=descending)
    return [run for _, run in present] + [run for rank, run in ranked if rank is None]


def _rank(value: Any) -> tuple[int, Any] | None:
    if isinstance(value, (bool, int, float)) and value == value:
        return 0, float(value)
    return (1, value) if isinstance(value, str) else None
