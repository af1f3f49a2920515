"""What `import wandb` costs, and what the interpreter's exit costs after it (row 11)."""

import statistics
import subprocess
import sys
from typing import Any

import meter

CHILD = """
import sys, time
started = time.perf_counter()
import wandb
took = time.perf_counter() - started
print(took, len(sys.modules), time.process_time(), flush=True)
"""


def measure(params: dict[str, Any]) -> meter.Metrics:
    seconds, modules, exits = zip(*(fresh_import() for _ in range(params["repeats"])), strict=True)
    return {
        "import_s": statistics.median(seconds),
        "modules": statistics.median(modules),
        "exit_cpu_ms": statistics.median(exits),
    }


def fresh_import() -> tuple[float, float, float]:
    """Return seconds of the import, modules after it, and CPU milliseconds of the exit."""
    before = meter.waited_cpu_secs()
    command = [sys.executable, "-W", "ignore", "-c", CHILD]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    whole = meter.waited_cpu_secs() - before
    took, modules, cpu_at_end = map(float, done.stdout.split())
    return took, modules, (whole - cpu_at_end) * 1000


if __name__ == "__main__":
    meter.main(measure)
