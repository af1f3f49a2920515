"""What a server takes in, made durable before it is acknowledged, beside a bare body read.

    python benches/ingest.py               # median of 5 paired rounds
    python benches/ingest.py --quick       # does it run at all?

Points are values of rows. They are divided by the seconds of CPU that the server's process used
over all its threads, and by the wall clock. Load and server share this machine's cores, so the
CPU figure and the share of the bound are what stands. Authentication, checksums, summaries and
the readable tail are on; a post is answered after its bytes are fsynced.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tests"))

import load
from e2e.ferrule_server import Server, free_port
from made import make_runs

BARE = Path(__file__).with_name("bare_server.py")
STREAMS = 16
HALF_LOAD_SECS = 5


@dataclass(frozen=True)
class Shape:
    """How the posts of a load look, and how many there are of each run."""

    lines: int
    keys: int
    keep_alive: bool
    posts: int

    def streams(self, names: list[str], key: str, *, posts: int, seed: int) -> list[load.Stream]:
        """Make the posts."""
        size = {"posts": posts, "lines": self.lines, "keys": self.keys}
        return load.streams(names, key, **size, keep_alive=self.keep_alive, seed=seed)


SHAPES = {
    "100 lines, kept connections": Shape(100, load.KEYS, keep_alive=True, posts=60),
    "1 line, new connections": Shape(1, load.KEYS, keep_alive=False, posts=250),
    # Where aiohttp itself takes fewer lines than the gate has points, only wide ones can reach it.
    "1 line, new connections, wide": Shape(1, 1000, keep_alive=False, posts=120),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One load on one server."""

    points: int
    posts: int
    cpu_secs: float
    wall_secs: float
    p99_secs: float

    @property
    def points_per_cpu_sec(self) -> float:
        return self.points / self.cpu_secs

    @property
    def posts_per_cpu_sec(self) -> float:
        return self.posts / self.cpu_secs

    @property
    def posts_per_sec(self) -> float:
        return self.posts / self.wall_secs


def cpu_secs(pid: int) -> float:
    """Return the CPU time of a process so far, user and system, over all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    """Return a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(
    port: int, pid: int, streams: list[load.Stream], keep_alive: bool, rate: float | None = None
) -> Measured:
    """Send a load and account for it."""
    before = cpu_secs(pid)
    sent = load.post_all(port, streams, keep_alive=keep_alive, posts_per_sec=rate)
    answers = asyncio.run(sent)
    answers.check()
    return Measured(
        points=sum(stream.points for stream in streams),
        posts=len(answers.seconds),
        cpu_secs=cpu_secs(pid) - before,
        wall_secs=answers.wall_secs,
        p99_secs=answers.percentile(0.99),
    )


@contextmanager
def bare() -> Iterator[tuple[int, int]]:
    """Run the bare server; gives its port and pid."""
    port = free_port()
    with subprocess.Popen([sys.executable, str(BARE), str(port)]) as process:
        _wait_for(port)
        try:
            yield port, process.pid
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    import socket

    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit("the bare server does not answer")


def one_round(shape: Shape, posts: int, number: int) -> dict[str, float]:
    """Measure ours and the bound, one after the other, with the same bodies."""
    names = [f"bench/ingest/r{number}x{stream}" for stream in range(STREAMS)]
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        server = Server(Path(folder))
        server.start(wait=False)
        first_answer = server.wait_until_ready()
        idle = rss_mib(server.process.pid)
        try:
            key = server.add_user("bench")
            make_runs(server.url, key, names)
            made = shape.streams(names, key, posts=posts, seed=number)
            ours = measure(server.port, server.process.pid, made, shape.keep_alive)
            half = _at_rate(server, key, shape, ours.posts_per_sec / 2)
        finally:
            server.kill()
    with bare() as (port, pid):
        bound = measure(port, pid, made, shape.keep_alive)
    return {
        "points per CPU second": ours.points_per_cpu_sec,
        "points per second": ours.points / ours.wall_secs,
        "posts per CPU second": ours.posts_per_cpu_sec,
        "share of the bare read": ours.posts_per_cpu_sec / bound.posts_per_cpu_sec,
        "bare points per CPU second": bound.points_per_cpu_sec,
        "p99 at half load, ms": half.p99_secs * 1e3,
        "first answer, s": first_answer,
        "idle memory, MiB": idle,
    }


def _at_rate(server: Server, key: str, shape: Shape, rate: float) -> Measured:
    """Measure the time to an acknowledgement at a steady rate of posts per second."""
    names = [f"bench/ingest/half{stream}" for stream in range(STREAMS)]
    make_runs(server.url, key, names)
    posts = max(8, int(rate * HALF_LOAD_SECS / STREAMS))
    streams = shape.streams(names, key, posts=posts, seed=99)
    return measure(server.port, server.process.pid, streams, shape.keep_alive, rate)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benches/ingest.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--quick", action="store_true", help="few posts; figures are rough")
    options = parser.parse_args()
    for name, shape in SHAPES.items():
        posts = 4 if options.quick else shape.posts
        rounds = [one_round(shape, posts, number) for number in range(options.rounds)]
        report(f"{name}, of {shape.keys} values", rounds)
    return 0


def report(name: str, rounds: list[dict[str, float]]) -> None:
    """Print the medians of one shape of load."""
    print(f"\n{name}, {STREAMS} runs; load average {os.getloadavg()[0]:.1f}")
    for metric in rounds[0]:
        values = [one[metric] for one in rounds]
        print(
            f"  {metric:28} {statistics.median(values):14,.3f}"
            f"   ({min(values):,.3f} to {max(values):,.3f})"
        )


if __name__ == "__main__":
    sys.exit(main())
