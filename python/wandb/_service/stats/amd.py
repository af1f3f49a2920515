"""AMD GPUs, by what `rocm-smi` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics, number
from wandb._service.stats.tools import find_tool, output_of

__all__ = ("Amd", "facts_of", "metrics_of", "probe")

_PLACES = ("/opt/rocm/bin", "/usr/bin")
_DRIVER = "/sys/module/amdgpu/initstate"
Cards = Mapping[str, Any]

# What each metric is called by ROCm; where versions differ, the first name found counts.
_METRICS = {
    "gpu": ("GPU use (%)",),
    "memoryAllocated": ("GPU memory use (%)", "GPU Memory Allocated (VRAM%)"),
    "memoryReadWriteActivity": ("GPU Memory Read/Write Activity (%)",),
    "memoryOverDrive": ("GPU Memory OverDrive value (%)",),
    "temp": (
        "Temperature (Sensor memory) (C)",
        "Temperature (Sensor junction) (C)",
        "Temperature (Sensor edge) (C)",
    ),
    "powerWatts": (
        "Average Graphics Package Power (W)",
        "Current Socket Graphics Package Power (W)",
    ),
}
_MOST_POWER = "Max Graphics Package Power (W)"
_FACTS = {
    "unique_id": ("Unique ID",),
    "vbios_version": ("VBIOS version",),
    "performance_level": ("Performance Level",),
    "gpu_overdrive": ("GPU OverDrive value (%)",),
    "gpu_memory_overdrive": ("GPU Memory OverDrive value (%)",),
    "max_power": (_MOST_POWER,),
    "series": ("Card Series", "Card series"),
    "model": ("Card Model", "Card model"),
    "vendor": ("Card Vendor", "Card vendor"),
    "sku": ("Card SKU",),
    "sclk_range": ("Valid sclk range",),
    "mclk_range": ("Valid mclk range",),
}


class Amd:
    """All GPUs that the tool shows."""

    def __init__(self, tool: str, options: StatsOptions) -> None:
        self._tool, self._options = tool, options
        self._cards = self._asked()

    def _asked(self) -> Cards:
        cards = json.loads(output_of([self._tool, "-a", "--json"]))
        if not isinstance(cards, dict):
            raise ValueError("rocm-smi printed no object")
        return cards

    def read(self) -> Metrics:
        """Take a sample."""
        return metrics_of(self._asked(), self._options)

    def facts(self) -> Facts:
        """Describe the GPUs."""
        return facts_of(self._cards)

    def close(self) -> None:
        """Do nothing: the tool ends by itself."""


def metrics_of(cards: Cards, options: StatsOptions) -> Metrics:
    """Read the metrics of all cards off the tool's output, of ROCm 5 or 6."""
    metrics: Metrics = {}
    for at, card in _numbered(cards):
        if options.samples(at):
            metrics |= {f"gpu.{at}.{name}": value for name, value in _card_metrics(card).items()}
    return metrics


def _card_metrics(card: Mapping[str, Any]) -> Metrics:
    found = {name: number(_first(card, keys)) for name, keys in _METRICS.items()}
    metrics = {name: value for name, value in found.items() if value is not None}
    most = number(card.get(_MOST_POWER))
    if most and "powerWatts" in metrics:
        metrics["powerPercent"] = 100 * metrics["powerWatts"] / most
    return metrics


def facts_of(cards: Cards) -> Facts:
    """Describe all cards."""
    devices = [
        {"id": str(at), **{name: str(_first(card, keys) or "") for name, keys in _FACTS.items()}}
        for at, card in _numbered(cards)
    ]
    devices = [{name: fact for name, fact in one.items() if fact} for one in devices]
    return {
        "gpu_type": next((one["series"] for one in devices if "series" in one), ""),
        "gpu_count": len(devices),
        "gpu_amd": devices,
    }


def _numbered(cards: Cards) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for name, card in cards.items():
        index = name.removeprefix("card")
        if index != name and index.isdecimal() and isinstance(card, dict):
            yield int(index), card


def _first(card: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((card[key] for key in keys if card.get(key) not in (None, "", "N/A")), None)


def probe(options: StatsOptions) -> Amd | None:
    """Look for the driver, then for the tool."""
    try:
        with open(_DRIVER, encoding="ascii") as file:
            is_live = "live" in file.read()
    except OSError:
        return None
    tool = find_tool("rocm-smi", _PLACES) if is_live else None
    return None if tool is None else Amd(tool, options)
