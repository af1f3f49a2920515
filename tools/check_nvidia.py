"""Compare what the NVIDIA source tells with what `nvidia-smi` does; run it on a machine with a GPU.

    PYTHONPATH=python python tools/check_nvidia.py

Exits with 1 where they differ by more than a load changes within a second, with 2 where there is
nothing to compare.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from wandb._service.stats import nvidia
from wandb._service.stats.options import StatsOptions

# What `nvidia-smi` calls each metric, the factor to our unit, and how far the two may be apart.
QUERIES = {
    "memoryAllocatedBytes": ("memory.used", float(1 << 20), 64.0 * (1 << 20)),
    "gpu": ("utilization.gpu", 1.0, 30.0),
    "memory": ("utilization.memory", 1.0, 30.0),
    "temp": ("temperature.gpu", 1.0, 5.0),
    "powerWatts": ("power.draw", 1.0, 100.0),
    "enforcedPowerLimitWatts": ("enforced.power.limit", 1.0, 1.0),
    "smClock": ("clocks.sm", 1.0, 500.0),
    "memoryClock": ("clocks.mem", 1.0, 500.0),
    "graphicsClock": ("clocks.gr", 1.0, 500.0),
    "correctedMemoryErrors": ("ecc.errors.corrected.volatile.device_memory", 1.0, 0.0),
    "uncorrectedMemoryErrors": ("ecc.errors.uncorrected.volatile.device_memory", 1.0, 0.0),
    "fanSpeed": ("fan.speed", 1.0, 10.0),
}
FACTS = {"name": "name", "uuid": "uuid"}


def asked(tool: str, fields: list[str]) -> list[list[str]]:
    """Return a row of texts for each GPU."""
    command = [tool, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [[cell.strip() for cell in line.split(",")] for line in output.splitlines() if line]


def differences(source: nvidia.Nvidia, tool: str) -> Iterator[str]:
    """Yield a sentence for each value that differs."""
    metrics = source.read()
    names = list(QUERIES)
    for gpu, row in enumerate(asked(tool, [QUERIES[name][0] for name in names])):
        for name, text in zip(names, row, strict=True):
            ours = metrics.get(f"gpu.{gpu}.{name}")
            yield from difference(f"gpu.{gpu}.{name}", ours, text, *QUERIES[name][1:])
    described = source.facts()["gpu_nvidia"]
    for gpu, row in enumerate(asked(tool, list(FACTS.values()))):
        for fact, text in zip(FACTS, row, strict=True):
            if described[gpu].get(fact) != text:
                yield f"GPU {gpu}: {fact} is {described[gpu].get(fact)!r} here and {text!r} there"


def difference(
    name: str, ours: float | None, text: str, factor: float, tolerance: float
) -> Iterator[str]:
    """Print both values of a metric, and yield a sentence if they are too far apart."""
    print(f"{name:36} {ours!s:>24} {text:>16}")
    try:
        theirs = float(text) * factor
    except ValueError:
        if ours is not None:
            yield f"{name} is {ours} here and not there ({text})"
        return
    if ours is None or abs(ours - theirs) > tolerance:
        yield f"{name} is {ours} here and {theirs} there"


def main() -> int:
    """Compare, and say what differs."""
    tool = shutil.which("nvidia-smi")
    source = nvidia.probe(StatsOptions(pid=os.getpid()))
    if tool is None or source is None:
        print("There is no NVIDIA GPU here, or no nvidia-smi, or no pynvml: nothing is compared.")
        return 2
    found = list(differences(source, tool))
    source.close()
    print(*found, sep="\n")
    print(f"{len(found)} differences" if found else "all the same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
