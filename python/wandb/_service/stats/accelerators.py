"""All kinds of accelerators."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wandb._service.stats import amd, apple, graphcore, nvidia, tpu, trainium
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Source

__all__ = ("ACCELERATORS", "Probe")

# Looks for something; returns it, or None where it is not there.
Probe = Callable[[StatsOptions], Source | None]

ACCELERATORS: Mapping[str, Probe] = {
    "nvidia": nvidia.probe,
    "amd": amd.probe,
    "apple": apple.probe,
    "graphcore": graphcore.probe,
    "tpu": tpu.probe,
    "trainium": trainium.probe,
}
