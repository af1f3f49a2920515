"""NVIDIA GPUs, by the driver's own library."""

from __future__ import annotations

import ctypes
import importlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics

__all__ = ("Nvidia", "probe")

_LOGGER = logging.getLogger(__name__)
_LIBRARY = "libnvidia-ml.so.1"
_ARCHITECTURES = {
    2: "Kepler",
    3: "Maxwell",
    4: "Pascal",
    5: "Volta",
    6: "Turing",
    7: "Ampere",
    8: "Ada",
    9: "Hopper",
    10: "Blackwell",
}
# What is told once more of a GPU that the run's processes use.
_OF_PROCESS = frozenset(
    (
        "gpu",
        "memory",
        "memoryAllocated",
        "memoryAllocatedBytes",
        "temp",
        "powerWatts",
        "enforcedPowerLimitWatts",
        "powerPercent",
    )
)
Reading = Callable[[Any, Any], Metrics]


class Nvidia:
    """All GPUs that the driver shows.

    Args:
        nvml: The module `pynvml`, initialised.
        options: Which of them to sample, and for which process.
    """

    def __init__(self, nvml: Any, options: StatsOptions) -> None:
        self._nvml, self._options = nvml, options
        self._handles = [
            nvml.nvmlDeviceGetHandleByIndex(at) for at in range(nvml.nvmlDeviceGetCount())
        ]
        # What each GPU can tell; what it does not support is not asked for again.
        self._readings = [list(_READINGS) for _ in self._handles]

    def read(self) -> Metrics:
        """Take a sample."""
        metrics: Metrics = {}
        for at, handle in enumerate(self._handles):
            if not self._options.samples(at):
                continue
            found = self._read_device(at, handle)
            metrics |= {f"gpu.{at}.{name}": value for name, value in found.items()}
            if self._is_used(handle):
                metrics |= {
                    f"gpu.process.{at}.{name}": value
                    for name, value in found.items()
                    if name in _OF_PROCESS
                }
        return metrics

    def _read_device(self, at: int, handle: Any) -> Metrics:
        metrics: Metrics = {}
        for reading in tuple(self._readings[at]):
            try:
                metrics |= reading(self._nvml, handle)
            except self._nvml.NVMLError as err:  # noqa: PERF203 - each may be missing
                if err.value == self._nvml.NVML_ERROR_NOT_SUPPORTED:
                    self._readings[at].remove(reading)
        return metrics

    def _is_used(self, handle: Any) -> bool:
        """Whether the run's process or one that descends from it uses a GPU."""
        return any(_descends(pid, self._options.pid) for pid in self._pids(handle))

    def _pids(self, handle: Any) -> Iterator[int]:
        for ask in (
            self._nvml.nvmlDeviceGetComputeRunningProcesses,
            self._nvml.nvmlDeviceGetGraphicsRunningProcesses,
        ):
            try:
                yield from (process.pid for process in ask(handle))
            except self._nvml.NVMLError:  # noqa: PERF203 - there are two
                continue

    def facts(self) -> Facts:
        """Describe the GPUs."""
        devices = [self._describe(handle) for handle in self._handles]
        return {
            "gpu_type": next((one["name"] for one in devices if "name" in one), ""),
            "gpu_count": len(devices),
            "gpu_nvidia": devices,
            "cuda_version": self._cuda_version(),
        }

    def _describe(self, handle: Any) -> Facts:
        nvml = self._nvml
        asked: dict[str, Callable[[], Any]] = {
            "name": lambda: _text(nvml.nvmlDeviceGetName(handle)),
            "memory_total": lambda: nvml.nvmlDeviceGetMemoryInfo(handle).total,
            "cuda_cores": lambda: nvml.nvmlDeviceGetNumGpuCores(handle),
            "architecture": lambda: _ARCHITECTURES.get(nvml.nvmlDeviceGetArchitecture(handle), ""),
            "uuid": lambda: _text(nvml.nvmlDeviceGetUUID(handle)),
        }
        facts: Facts = {}
        for name, ask in asked.items():
            try:
                facts[name] = ask()
            except nvml.NVMLError:  # noqa: PERF203 - each may be missing
                continue
        return {name: fact for name, fact in facts.items() if fact}

    def _cuda_version(self) -> str:
        try:
            version = self._nvml.nvmlSystemGetCudaDriverVersion_v2()
        except self._nvml.NVMLError:
            return ""
        return f"{version // 1000}.{version % 1000 // 10}"

    def close(self) -> None:
        """Let go of the driver."""
        self._nvml.nvmlShutdown()


# --- what a GPU tells -------------------------------------------------------------------------


def _utilization(nvml: Any, handle: Any) -> Metrics:
    rates = nvml.nvmlDeviceGetUtilizationRates(handle)
    return {"gpu": rates.gpu, "memory": rates.memory}


def _memory(nvml: Any, handle: Any) -> Metrics:
    try:
        # The newer call does not count what the driver keeps for itself as used.
        memory = nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2)
    except nvml.NVMLError:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return {
        "memoryAllocated": 100 * memory.used / max(memory.total, 1),
        "memoryAllocatedBytes": memory.used,
    }


def _temperature(nvml: Any, handle: Any) -> Metrics:
    return {"temp": nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)}


def _power(nvml: Any, handle: Any) -> Metrics:
    return {"powerWatts": nvml.nvmlDeviceGetPowerUsage(handle) / 1000}


def _power_limit(nvml: Any, handle: Any) -> Metrics:
    limit = nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000
    used = nvml.nvmlDeviceGetPowerUsage(handle) / 1000
    return {"enforcedPowerLimitWatts": limit, "powerPercent": 100 * used / max(limit, 1e-3)}


def _sm_clock(nvml: Any, handle: Any) -> Metrics:
    return {"smClock": nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM)}


def _memory_clock(nvml: Any, handle: Any) -> Metrics:
    return {"memoryClock": nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_MEM)}


def _graphics_clock(nvml: Any, handle: Any) -> Metrics:
    return {"graphicsClock": nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_GRAPHICS)}


def _corrected_errors(nvml: Any, handle: Any) -> Metrics:
    count = _memory_errors(nvml, handle, nvml.NVML_MEMORY_ERROR_TYPE_CORRECTED)
    return {"correctedMemoryErrors": count}


def _uncorrected_errors(nvml: Any, handle: Any) -> Metrics:
    count = _memory_errors(nvml, handle, nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED)
    return {"uncorrectedMemoryErrors": count}


def _memory_errors(nvml: Any, handle: Any, kind: int) -> float:
    return float(
        nvml.nvmlDeviceGetMemoryErrorCounter(
            handle, kind, nvml.NVML_VOLATILE_ECC, nvml.NVML_MEMORY_LOCATION_DEVICE_MEMORY
        )
    )


def _fan(nvml: Any, handle: Any) -> Metrics:
    return {"fanSpeed": nvml.nvmlDeviceGetFanSpeed_v2(handle, 0)}


def _encoder(nvml: Any, handle: Any) -> Metrics:
    return {"encoderUtilization": nvml.nvmlDeviceGetEncoderUtilization(handle)[0]}


_READINGS: tuple[Reading, ...] = (
    _utilization,
    _memory,
    _temperature,
    _power,
    _power_limit,
    _sm_clock,
    _memory_clock,
    _graphics_clock,
    _corrected_errors,
    _uncorrected_errors,
    _fan,
    _encoder,
)


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _descends(pid: int, ancestor: int) -> bool:
    """Whether a process is another one, or was started by it or by one that it started."""
    import psutil

    if pid == ancestor:
        return True
    try:
        return any(parent.pid == ancestor for parent in psutil.Process(pid).parents())
    except psutil.Error:
        return False  # it has ended, or is of another container


def probe(options: StatsOptions) -> Nvidia | None:
    """Look for the driver; its absence is found out without loading anything."""
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    try:
        nvml = importlib.import_module("pynvml")
    except ImportError:
        _LOGGER.warning("NVIDIA GPUs are not sampled: `pip install nvidia-ml-py` brings its part")
        return None
    nvml.nvmlInit()
    return Nvidia(nvml, options)
