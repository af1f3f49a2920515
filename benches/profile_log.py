"""Where the time of our `run.log` goes: dict, wrapper, native call, drain thread, disk.

    python benches/profile_log.py                    # tables
    python benches/profile_log.py --perf             # with the hottest native functions

Starts itself under our client. Every figure is per call of 10 floats and the median of
several repeats; what one layer costs is the difference to the layer below it.
"""

import argparse
import cProfile
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from clients import ClientMissingError, find
from harness import worker_environment
from rows import names, row
from tables import aligned, number

KEYS = 10
CALLS = 50_000
REPEATS = 5
BURST = 2500
PAUSE_SECS = 0.02
PROFILED_CALLS = 100_000
PERF_SYMBOLS = 25


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benches/profile_log.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--perf", action="store_true", help="sample native code with `perf`")
    parser.add_argument("--keys", type=int, default=KEYS, help="floats per row (default: 10)")
    parser.add_argument("--as-worker", choices=sorted(WORKERS), help=argparse.SUPPRESS)
    return parser.parse_args()


def layers(keys: int) -> None:
    """Print what each layer of the call costs, in CPU time of the calling thread."""
    import wandb
    from wandb import _native

    run = wandb.init(project="bench", mode="offline")
    folder = Path(run.dir).parent
    (folder / "native").mkdir()
    native = _native.Writer(str(folder / "native"), "native")
    costs = interleaved({"build": lambda row: None, "native": native.log, "run": run.log}, keys)
    before = Drain.now()
    for _ in range(REPEATS):
        seconds(run.log, names(keys))
    native.flush()
    drained = Drain.now() - before
    native.close(0)
    run.finish()
    logged, calls = 2 * CALLS * REPEATS, CALLS * REPEATS
    size = sum(path.stat().st_size for path in folder.glob("run-*.wandb"))
    print(
        aligned(
            [
                ["part of the path", "per call", "unit"],
                ["building the dict, and the loop", number(costs["build"] * 1e9), "ns"],
                ["native.log", number((costs["native"] - costs["build"]) * 1e9), "ns"],
                ["the face around it", number((costs["run"] - costs["native"]) * 1e9), "ns"],
                ["run.log, all in all", number((costs["run"] - costs["build"]) * 1e9), "ns"],
                ["the drain thread", number(drained.cpu / calls * 1e9), "ns"],
                ["journal", number(size / logged), "B"],
                ["journal, per value", number(size / logged / keys), "B"],
                ["calling thread: waits", number(drained.waits / calls), ""],
            ]
        )
    )


def interleaved(
    kinds: dict[str, Callable[[dict[str, float]], object]], keys: int
) -> dict[str, float]:
    """Return the median CPU seconds per call of each kind, the making of the row included."""
    labels = names(keys)
    rounds = [{kind: seconds(log, labels) for kind, log in kinds.items()} for _ in range(REPEATS)]
    return {kind: statistics.median(one[kind] for one in rounds) / CALLS for kind in kinds}


def seconds(log: Callable[[dict[str, float]], object], labels: list[str]) -> float:
    """Return the caller's CPU seconds, with pauses that keep the ring from filling up."""
    total = 0.0
    for first in range(0, CALLS, BURST):
        started = time.thread_time()
        for step in range(first, first + BURST):
            log(row(labels, step))
        total += time.thread_time() - started
        time.sleep(PAUSE_SECS)
    return total


class Drain:
    """CPU seconds of all threads but this one, and how often this one waited in between."""

    def __init__(self, cpu: float, waits: float) -> None:
        self.cpu = cpu
        self.waits = waits

    @classmethod
    def now(cls) -> "Drain":
        return cls(time.process_time() - time.thread_time(), cls._waits())

    def __sub__(self, other: "Drain") -> "Drain":
        pauses = REPEATS * CALLS // BURST
        return Drain(self.cpu - other.cpu, max(0.0, self.waits - other.waits - pauses))

    @staticmethod
    def _waits() -> float:
        path = Path(f"/proc/self/task/{threading.get_native_id()}/status")
        for line in path.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                return float(line.split()[1])
        return 0.0


def profile(keys: int) -> None:
    """Print the Python functions that a call goes through, by their own time."""
    import wandb

    run = wandb.init(project="bench", mode="offline")
    labels = names(keys)
    profiler = cProfile.Profile()
    profiler.enable()
    for step in range(PROFILED_CALLS):
        run.log(row(labels, step))
    profiler.disable()
    run.finish()
    stats: dict[Any, Any] = pstats.Stats(profiler).stats
    lines = [["function (own time; the profiler adds to each call)", "calls", "ns per log"]]
    ordered = sorted(stats.items(), key=lambda item: -item[1][2])
    for (file, line, name), (_, calls, own, _, _) in ordered[:10]:
        where = f"{Path(file).name}:{line} {name}" if line else name
        lines.append([where[:70], f"{calls:,}", number(own / PROFILED_CALLS * 1e9)])
    print(aligned(lines))


def spin(keys: int) -> None:
    """Log without end for `perf` to look at."""
    import wandb

    run = wandb.init(project="bench", mode="offline")
    labels = names(keys)
    deadline = time.monotonic() + 4
    step = 0
    while time.monotonic() < deadline:
        for _ in range(1000):
            run.log(row(labels, step))
            step += 1
    run.finish()


WORKERS: dict[str, Callable[[int], None]] = {"layers": layers, "profile": profile, "spin": spin}


def start(worker: str, options: argparse.Namespace, prefix: list[str] | None = None) -> int:
    """Run one of the workers under our client in an empty folder."""
    client = find("ours")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [*(prefix or []), client.python, __file__, "--as-worker", worker]
        command += ["--keys", str(options.keys)]
        environment = worker_environment(client, folder)
        done = subprocess.run(
            command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=False
        )
    if done.returncode != 0:
        print(done.stderr[-2000:], file=sys.stderr)
    return done.returncode


def perf(options: argparse.Namespace) -> int:
    """Print the hottest functions of all threads, native ones included."""
    if shutil.which("perf") is None:
        print("There is no `perf` here: apt-get install linux-perf.", file=sys.stderr)
        return 1
    with tempfile.NamedTemporaryFile(prefix="perf-") as file:
        record = ["perf", "record", "-q", "-F", "999", "-o", file.name, "--"]
        if start("spin", options, record) != 0:
            return 1
        report = ["perf", "report", "-i", file.name, "--stdio", "--sort", "comm,dso,symbol"]
        shown = subprocess.run(report, capture_output=True, text=True, check=False).stdout
    lines = [line for line in shown.splitlines() if line and not line.startswith("#")]
    print("\n".join(lines[:PERF_SYMBOLS]))
    return 0


def main() -> int:
    options = arguments()
    if options.as_worker:
        WORKERS[options.as_worker](options.keys)
        return 0
    print(f"{options.keys} floats a row; load average {os.getloadavg()[0]:.2f}\n", flush=True)
    try:
        codes = [start("layers", options)]
        print(flush=True)
        codes.append(start("profile", options))
        if options.perf:
            print(flush=True)
            codes.append(perf(options))
    except ClientMissingError as err:
        print(err, file=sys.stderr)
        return 1
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
