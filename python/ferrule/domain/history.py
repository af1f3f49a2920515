"""What clients ask of rows, and the shapes they are told in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ferrule.domain.runs import json_object
from ferrule.errors import BadInput
from ferrule.ports.history import FOREVER, KeyFacts

MAX_SAMPLES = 100_000
MAX_SPECS = 100
DEFAULT_SAMPLES = 500
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows with `first` ≤ step < `stop`, at most `limit`; evenly spaced ones if `thin`."""

    first: int = 0
    stop: int = FOREVER
    limit: int | None = None
    thin: bool = False

    @property
    def steps(self) -> int:
        """How many rows there may be, if each has a step of its own."""
        return max(0, self.stop - self.first) if self.limit is None else self.limit


def page_range(first: int | None, stop: int | None, samples: int) -> RowRange:
    """Return which rows a page of history holds.

    A page as wide as its size, or narrower, is told whole: several rows may have one step.
    Without bounds the rows are a sample of all.
    """
    limit = min(max(samples, 0), MAX_SAMPLES)
    if first is None and stop is None:
        return RowRange(limit=limit, thin=True)
    low, high = max(first or 0, 0), FOREVER if stop is None else stop
    return RowRange(low, high, None if high - low <= limit else limit)


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """One spec of `sampledHistory`: rows that have all of the keys, cut down to them."""

    keys: tuple[str, ...]
    rows: RowRange


def sample_spec(text: str) -> SampleSpec:
    """Read a spec such as `{"keys": ["loss"], "minStep": 0, "maxStep": 10, "samples": 500}`.

    The released clients disagree on whether `maxStep` belongs to the range: 0.21.3 asks for
    `[1, 4)` with 3 samples, 0.31.0 for `[1, 3]` with 3. So it does when that makes the range as
    wide as the samples.

    Raises:
        BadInput: It can't be understood.
    """
    spec = json_object(text, "specs")
    keys = spec.get("keys") or []
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise BadInput("`keys` of a history spec is a list of texts.")
    first, stop = _number(spec, "minStep"), _number(spec, "maxStep")
    samples = _number(spec, "samples")
    size = DEFAULT_SAMPLES if samples is None else samples
    if first is not None and stop is not None and stop - first == size - 1:
        stop += 1
    return SampleSpec(tuple(dict.fromkeys(keys)), page_range(first, stop, size))


def sample_specs(texts: Sequence[str]) -> list[SampleSpec]:
    """Read several specs.

    Raises:
        BadInput: One can't be understood, or together they ask for too much.
    """
    if len(texts) > MAX_SPECS:
        raise BadInput(f"`sampledHistory` takes at most {MAX_SPECS} specs.")
    specs = [sample_spec(text) for text in texts]
    if sum(spec.rows.steps for spec in specs) > MAX_SAMPLES:
        raise BadInput(f"Specs may ask for {MAX_SAMPLES} samples together; ask in several parts.")
    return specs


def sampled_row(row: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return a row of `sampledHistory`: each value under the name that was asked for.

    Rows are nested where they were logged nested; a spec names a value inside by joining the
    names with dots, and callers look for it under that very name.
    """
    found = {key: _inside(row, key) for key in keys}
    return {key: value for key, value in found.items() if value is not _ABSENT}


def _inside(row: dict[str, Any], key: str) -> Any:
    """Find the value of a dotted key; the literal key goes before a nested one."""
    if key in row:
        return row[key]
    parts = key.split(".")
    for cut in range(1, len(parts)):
        inner = row.get(".".join(parts[:cut]))
        value = _inside(inner, ".".join(parts[cut:])) if isinstance(inner, dict) else _ABSENT
        if value is not _ABSENT:
            return value
    return _ABSENT


def _number(spec: dict[str, Any], name: str) -> int | None:
    value = spec.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise BadInput(f"`{name}` of a history spec is a number.")
    return int(max(min(value, FOREVER), -1))


def history_keys(facts: Sequence[KeyFacts], rows: int, last_step: int) -> dict[str, Any]:
    """Return what a run logged, in the form of `historyKeys`.

    `lastStep` is what ends a client's scan.
    """
    keys = {plain_name(fact.name): _key_entry(fact) for fact in facts}
    if rows and "_step" not in keys:
        keys["_step"] = _entry([("number", rows)], True, last_step)
    return {"sets": [], "keys": keys, "lastStep": last_step}


def _key_entry(fact: KeyFacts) -> dict[str, Any]:
    counts = [("number", fact.numbers)] if fact.numbers else []
    if fact.kinds:
        # Only their sum is known: the first kind is told to have what the others leave.
        rest = len(fact.kinds) - 1
        counts.append((fact.kinds[0], max(fact.others - rest, 1)))
        counts += [(kind, 1) for kind in fact.kinds[1:]]
    last = fact.last_value
    # Go, which the newer clients decode by, takes no number that is none.
    return _entry(counts, fact.monotonic, last if last is None or isfinite(last) else None)


def _entry(counts: list[tuple[str, int]], monotonic: bool, last: object) -> dict[str, Any]:
    return {
        "typeCounts": [{"type": kind, "count": count} for kind, count in counts],
        "monotonic": monotonic,
        "previousValue": last,
    }


def plain_name(name: str) -> str:
    """Return a key's name without the escapes that tell nesting from dots."""
    return name.replace("\\.", ".").replace("\\\\", "\\")


def system_metrics(rows: Sequence[str]) -> str:
    """Return the last system metrics as JSON text, from the last row of the events."""
    if not rows:
        return "{}"
    values = json.loads(rows[-1])
    shown = {key: value for key, value in values.items() if key.startswith("system")}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def tail(rows: Sequence[str]) -> str:
    """Return the last row in the form of `historyTail`: a JSON text of a list of JSON texts."""
    return json.dumps(list(rows[-1:]), ensure_ascii=False)


def chosen_config(config: str, keys: Sequence[str]) -> str | None:
    """Return some keys of a config's `_wandb` block as JSON text, None if it has no block.

    A client takes a run without for one that was never started.
    """
    block = json.loads(config).get("_wandb")
    inner = block.get("value") if isinstance(block, dict) else None
    if not isinstance(inner, dict):
        return None
    found = {key: inner[key] for key in keys if key in inner} if keys else inner
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
