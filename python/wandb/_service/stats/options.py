"""What of a machine is sampled, as a run asks for it; known without loading what samples."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from wandb._settings.hardware import HardwareChoice, hardware_overrides

__all__ = ("StatsOptions", "stats_options")

# A run that is over before this has no metrics, and costs the machine nothing.
_FIRST_SECS = 2.0
_RANK_VARIABLE = "LOCAL_RANK"


@dataclass(frozen=True, slots=True)
class StatsOptions:
    """What of a machine is sampled.

    Attributes:
        pid: The process whose use of the machine is sampled.
        first_secs: When the first sample is taken, counted from when it was asked for.
        interval_secs: Between two samples.
        process_tree: Add up the process and all that descend from it.
        disk_paths: Whose use is sampled.
        gpu_device_ids: The only GPUs to sample; None for all.
        neuron_config: A configuration for AWS's `neuron-monitor`; None for one that fits.
        dcgm_exporter: A query to Prometheus about NVIDIA GPUs.
        endpoints: OpenMetrics addresses by name.
        filters: Which of their metrics to keep; None for all.
        headers: Sent to those addresses.
        buffer_size: How many samples are kept for the script; negative for all.
        local_rank: Which of the processes that `torchrun` started here it is.
        writer_id: Names the environment record that hardware is described in; empty for none.
        overrides: Facts of the hardware that the user knows better.
    """

    pid: int
    first_secs: float = _FIRST_SECS
    interval_secs: float = 15.0
    process_tree: bool = False
    disk_paths: Sequence[str] = ("/",)
    gpu_device_ids: Sequence[int] | None = None
    neuron_config: str | None = None
    dcgm_exporter: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Mapping[str, str]] | Sequence[str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    buffer_size: int = 0
    local_rank: int | None = None
    writer_id: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> StatsOptions:
        """Take up what another process, perhaps of another version, has asked for."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: fact for name, fact in told.items() if name in known})

    def samples(self, device: int) -> bool:
        """Whether a GPU is among those to be sampled."""
        return self.gpu_device_ids is None or device in self.gpu_device_ids


class _Chosen(HardwareChoice, Protocol):
    """The part of the settings that is read here."""

    @property
    def x_stats_pid(self) -> int: ...
    @property
    def x_stats_sampling_interval(self) -> float: ...
    @property
    def x_stats_track_process_tree(self) -> bool: ...
    @property
    def x_stats_disk_paths(self) -> Sequence[str] | None: ...
    @property
    def x_stats_gpu_device_ids(self) -> Sequence[int] | None: ...
    @property
    def x_stats_neuron_monitor_config_path(self) -> str | None: ...
    @property
    def x_stats_dcgm_exporter(self) -> str | None: ...
    @property
    def x_stats_open_metrics_endpoints(self) -> Mapping[str, str] | None: ...
    @property
    def x_stats_open_metrics_filters(
        self,
    ) -> Mapping[str, Mapping[str, str]] | Sequence[str] | None: ...
    @property
    def x_stats_open_metrics_http_headers(self) -> Mapping[str, str] | None: ...
    @property
    def x_stats_buffer_size(self) -> int: ...


def stats_options(settings: _Chosen, *, writer_id: str = "") -> StatsOptions:
    """Read off the settings what is sampled."""
    interval_secs = settings.x_stats_sampling_interval
    return StatsOptions(
        pid=settings.x_stats_pid,
        first_secs=min(_FIRST_SECS, interval_secs),
        interval_secs=interval_secs,
        process_tree=settings.x_stats_track_process_tree,
        disk_paths=list(settings.x_stats_disk_paths or ()),
        gpu_device_ids=settings.x_stats_gpu_device_ids,
        neuron_config=settings.x_stats_neuron_monitor_config_path,
        dcgm_exporter=settings.x_stats_dcgm_exporter,
        endpoints=dict(settings.x_stats_open_metrics_endpoints or {}),
        filters=settings.x_stats_open_metrics_filters,
        headers=dict(settings.x_stats_open_metrics_http_headers or {}),
        buffer_size=settings.x_stats_buffer_size,
        local_rank=_local_rank(),
        writer_id=writer_id,
        overrides=hardware_overrides(settings),
    )


def _local_rank() -> int | None:
    rank = os.environ.get(_RANK_VARIABLE, "")
    return int(rank) if rank.isdecimal() else None
