"""Processor, memory, disks, network and the run's own process, by psutil."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import psutil

from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics

__all__ = ("Machine", "probe")

_MB = 1 << 20
_GB = 1 << 30
# Devices that are no disks, whatever is kept in them.
_NO_DISKS = ("loop", "ram", "zram")


class Machine:
    """The machine itself. Counters are told as what was added since this began to look."""

    def __init__(self, options: StatsOptions) -> None:
        self._options = options
        self._processors = psutil.cpu_count() or 1
        self._process = _ProcessUse(options.pid, self._processors, tree=options.process_tree)
        self._disks_at_first = _disk_bytes()
        self._network_at_first = psutil.net_io_counters()

    def read(self) -> Metrics:
        """Take a sample."""
        memory = psutil.virtual_memory()
        return {
            **self._process.read(memory.total),
            "memory_percent": 100 * _used(memory) / memory.total,
            "proc.memory.availableMB": memory.available / _MB,
            **dict(_disk_use(self._options.disk_paths)),
            **self._disk_traffic(),
            **self._network_traffic(),
        }

    def _disk_traffic(self) -> Metrics:
        metrics: Metrics = {}
        for name, (read, written) in _disk_bytes().items():
            first_read, first_written = self._disks_at_first.setdefault(name, (read, written))
            metrics[f"disk.{name}.in"] = (read - first_read) / _MB
            metrics[f"disk.{name}.out"] = (written - first_written) / _MB
        return metrics

    def _network_traffic(self) -> Metrics:
        now, first = psutil.net_io_counters(), self._network_at_first
        if now is None or first is None:  # there is no network
            return {}
        return {
            "network.sent": now.bytes_sent - first.bytes_sent,
            "network.recv": now.bytes_recv - first.bytes_recv,
        }

    def facts(self) -> Facts:
        """Describe nothing: `init` has done so."""
        return {}

    def close(self) -> None:
        """Do nothing: nothing is open."""


class _ProcessUse:
    """What a process uses, alone or with all that descend from it."""

    def __init__(self, pid: int, processors: int, *, tree: bool) -> None:
        self._processors, self._tree = processors, tree
        self._spent: dict[int, float] = {}
        self._looked_at: float | None = None
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.Error:
            self._process = None  # it has ended, or belongs to a container that hides it

    def read(self, total_bytes: int) -> Metrics:
        """Take a sample; nothing once the process has ended."""
        now = time.time()
        spent: dict[int, float] = {}
        resident = threads = 0
        for process in self._processes():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    resident += process.memory_info().rss
                    threads += process.num_threads()
                spent[process.pid] = times.user + times.system
            except psutil.Error:  # noqa: PERF203 - any may end while it is looked at
                continue
        if not spent or self._process is None:
            return {}
        used = sum(secs - self._spent.get(pid, 0.0) for pid, secs in spent.items())
        # The first sample tells the mean since the process began.
        since = self._process.create_time() if self._looked_at is None else self._looked_at
        self._spent, self._looked_at = spent, now
        return {
            "cpu": 100 * max(used, 0.0) / max(now - since, 1e-3) / self._processors,
            "proc.memory.rssMB": resident / _MB,
            "proc.memory.percent": 100 * resident / total_bytes,
            "proc.cpu.threads": threads,
        }

    def _processes(self) -> list[psutil.Process]:
        if self._process is None or not self._process.is_running():
            return []
        try:
            children = self._process.children(recursive=True) if self._tree else []
        except psutil.Error:
            children = []
        return [self._process, *children]


def _used(memory: Any) -> float:
    """Bytes that neither are free nor hold what could be read again."""
    if not hasattr(memory, "buffers"):  # only Linux tells
        return float(memory.total - memory.available)
    return float(memory.total - memory.free - memory.buffers - memory.cached)


def _disk_use(paths: Iterable[str]) -> Iterator[tuple[str, float]]:
    for path in paths:
        try:
            use = psutil.disk_usage(path)
        except OSError:
            continue  # only paths that can be read are sampled
        yield f"disk.{path}.usagePercent", 100 * use.used / max(use.used + use.free, 1)
        yield f"disk.{path}.usageGB", use.used / _GB


def _disk_bytes() -> dict[str, tuple[int, int]]:
    """Return bytes read and written by each whole disk."""
    try:
        counters = psutil.disk_io_counters(perdisk=True) or {}
    except (OSError, RuntimeError, NotImplementedError):
        return {}
    return {
        name.replace("/dev/", ""): (disk.read_bytes, disk.write_bytes)
        for name, disk in counters.items()
        if not name.startswith(_NO_DISKS) and not _is_partition(name, counters)
    }


def _is_partition(name: str, names: Iterable[str]) -> bool:
    """Whether another disk's name, and a number, make up this one: `sda1`, `nvme0n1p2`."""
    return any(
        whole != name
        and name.startswith(whole)
        and name[len(whole) :].removeprefix("p").isdecimal()
        for whole in names
    )


def probe(options: StatsOptions) -> Machine:
    """Look at this machine."""
    return Machine(options)
