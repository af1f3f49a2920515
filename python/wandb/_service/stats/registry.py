"""All sources of system metrics."""

from __future__ import annotations

from wandb._service.stats import dcgm_exporter, machine, openmetrics
from wandb._service.stats.accelerators import ACCELERATORS, Probe
from wandb._service.stats.options import StatsOptions

__all__ = ("probes",)


def probes(options: StatsOptions) -> dict[str, Probe]:
    """Return what to look for, by the name that the log calls it."""
    return {
        "machine": machine.probe,
        **ACCELERATORS,
        "dcgm exporter": dcgm_exporter.probe,
        **openmetrics.probes(options),
    }
