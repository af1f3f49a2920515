"""The hardware, as far as settings have a say in it; known without loading what samples it."""

import os
import sys
from typing import Any, Protocol

__all__ = ("HardwareChoice", "hardware_overrides", "has_accelerators")

# What drivers of accelerators put in place: NVIDIA, WSL, AMD, Google, AWS, Graphcore.
_MARKS = (
    "/dev/nvidiactl",
    "/dev/dxg",
    "/dev/kfd",
    "/dev/accel0",
    "/dev/vfio/0",
    "/dev/neuron0",
    "/dev/ipu0",
)


class HardwareChoice(Protocol):
    """The settings by which a user knows the hardware better."""

    @property
    def x_stats_cpu_count(self) -> int | None: ...
    @property
    def x_stats_cpu_logical_count(self) -> int | None: ...
    @property
    def x_stats_gpu_count(self) -> int | None: ...
    @property
    def x_stats_gpu_type(self) -> str | None: ...


def hardware_overrides(settings: HardwareChoice) -> dict[str, Any]:
    """Return the facts of the hardware that the user set, in fields of an environment record."""
    chosen = {
        "cpu_count": settings.x_stats_cpu_count,
        "cpu_count_logical": settings.x_stats_cpu_logical_count,
        "gpu_count": settings.x_stats_gpu_count,
        "gpu_type": settings.x_stats_gpu_type,
    }
    return {name: fact for name, fact in chosen.items() if fact is not None}


def has_accelerators() -> bool:
    """Tell, at the cost of a look at some names, whether it pays to look for accelerators."""
    return sys.platform == "darwin" or any(map(os.path.exists, _MARKS))
