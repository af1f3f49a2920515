"""What a run is, folded from its records: everything an upsert says, and the files about it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from wandb._service.logic.telemetry import telemetry_numbers
from wandb._wire.journal import CLIENT_VERSION

__all__ = ("Description",)

Json = dict[str, Any]

_SUMMARY_KINDS = {
    "min": 1,
    "max": 2,
    "mean": 3,
    "best": 4,
    "last": 5,
    "none": 6,
    "copy": 7,
    "first": 8,
}
_OPTIONS = {"step_sync": 1, "hidden": 2, "defined": 3}
_GOALS = {"GOAL_MINIMIZE": 1, "GOAL_MAXIMIZE": 2}

# Names of the environment's facts where they are no camel case of the record's.
_FACTS = {
    "cpu_count": "cpu_count",
    "cpu_count_logical": "cpu_count_logical",
    "gpu_count": "gpu_count",
    "gpu_type": "gpu",
    "gpu_nvidia": "gpu_nvidia",
    "gpu_amd": "gpu_amd",
    "remote_url": "remote",
    "ecpu_cores": "ecpu_cores",
    "pcpu_cores": "pcpu_cores",
    "gpu_cores": "gpu_cores",
}
# 64-bit numbers are text in the JSON of records.
_LONG = frozenset(("total", "used", "memory_total", "swap_total_bytes", "ram_total_bytes"))


class Description:
    """The run's record, config, metric rules, telemetry and environment, as they are now.

    Args:
        overrides: Fields of the run's record that are other than it says: `wandb sync --project`.
        replace_tags: Tags that are called otherwise, by their old names.
        defaults: Fields that it may leave out.
    """

    def __init__(
        self,
        overrides: Mapping[str, str] | None = None,
        replace_tags: Mapping[str, str] | None = None,
        *,
        defaults: Mapping[str, str] | None = None,
    ) -> None:
        self.run: Json = {}
        self._overrides: Json = dict(overrides or {})
        self._defaults: Json = dict(defaults or {})
        self._replace_tags = dict(replace_tags or {})
        self._config: Json = {}
        self._internal: Json = {}
        self._telemetry: Json = {}
        self._metrics: dict[tuple[str, str], Json] = {}
        self._environment: Json = {}
        self._earlier: Json = {}
        self._earlier_config: Json = {}

    def go_on(
        self, config: Json, *, storage_id: str | None, tags: list[str], notes: str | None
    ) -> None:
        """Take in what a run has that goes on: what its records say is laid over it."""
        self._earlier = {"storage_id": storage_id, "tags": tags, "notes": notes}
        self._earlier_config = config

    # --- records ------------------------------------------------------------------------------

    def take(self, kind: str, record: Json) -> bool:
        """Take in a record; return whether the description is another one now."""
        handler = _HANDLERS.get(kind)
        if handler is None:
            return False
        handler(self, record)
        return True

    def _take_run(self, record: Json) -> None:
        self.run = self._defaults | self._earlier | record | self._overrides
        if tags := self.run.get("tags"):
            # Two that become one are one.
            self.run["tags"] = [*dict.fromkeys(self._replace_tags.get(tag, tag) for tag in tags)]
        self._take_config(record.get("config", {}))
        self._telemetry = record.get("telemetry") or self._telemetry

    def _take_config(self, record: Json) -> None:
        for item in record.get("update", ()):
            path = _path(item)
            value = _parsed(item.get("value_json", "null"))
            root = self._internal if path[0] == "_wandb" else self._config
            _merge_at(root, path[1:] if path[0] == "_wandb" else path, value)
        for item in record.get("remove", ()):
            _remove_at(self._config, _path(item))

    def _take_telemetry(self, record: Json) -> None:
        # Each is a whole snapshot.
        self._telemetry = record

    def _take_metric(self, record: Json) -> None:
        key = (record.get("name", ""), record.get("glob_name", ""))
        overwrite = record.get("_control", {}).get("overwrite")
        old = {} if overwrite else self._metrics.get(key, {})
        self._metrics[key] = _merged(old, record)
        axis = record.get("step_metric")
        if axis:
            # One that was only referred to has an entry of its own.
            self._metrics.setdefault((axis, ""), {"name": axis})

    def _take_environment(self, record: Json) -> None:
        self._environment = _merged(self._environment, record)

    # --- what is told -------------------------------------------------------------------------

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self.run.get("run_id", ""))

    def upsert_variables(self) -> Json:
        """Return the variables of an upsert that says everything; None leaves a field alone."""
        run, git = self.run, self.run.get("git", {}) or self._environment.get("git", {})
        return {
            "id": run.get("storage_id") or None,
            "name": self.run_id,
            "project": run.get("project") or "uncategorized",
            "entity": run.get("entity") or None,
            "groupName": run.get("run_group") or None,
            "description": None,
            "displayName": run.get("display_name") or None,
            "notes": run.get("notes") or None,
            "commit": git.get("commit") or None,
            "config": self.config_json(),
            "host": run.get("host") or None,
            "debug": None,
            "program": self._environment.get("program") or None,
            "repo": git.get("remote_url") or None,
            "jobType": run.get("job_type") or None,
            "state": None,
            "sweep": run.get("sweep_id") or None,
            "tags": run.get("tags") or None,
            "summaryMetrics": None,
        }

    def config_tree(self) -> Json:
        """Return the whole config as servers take it, what the package notes by itself included."""
        known = self._earlier_config | self._config
        values = {key: {"value": value} for key, value in known.items()}
        return {**values, "_wandb": {"value": self._noted()}}

    def config_json(self) -> str:
        """Return the config as text."""
        return json.dumps(self.config_tree(), separators=(",", ":"))

    def config_yaml(self) -> str:
        """Return the content of `config.yaml`."""
        import yaml

        return str(
            yaml.safe_dump(
                self.config_tree(),
                indent=4,
                sort_keys=True,
                default_flow_style=False,
                allow_unicode=True,
            )
        )

    def metadata_json(self) -> str | None:
        """Return the content of `wandb-metadata.json`; None if nothing may be told."""
        return json.dumps(self.environment(), indent=2) if self._environment else None

    def environment(self) -> Json:
        """Return what is known of program and machine, in the names of files and servers."""
        return {_FACTS.get(name, _camel(name)): _fact(name, fact) for name, fact in _shown(self)}

    def _noted(self) -> Json:
        noted = {
            "cli_version": self._telemetry.get("cli_version") or CLIENT_VERSION,
            "python_version": self._telemetry.get("python_version"),
            "t": telemetry_numbers(self._telemetry),
            "m": self._metric_list(),
            **self._internal,
        }
        writer = self._environment.get("writer_id")
        if writer:
            noted["e"] = {writer: self.environment()}
        return {name: value for name, value in noted.items() if value is not None}

    def _metric_list(self) -> list[Json]:
        places = {name: at for at, (name, _) in enumerate(self._metrics, start=1) if name}
        return [_metric_entry(metric, places) for metric in self._metrics.values()]


_HANDLERS = {
    "run": Description._take_run,
    "config": Description._take_config,
    "telemetry": Description._take_telemetry,
    "metric": Description._take_metric,
    "environment": Description._take_environment,
}


def _shown(description: Description) -> Iterable[tuple[str, Any]]:
    return ((name, fact) for name, fact in description._environment.items() if fact)


def _metric_entry(metric: Json, places: Mapping[str, int]) -> Json:
    options = metric.get("options", {})
    entry: Json = {"1": metric["name"]} if metric.get("name") else {"2": metric["glob_name"]}
    place = places.get(metric.get("step_metric", ""))
    if place is not None:
        entry["5"] = place
    entry["6"] = [number for name, number in _OPTIONS.items() if options.get(name)]
    entry["7"] = [
        number for name, number in _SUMMARY_KINDS.items() if metric.get("summary", {}).get(name)
    ]
    goal = _GOALS.get(metric.get("goal", ""))
    return {**entry, "8": goal} if goal else entry


def _fact(name: str, fact: Any) -> Any:
    if isinstance(fact, list):
        return [_fact(name, one) for one in fact]
    if not isinstance(fact, dict):
        return str(fact) if name in _LONG else fact
    if name == "started_at":
        return _rfc3339(fact)
    if name == "disk":  # a map by mount, whose names are nobody's fields
        return {mount: _fact("", usage) for mount, usage in fact.items()}
    if name == "slurm":
        return fact
    return {_FACTS.get(inner, _camel(inner)): _fact(inner, one) for inner, one in fact.items()}


def _rfc3339(stamp: Mapping[str, int]) -> str:
    moment = datetime.fromtimestamp(stamp.get("seconds", 0), timezone.utc)
    micros = stamp.get("nanos", 0) // 1000
    return moment.replace(microsecond=micros).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


# --- trees --------------------------------------------------------------------------------------


def _path(item: Json) -> list[str]:
    return list(item.get("nested_key") or [item.get("key", "")])


def _parsed(text: str) -> Any:
    try:
        return _strict(json.loads(text))
    except ValueError:
        return None


def _strict(value: Any) -> Any:
    """NaN and infinities have no place in a config: they are null, as in the original."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_strict(one) for one in value]
    if isinstance(value, dict):
        return {key: _strict(one) for key, one in value.items()}
    return value


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


def _merge_at(root: Json, path: list[str], value: Any) -> None:
    if not path:
        if isinstance(value, dict):
            root.update(_merged(root, value))
        return
    for name in path[:-1]:
        inner = root.get(name)
        if not isinstance(inner, dict):
            inner = root[name] = {}
        root = inner
    root[path[-1]] = _merged(root.get(path[-1]), value)


def _remove_at(root: Json, path: list[str]) -> None:
    for name in path[:-1]:
        inner = root.get(name)
        if not isinstance(inner, dict):
            return
        root = inner
    root.pop(path[-1], None)
