"""What every measured process shares: clocks, memory and CPU of itself and its descendants.

Runs under each client's interpreter, so it needs nothing but the standard library.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TICKS_PER_SEC = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024

Metrics = dict[str, float]


def main(measure: Callable[[dict[str, Any]], Metrics]) -> None:
    """Run `measure` with the parameters in `argv[1]` and write its metrics to `argv[2]`."""
    sys.path.pop(0)  # the scripts beside this one must not shadow what a client imports
    metrics = measure(json.loads(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(metrics))


def percentile(ordered: list[float], percent: float) -> float:
    """Return the nearest-rank percentile of values in ascending order."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def status_mib(field: str, pid: int | str = "self") -> float:
    """Return a memory field of `/proc/<pid>/status` (`VmRSS`, `VmHWM`) in MiB, 0 if it is gone."""
    for line in _text(f"/proc/{pid}/status").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024 / MIB
    return 0.0


def children(pid: int) -> list[int]:
    """Return the live children of a process, of all its threads."""
    found: list[int] = []
    for task in _entries(f"/proc/{pid}/task"):
        found += map(int, _text(f"/proc/{pid}/task/{task}/children").split())
    return found


def descendants(pid: int) -> list[int]:
    """Return the live children of a process, and theirs."""
    found: list[int] = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def processes() -> list[int]:
    """Return all live processes."""
    return [int(name) for name in _entries("/proc") if name.isdigit()]


def environment(pid: int) -> list[bytes]:
    """Return the variables a process was started with, none if that can't be read."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def process_cpu_secs(pid: int) -> float:
    """Return the CPU time of another process and of the children it has waited for.

    The kernel tells it in ticks, and to the nanosecond only for threads that still live.
    """
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    ticks = [int(field) / TICKS_PER_SEC for field in fields[11:15]] or [0.0] * 4
    tasks = [_text(f"/proc/{pid}/task/{task}/schedstat") for task in _entries(f"/proc/{pid}/task")]
    threads = sum(int(text.split()[0]) / 1e9 for text in tasks if text)
    return max(ticks[0] + ticks[1], threads) + ticks[2] + ticks[3]


def tree_cpu_secs() -> float:
    """Return the CPU time of this process, its waited-for children and its live descendants."""
    alive = sum(process_cpu_secs(pid) for pid in descendants(os.getpid()))
    return cpu_secs(resource.RUSAGE_SELF) + waited_cpu_secs() + alive


def waited_cpu_secs() -> float:
    """Return the CPU time of the children that were waited for, to the microsecond."""
    return cpu_secs(resource.RUSAGE_CHILDREN)


def cpu_secs(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def descendants_peak_mib() -> float:
    """Return the sum of the peaks of all live descendants: the client's service, if any."""
    return sum(status_mib("VmHWM", pid) for pid in descendants(os.getpid()))


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
