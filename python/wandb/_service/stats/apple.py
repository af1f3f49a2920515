"""The GPU of Apple's own processors, by what macOS's `ioreg` and, where it is there, `macmon` say.

Temperature and power are told to nobody but root and by private interfaces; `macmon`, a free
tool, knows these.
"""

from __future__ import annotations

import json
import platform
import plistlib
import sys
from typing import Any

from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics, number
from wandb._service.stats.tools import find_tool, output_of

__all__ = ("Apple", "facts_of", "metrics_of", "probe")

_IOREG = ["/usr/sbin/ioreg", "-r", "-d", "1", "-c", "IOAccelerator", "-a"]
_SYSCTL = "/usr/sbin/sysctl"
_MACMON_PLACES = ("/opt/homebrew/bin", "/usr/local/bin")
# What the released client counts as all of it.
_MOST_WATTS = 16.5
_GIB = 1 << 30
_FACTS = {
    "name": "machdep.cpu.brand_string",
    "ecpu_cores": "hw.perflevel1.physicalcpu",
    "pcpu_cores": "hw.perflevel0.physicalcpu",
    "ram_total_bytes": "hw.memsize",
}


class Apple:
    """The one GPU of the machine."""

    def __init__(self, macmon: str | None) -> None:
        self._macmon = macmon
        self._total_bytes = number(_asked("hw.memsize")) or 0.0

    def read(self) -> Metrics:
        """Take a sample."""
        more = self._macmon and output_of([self._macmon, "pipe", "-s", "1", "-i", "200"])
        return metrics_of(output_of(_IOREG), more or b"", self._total_bytes)

    def facts(self) -> Facts:
        """Describe the processor."""
        told = {name: _asked(key) for name, key in _FACTS.items()}
        return facts_of(told, output_of(_IOREG))

    def close(self) -> None:
        """Do nothing: the tools end by themselves."""


def metrics_of(ioreg: bytes, macmon: bytes, total_bytes: float) -> Metrics:
    """Read the metrics off the tools' output; `macmon` may have said nothing."""
    statistics = _accelerator(ioreg).get("PerformanceStatistics", {})
    used = number(statistics.get("In use system memory"))
    found = {
        "gpu": number(statistics.get("Device Utilization %")),
        "memoryAllocated": 100 * used / total_bytes if used and total_bytes else None,
        **_heat_and_power(macmon),
    }
    return {f"gpu.0.{name}": value for name, value in found.items() if value is not None}


def _heat_and_power(macmon: bytes) -> dict[str, float | None]:
    if not macmon:
        return {}
    told = json.loads(macmon.splitlines()[0])
    watts = number(told.get("gpu_power"))
    return {
        "temp": number(told.get("temp", {}).get("gpu_temp_avg")),
        "powerWatts": watts,
        "powerPercent": None if watts is None else 100 * watts / _MOST_WATTS,
    }


def facts_of(told: dict[str, str], ioreg: bytes) -> Facts:
    """Describe the processor by what `sysctl` and `ioreg` say."""
    name = told.pop("name", "")
    counts = {key: int(value) for key, value in told.items() if value.isdecimal()}
    apple = {
        "name": name,
        **counts,
        "gpu_cores": _accelerator(ioreg).get("gpu-core-count", 0),
        "memory_gb": counts.get("ram_total_bytes", 0) // _GIB,
    }
    facts = {key: fact for key, fact in apple.items() if fact}
    return {"gpu_type": name, "gpu_count": 1, "apple": facts} if facts else {}


def _accelerator(ioreg: bytes) -> dict[str, Any]:
    found = plistlib.loads(ioreg) if ioreg else []
    return found[0] if isinstance(found, list) and found else {}


def _asked(key: str) -> str:
    return output_of([_SYSCTL, "-n", key]).decode(errors="replace").strip()


def probe(options: StatsOptions) -> Apple | None:
    """Look what processor this is."""
    if sys.platform != "darwin" or platform.machine() != "arm64" or not options.samples(0):
        return None
    return Apple(find_tool("macmon", _MACMON_PLACES))
