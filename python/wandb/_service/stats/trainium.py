"""AWS Trainium, by what `neuron-monitor` prints, again and again, as long as it is let run."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics, number
from wandb._service.stats.tools import find_tool, output_of

__all__ = ("Trainium", "facts_of", "metrics_of", "probe")

_PLACES = ("/opt/aws/neuron/bin",)
_END_SECS = 2.0
_LONGEST_LINE = 8 << 20
Report = Mapping[str, Any]


class Trainium:
    """The cores that a process uses."""

    def __init__(self, monitor: str, devices: bytes, options: StatsOptions) -> None:
        self._options, self._devices = options, devices
        self._latest: Report = {}
        self._config: Any = None
        self._monitor = subprocess.Popen(
            [monitor, "-c", options.neuron_config or self._own_config()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._follower = threading.Thread(
            target=self._follow, name="wandb-neuron-monitor", daemon=True
        )
        self._follower.start()

    def _own_config(self) -> str:
        self._config = tempfile.NamedTemporaryFile("w", prefix="neuron-monitor-", suffix=".json")  # noqa: SIM115 - closed with this object
        json.dump(_config(self._options.interval_secs), self._config)
        self._config.flush()
        return str(self._config.name)

    def _follow(self) -> None:
        assert self._monitor.stdout is not None
        with self._monitor.stdout as lines:
            while line := lines.readline(_LONGEST_LINE):
                with suppress(ValueError):
                    report = json.loads(line)
                    self._latest = report if isinstance(report, dict) else self._latest

    def read(self) -> Metrics:
        """Take a sample: what was said last."""
        if self._monitor.poll() is not None:
            raise RuntimeError(f"neuron-monitor ended with {self._monitor.returncode}")
        return metrics_of(self._latest, self._options)

    def facts(self) -> Facts:
        """Describe the devices."""
        return facts_of(self._devices)

    def close(self) -> None:
        """End the monitor."""
        self._monitor.terminate()
        try:
            self._monitor.wait(_END_SECS)
        except subprocess.TimeoutExpired:
            self._monitor.kill()
            self._monitor.wait()
        self._follower.join(_END_SECS)
        if self._config is not None:
            self._config.close()


def _config(interval_secs: float) -> dict[str, Any]:
    runtime = ("neuroncore_counters", "memory_used", "neuron_runtime_vcpu_usage")
    system = ("vcpu_usage", "memory_info", "neuron_hw_counters")
    return {
        "period": f"{max(1, int(interval_secs))}s",
        "neuron_runtimes": [
            {"tag_filter": ".*", "metrics": [{"type": kind} for kind in runtime]},
        ],
        "system_metrics": [{"type": kind} for kind in system],
    }


def metrics_of(report: Report, options: StatsOptions) -> Metrics:
    """Read the metrics of the run's process off a report.

    Processes that `torchrun` has started share what is reported of the host, and each has the core
    of its rank.
    """
    for entry in _list(report, "neuron_runtime_data"):
        if entry.get("pid") == options.pid or options.local_rank is not None:
            return dict(_entry_metrics(_dict(entry, "report"), options.local_rank))
    return {}


def _entry_metrics(report: Report, rank: int | None) -> Iterator[tuple[str, float]]:
    for core, facts in _dict(report, "neuroncore_counters", "neuroncores_in_use").items():
        if rank is None or core == str(rank):
            yield from _named(f"trn.{core}", facts, "neuroncore_utilization")
    used = _dict(report, "memory_used", "neuron_runtime_used_bytes")
    yield from _numbers({"trn.host_total_memory_usage": used.get("host")})
    yield from _numbers({"trn.neuron_device_total_memory_usage": used.get("neuron_device")})
    parts = _dict(used, "usage_breakdown")
    yield from _below("trn.host_memory_usage", _dict(parts, "host"))
    for core, memory in _dict(parts, "neuroncore_memory_usage").items():
        if (rank is None or core == str(rank)) and isinstance(memory, dict):
            yield from _below(f"trn.{core}.neuroncore_memory_usage", memory)


def _named(prefix: str, facts: Any, name: str) -> Iterator[tuple[str, float]]:
    return _below(prefix, {name: facts.get(name)} if isinstance(facts, dict) else {})


def _below(prefix: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    return _numbers({f"{prefix}.{name}": value for name, value in facts.items()})


def _numbers(facts: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, fact in facts.items():
        value = number(fact)
        if value is not None:
            yield name, value


def _dict(facts: Mapping[str, Any], *path: str) -> dict[str, Any]:
    found: Any = facts
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _list(facts: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = facts.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def facts_of(devices: bytes) -> Facts:
    """Describe the devices that `neuron-ls` lists as JSON."""
    listed = [one for one in json.loads(devices) if isinstance(one, dict)]
    described = {
        "name": "Trainium",
        "vendor": "AWS",
        "neuron_device_count": len(listed),
        "neuroncore_per_device_count": listed[0].get("nc_count", 0) if listed else 0,
    }
    return {"trainium": {name: fact for name, fact in described.items() if fact}}


def probe(options: StatsOptions) -> Trainium | None:
    """Look for the tools, then for devices."""
    monitor, lister = find_tool("neuron-monitor", _PLACES), find_tool("neuron-ls", _PLACES)
    if monitor is None or lister is None:
        return None
    devices = output_of([lister, "--json-output"])
    return Trainium(monitor, devices, options) if json.loads(devices) else None
