"""A chart's points from a long run: one series of ten million, in a thousand buckets.

    python benches/chart_query.py             # 1e7 points; a few minutes, most of it filling
    python benches/chart_query.py --points 1000000

The run is posted as any client would post it, compacted, and asked for through HTTP as the page
asks, over the whole run and over parts of it. Beside it stands `run.history(samples=1000)` of
the released 0.21.3, which gets a thousand single rows of the same run.
"""

import argparse
import asyncio
import base64
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tests"))

from clients import ClientMissingError, find
from e2e.ferrule_server import Server, serving
from harness import worker_environment
from ingest import rss_mib
from load import Answers, Stream, post_all
from made import make_runs

LINES_PER_POST = 20_000
BUCKETS = 1000
TIMES = 30
GATE_MS = 10
RUN = "bench/charts/long"
HISTORY = """
import sys, time, wandb
run = wandb.Api().run("bench/charts/long")
times = []
for _ in range(3):
    started = time.perf_counter()
    rows = run.history(samples=1000, keys=["loss"], pandas=False)
    times.append(time.perf_counter() - started)
print(sorted(times)[1], len(rows))
"""


def posts(points: int, key: str) -> Iterator[bytes]:
    """Make the posts of a run with one metric, float32-like, with a spike now and then."""
    token = base64.b64encode(f"api:{key}".encode()).decode()
    for first in range(0, points, LINES_PER_POST):
        steps = range(first, min(first + LINES_PER_POST, points))
        content = [f'{{"loss":{_value(step)},"_step":{step}}}' for step in steps]
        body = json.dumps({"files": {"wandb-history.jsonl": {"offset": first, "content": content}}})
        head = (
            f"POST /files/{RUN}/file_stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Basic {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield (head + body).encode()


def _value(step: int) -> float:
    noise = (step * 2654435761 % 2**32) / 2**32
    return round(1 / (1 + step / 1e5) + noise / 10 + (7 if step % 999_983 == 0 else 0), 7)


def fill(server: Server, key: str, points: int) -> float:
    """Post the run, a few posts at a time; return the seconds."""
    make_runs(server.url, key, [RUN])
    started, requests, answers = time.perf_counter(), posts(points, key), Answers()
    while some := [request for request, _ in zip(requests, range(10), strict=False)]:
        load = [Stream(some, points=0, lines=0)]
        answers = asyncio.run(post_all(server.port, load, keep_alive=True))
        answers.check()
    return time.perf_counter() - started


def ask_series(server: Server, key: str, low: float | None, high: float | None) -> bytes:
    """Ask for the points of the chart as the page does."""
    entity, project, run = RUN.split("/")
    asked = {
        "entity": entity,
        "project": project,
        "series": [{"run": run, "key": "loss", "x": "_step"}],
        "x_min": low,
        "x_max": high,
        "buckets": BUCKETS,
    }
    token = base64.b64encode(f"api:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{server.url}/api/v1/series", json.dumps(asked).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


def timed(server: Server, key: str, low: float | None, high: float | None) -> list[float]:
    """Ask many times; return the milliseconds of each answer, the first one apart."""
    times = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        ask_series(server, key, low, high)
        times.append((time.perf_counter() - started) * 1e3)
    return times


def released_history(server: Server, key: str, folder: str) -> str | None:
    """Time the released client's way to a chart's points."""
    try:
        client = find("0.21.3")
    except ClientMissingError as err:
        print(f"left out: {err}", file=sys.stderr)
        return None
    settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key}
    done = subprocess.run(
        [client.python, "-W", "ignore", "-c", HISTORY],
        cwd=folder,
        env={**worker_environment(client, folder), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr[-300:]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benches/chart_query.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--points", type=int, default=10_000_000)
    points = parser.parse_args().points
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        key = server.add_user("bench")
        secs = fill(server, key, points)
        print(f"{points:,} points posted in {secs:.1f} s ({points / secs:,.0f} a second)")
        # A stop writes everything to files at rest; a start reads nothing but their footers.
        server.stop()
        server.start()
        sizes = [path.stat().st_size for path in Path(folder).rglob("*.parquet")]
        print(f"at rest: {sum(sizes) / points:.2f} bytes for a point, in {len(sizes)} files")
        for title, low, high in (
            ("the whole run", None, None),
            ("its middle tenth", points * 0.45, points * 0.55),
            ("a thousandth of it", points * 0.5, points * 0.501),
        ):
            first, *rest = timed(server, key, low, high)
            print(
                f"series, {title}: median {statistics.median(rest):.2f} ms, worst "
                f"{max(rest):.2f} ms, first {first:.1f} ms (gate {GATE_MS} ms)"
            )
        print(f"server's memory: {rss_mib(server.process.pid):.0f} MiB")
        told = released_history(server, key, folder)
        print(f"run.history(samples=1000) of 0.21.3, seconds and rows: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
