"""NVIDIA GPUs of a whole cluster, by a Prometheus that gathers what DCGM exporters tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wandb._http.fetch import fetch
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics, number

__all__ = ("DcgmExporter", "probe")

_NAMES = {
    "DCGM_FI_DEV_FB_FREE": "memoryFree",
    "DCGM_FI_DEV_FB_USED": "memoryUsed",
    "DCGM_FI_DEV_FB_TOTAL": "memoryTotal",
    "DCGM_FI_DEV_GPU_MAX_OP_TEMP": "maxOpTemp",
    "DCGM_FI_DEV_GPU_TEMP": "temp",
    "DCGM_FI_DEV_GPU_UTIL": "gpu",
    "DCGM_FI_DEV_MEMORY_TEMP": "memoryTemp",
    "DCGM_FI_DEV_MEM_COPY_UTIL": "memory",
    "DCGM_FI_DEV_MEM_MAX_OP_TEMP": "memoryMaxOpTemp",
    "DCGM_FI_DEV_POWER_USAGE": "powerWatts",
    "DCGM_FI_DEV_SM_CLOCK": "smClock",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": "totalEnergyConsumption",
    "DCGM_FI_PROF_NVLINK_RX_BYTES": "nvlinkRxBytes",
    "DCGM_FI_PROF_NVLINK_TX_BYTES": "nvlinkTxBytes",
    "DCGM_FI_PROF_PCIE_RX_BYTES": "pcieRxBytes",
    "DCGM_FI_PROF_PCIE_TX_BYTES": "pcieTxBytes",
    "DCGM_FI_PROF_PIPE_FP16_ACTIVE": "pipeFp16Active",
    "DCGM_FI_PROF_PIPE_FP32_ACTIVE": "pipeFp32Active",
    "DCGM_FI_PROF_PIPE_FP64_ACTIVE": "pipeFp64Active",
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": "pipeTensorActive",
    "DCGM_FI_PROF_SM_ACTIVE": "smActive",
    "DCGM_FI_PROF_SM_OCCUPANCY": "smOccupancy",
}


class DcgmExporter:
    """One query."""

    def __init__(
        self, url: str, options: StatsOptions, get: Callable[[str], bytes] = fetch
    ) -> None:
        self._url, self._options, self._get = url, options, get

    def read(self) -> Metrics:
        """Take a sample."""
        return dict(self._metrics(json.loads(self._get(self._url))))

    def _metrics(self, answer: Any) -> Iterator[tuple[str, float]]:
        for found in answer["data"]["result"]:
            labels: Mapping[str, str] = found["metric"]
            name, gpu = _NAMES.get(labels.get("__name__", "")), labels.get("gpu")
            value = number(found["value"][1])
            if name is None or gpu is None or value is None:
                continue
            node = labels.get("node")
            yield f"gpu.{gpu}.{name}{f'/l:{node}' if node else ''}", value

    def facts(self) -> Facts:
        """Describe nothing: the GPUs are other machines'."""
        return {}

    def close(self) -> None:
        """Do nothing: no connection is kept."""


def probe(options: StatsOptions) -> DcgmExporter | None:
    """Take the query that the user gave."""
    return DcgmExporter(options.dcgm_exporter, options) if options.dcgm_exporter else None
