"""Google's TPUs, by the metrics service that their runtime keeps on the machine."""

from __future__ import annotations

import glob
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wandb._service.stats.grpc_call import call
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics

__all__ = ("Chip", "Tpu", "gauges", "probe")

_ADDRESS = ("localhost", 8431)
_METHOD = "/tpu.monitoring.runtime.RuntimeMetricService/GetRuntimeMetric"
_TOTAL = "tpu.runtime.hbm.memory.total.bytes"
_USED = "tpu.runtime.hbm.memory.usage.bytes"
_DUTY = "tpu.runtime.tensorcore.dutycycle.percent"
_DEVICES = "/sys/bus/pci/devices"
_VENDOR = "0x1ae0"


@dataclass(frozen=True, slots=True)
class Chip:
    """A kind of TPU.

    Attributes:
        name: As it is sold.
        hbm_gib: Memory of each device.
        devices: How many devices a chip shows itself as.
    """

    name: str
    hbm_gib: int
    devices: int


# By the PCI device, and, where that is not enough, the subsystem.
_CHIPS = {
    ("0x0027", "0x004e"): Chip("v2", 8, 2),
    ("0x0027", "0x004f"): Chip("v3", 16, 2),
    ("0x005e", None): Chip("v4", 32, 1),
    ("0x0063", None): Chip("v5e", 16, 1),
    ("0x0062", None): Chip("v5p", 95, 1),
    ("0x006f", None): Chip("v6e", 32, 1),
}


class Tpu:
    """The TPUs of this machine.

    Args:
        chip: What they are.
        count: How many chips.
        ask: Returns the answer to a request for a metric.
    """

    def __init__(self, chip: Chip, count: int, ask: Callable[[bytes], bytes]) -> None:
        self._chip, self._count, self._ask = chip, count, ask

    def read(self) -> Metrics:
        """Take a sample."""
        totals, used = dict(self._gauges(_TOTAL)), dict(self._gauges(_USED))
        metrics: Metrics = {}
        for device, value in used.items():
            metrics[f"tpu.{device}.memoryUsageBytes"] = value
            if totals.get(device):
                metrics[f"tpu.{device}.memoryUsage"] = 100 * value / totals[device]
        for chip, duty in self._gauges(_DUTY):
            for device in range(chip * self._chip.devices, (chip + 1) * self._chip.devices):
                metrics[f"tpu.{device}.dutyCycle"] = duty
        return metrics

    def _gauges(self, metric: str) -> list[tuple[int, float]]:
        name = metric.encode()
        return gauges(self._ask(b"\x0a" + bytes([len(name)]) + name))

    def facts(self) -> Facts:
        """Describe the chips."""
        return {
            "tpu": {
                "name": self._chip.name,
                "hbm_gib": self._chip.hbm_gib,
                "devices_per_chip": self._chip.devices,
                "count": self._count,
            }
        }

    def close(self) -> None:
        """Do nothing: no connection is kept."""


# --- the answers, in protobuf -----------------------------------------------------------------

_Field = int | bytes


def gauges(answer: bytes) -> list[tuple[int, float]]:
    """Return device and value of each measurement in an answer.

    Raises:
        ValueError: It can't be read.
    """
    found: list[tuple[int, float]] = []
    for metric in _all(answer, 1):
        for measured in _all(metric, 3):
            device = [_first(value, 3) for key in _all(measured, 1) for value in _all(key, 2)]
            for gauge in _all(measured, 3):
                found.append((int(device[0] or 0) if device else 0, _gauge(gauge)))  # noqa: PERF401 - three loops deep
    return found


def _gauge(gauge: bytes) -> float:
    for number, field in _fields(gauge):
        if number == 1 and isinstance(field, bytes):
            return float(struct.unpack("<d", field)[0])
        if number == 2 and isinstance(field, int):
            return float(field)
    return 0.0


def _all(message: bytes, wanted: int) -> list[bytes]:
    return [
        field for number, field in _fields(message) if number == wanted and isinstance(field, bytes)
    ]


def _first(message: bytes, wanted: int) -> int | None:
    found = (field for number, field in _fields(message) if number == wanted)
    return next((field for field in found if isinstance(field, int)), None)


def _fields(message: bytes) -> Iterator[tuple[int, _Field]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == 2:
            size, at = _varint(message, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"a message has a field of kind {kind}")
        if at + size > len(message):
            raise ValueError("a message ends too soon")
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a message ends within a number")


# --- which TPUs there are ---------------------------------------------------------------------


def _chips(folder: str) -> Iterator[Chip]:
    for device in sorted(glob.glob(os.path.join(folder, "*"))):
        if _line(device, "vendor") != _VENDOR:
            continue
        kind = _line(device, "device")
        chip = _CHIPS.get((kind, _line(device, "subsystem_device"))) or _CHIPS.get((kind, None))
        if chip is not None:
            yield chip


def _line(*path: str) -> str:
    try:
        with open(os.path.join(*path), encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""


def found_chips(folder: str = _DEVICES) -> Sequence[Chip]:
    """Return the TPUs on the machine's bus."""
    return list(_chips(folder))


def probe(options: StatsOptions) -> Tpu | None:
    """Look for TPUs on the bus."""
    chips = found_chips()
    if not chips:
        return None
    return Tpu(chips[0], len(chips), lambda request: call(_ADDRESS, _METHOD, request))
