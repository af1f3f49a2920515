"""Graphcore IPUs, by their `gcipuinfo` module."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics, number

__all__ = ("Graphcore", "probe")

_MODULE = "gcipuinfo"
# These change; the others are told once.
_CHANGING = frozenset(
    (
        "average board temp",
        "average die temp",
        "clock",
        "ipu power",
        "ipu utilisation",
        "ipu utilisation (session)",
    )
)
# How a value ends, by how its name does.
_UNITS = {
    "temp": "C",
    "clock": "MHz",
    "power": "W",
    "utilisation": "%",
    "utilisation (session)": "%",
    "speed": "GT/s",
}


class Graphcore:
    """The IPUs that a process uses.

    Args:
        info: The module's object.
        pid: The process.
    """

    def __init__(self, info: Any, pid: int) -> None:
        self._info, self._pid = info, pid
        self._seen: set[str] = set()
        info.setUpdateMode(True)

    def read(self) -> Metrics:
        """Take a sample."""
        metrics: Metrics = {}
        for device in self._info.getDevices():
            if number(device.get("user process id")) == self._pid:
                metrics |= self._device_metrics(dict(device))
        return metrics

    def _device_metrics(self, device: Mapping[str, Any]) -> Metrics:
        index = str(device.get("id"))
        is_new = index not in self._seen
        self._seen.add(index)
        parsed = (
            _parsed(name, str(value))
            for name, value in device.items()
            if is_new or name in _CHANGING
        )
        return {f"ipu.{index}.{one[0]}": one[1] for one in parsed if one is not None}

    def facts(self) -> Facts:
        """Describe nothing: the record has no place for it."""
        return {}

    def close(self) -> None:
        """Do nothing: nothing is open."""


def _parsed(name: str, text: str) -> tuple[str, float] | None:
    """Move a unit from the value to the name; None where the value is no number."""
    for ending, unit in _UNITS.items():
        if name.endswith(ending) and text.endswith(unit):
            name, text = f"{name} ({unit})", text.removesuffix(unit)
            break
    value = number(text.strip())
    return None if value is None else (name, value)


def probe(options: StatsOptions) -> Graphcore | None:
    """Look for the module, which comes with the hardware."""
    if importlib.util.find_spec(_MODULE) is None:
        return None
    return Graphcore(importlib.import_module(_MODULE).gcipuinfo(), options.pid)
