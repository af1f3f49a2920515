"""Read journals without any client: the stand-alone decoder, and the folding a consumer does."""

import importlib.util
import json
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
BOOKKEEPING = ("num", "control", "uuid", "_info")


@cache
def decoder() -> ModuleType:
    """Return `wandb_log_decode`, the decoder that knows only the written format."""
    path = SHARED / "compat" / "wandb_log_decode.py"
    spec = importlib.util.spec_from_file_location("wandb_log_decode", path)
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves a file to be closed
        spec.loader.exec_module(module)
    return module


def read_records(journal: Path) -> list[dict[str, Any]]:
    """Decode every record of one journal."""
    tool = decoder()
    return [tool.decode("Record", payload) for payload in tool.records(journal.read_bytes())]


def kind_of(record: dict[str, Any]) -> str:
    """Return the one kind that a record is of."""
    kinds = [key for key in record if key not in BOOKKEEPING]
    assert len(kinds) == 1, f"a record of {len(kinds)} kinds: {sorted(record)}"
    return kinds[0]


def path_of(item: dict[str, Any]) -> tuple[str, ...]:
    """Return the key path of an item, which gives `key` or `nested_key` but not both."""
    nested = item.get("nested_key")
    assert not (nested and item.get("key")), f"both key and nested_key: {item}"
    return tuple(nested) if nested else (item.get("key", ""),)


def put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set a leaf; what stood on the way and is no branch gives way."""
    for key in path[:-1]:
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]
    tree[path[-1]] = value


def prune(tree: dict[str, Any], path: tuple[str, ...]) -> None:
    """Remove a leaf or a branch if it is there, and the branches that it leaves empty."""
    branch = tree.get(path[0])
    if len(path) > 1 and isinstance(branch, dict):
        prune(branch, path[1:])
    if len(path) == 1 or branch == {}:
        tree.pop(path[0], None)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the summary: a dict that was written whole is one leaf and no branch.

    The released consumer keeps it so: a path below such a leaf replaces it, and nothing
    below it can be removed.
    """

    value: Any


def consumed(text: str) -> Any:
    """Parse a summary value as the consumer does: what is beyond int64 becomes a float."""

    def number(digits: str) -> int | float:
        return int(digits) if -(2**63) <= int(digits) < 2**63 else float(digits)

    return json.loads(text, parse_int=number)


def unwrapped(tree: Any) -> Any:
    """Return branches and leaves as plain dicts and values."""
    if isinstance(tree, dict):
        return {key: unwrapped(value) for key, value in tree.items()}
    return tree.value


def merge(old: Any, new: Any) -> Any:
    """Merge as the consumer of config does: dicts key by key, anything else replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merge(old.get(key), value) for key, value in new.items()}}
    return new


def value_at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


@dataclass(frozen=True)
class RunLog:
    """What the journal of one run says, record by record and folded."""

    journal: Path
    records: list[dict[str, Any]]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [record[kind] for record in self.records if kind_of(record) == kind]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows as nested dicts, in order of writing, with `_step` and the other internal keys."""
        return [row_of(history) for history in self.of_kind("history")]

    @property
    def summary(self) -> dict[str, Any]:
        """The summary after its last record."""
        folded: dict[str, Any] = {}
        for record in self.of_kind("summary"):
            for item in record.get("update", ()):
                put(folded, path_of(item), Leaf(consumed(item["value_json"])))
            for item in record.get("remove", ()):
                prune(folded, path_of(item))
        return unwrapped(folded)

    @property
    def config(self) -> dict[str, Any]:
        """The config as config.yaml would hold it, `_wandb` included."""
        folded: dict[str, Any] = {}
        initial = [run["config"] for run in self.of_kind("run")[:1] if "config" in run]
        for record in initial + self.of_kind("config"):
            for item in record.get("update", ()):
                path, value = path_of(item), json.loads(item["value_json"])
                put(folded, path, merge(value_at(folded, path), value))
            for item in record.get("remove", ()):
                prune(folded, path_of(item))
        return folded

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Definitions by name or glob, repeated ones merged unless they overwrite."""
        folded: dict[str, dict[str, Any]] = {}
        for record in self.of_kind("metric"):
            definition = {key: value for key, value in record.items() if key != "_control"}
            name = definition.get("name") or definition["glob_name"]
            overwrites = record.get("_control", {}).get("overwrite", False)
            folded[name] = merge({} if overwrites else folded.get(name, {}), definition)
        return folded

    @property
    def exit_code(self) -> int | None:
        """What the exit record says, None where there is no such record."""
        exits = self.of_kind("exit")
        return exits[-1].get("exit_code", 0) if exits else None

    def console(self, stream: str = "STDOUT") -> str:
        """Return the text printed to one stream."""
        lines = self.of_kind("output_raw")
        return "".join(x.get("line", "") for x in lines if x.get("output_type", "STDERR") == stream)

    def latest(self, field: str) -> Any:
        """Return a field of the last run record."""
        return self.of_kind("run")[-1].get(field)


def row_of(history: dict[str, Any]) -> dict[str, Any]:
    """Return one history record as a nested dict."""
    row: dict[str, Any] = {}
    for item in history.get("item", ()):
        path = path_of(item)
        assert value_at(row, path) is None, f"key {path} is in its row twice"
        put(row, path, json.loads(item["value_json"]))
    return row


def read_run(folder: Path) -> RunLog:
    """Read the only journal of a run's folder."""
    journals = sorted(folder.glob("run-*.wandb"))
    assert len(journals) == 1, f"{folder} holds {len(journals)} journals"
    return RunLog(journals[0], read_records(journals[0]))


def is_ended(journal: Path) -> bool:
    """Tell whether a journal is whole up to its exit record."""
    try:
        return any("exit" in record for record in read_records(journal))
    except ValueError:
        return False


def run_folders(base: Path) -> list[Path]:
    """Return the run folders below a base folder, in order of their start."""
    found = [*base.glob("wandb/*run-*/run-*.wandb"), *base.glob(".wandb/*run-*/run-*.wandb")]
    return [path.parent for path in sorted(found, key=started)]


def started(journal: Path) -> tuple[int, int]:
    """Return when a journal's run started, as far as it says."""
    tool = decoder()
    with suppress(ValueError):
        for payload in tool.records(journal.read_bytes()):
            if "run" in (record := tool.decode("Record", payload)):
                stamp = record["run"].get("start_time", {})
                return stamp.get("seconds", 0), stamp.get("nanos", 0)
    return 0, 0
