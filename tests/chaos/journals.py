"""Read journals with the independent decoder of the shared material; no client is involved."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

DECODER = Path(__file__).resolve().parents[3] / "shared" / "compat" / "wandb_log_decode.py"
HISTORY, EXIT = 2, 18


@dataclass
class Journal:
    """Rows in file order, and the exit code if there is an exit record."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    damage: str | None = None


@cache
def decoder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wandb_log_decode", DECODER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_journal(path: Path) -> Journal:
    """Read a file up to its end or up to the first damage, which is told in `damage`."""
    journal = Journal()
    try:
        for payload in decoder().records(path.read_bytes()):
            _add(journal, payload)
    except ValueError as err:
        journal.damage = str(err)
    return journal


def _add(journal: Journal, payload: bytes) -> None:
    for number, body in _messages(payload):
        if number == HISTORY:
            journal.rows.append(_row(decoder().decode("HistoryRecord", body)))
        elif number == EXIT:
            journal.exits.append(decoder().decode("RunExitRecord", body).get("exit_code", 0))


def _messages(payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the length-delimited fields of a record, without decoding the rest of it."""
    position, varint = 0, decoder().varint
    while position < len(payload):
        tag, position = varint(payload, position)
        value, position = varint(payload, position)
        if tag & 7 == 2:
            yield tag >> 3, payload[position : position + value]
            position += value


def _row(history: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for item in history.get("item", ()):
        *parents, last = item.get("nested_key") or [item["key"]]
        place = row
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = json.loads(item["value_json"])
    return row
