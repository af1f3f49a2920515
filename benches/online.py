"""Online logging to acknowledged, ours beside the released clients, on one server of ours.

    python benches/online.py              # median of 5 paired rounds
    python benches/online.py --quick

Each round is a fresh process: import, init, 5,000 calls of ten floats, finish. `finish` of every
client returns when the server has acknowledged everything; afterwards the rows are counted on
the server, and a round that lost any fails.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tests"))

from clients import OURS, RELEASED, Client
from e2e.ferrule_server import Server, serving
from harness import worker_environment
from made import ask
from run import find_clients

WORKER = Path(__file__).with_name("online_worker.py")
PATIENCE_SECS = 300
COUNT = """
query Count($project: String!, $name: String!) {
  project(name: $project, entityName: "bench") { run(name: $name) { historyLineCount state } }
}
"""
# Metric, unit, gate, moonshot: performance.md, row 24.
FIGURES = (
    ("log, median", "p50_secs", 1e6, "µs", 3, 1.2),
    ("log, worst", "worst_secs", 1e3, "ms", None, None),
    ("init", "init_secs", 1e3, "ms", None, None),
    ("finish", "finish_secs", 1, "s", 0.15, 0.05),
    ("first log to acknowledged", "acknowledged_secs", 1, "s", None, None),
    ("whole process", "process_secs", 1, "s", None, None),
)
Metrics = dict[str, float]


def one_round(client: Client, server: Server, key: str, name: str, calls: int) -> Metrics:
    """Run the worker under a client, and count its rows on the server."""
    with tempfile.TemporaryDirectory(prefix="online-") as folder:
        target = Path(folder, "metrics.json")
        settings = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key, "WANDB_MODE": "online"}
        command = [client.python, "-W", "ignore", str(WORKER), name, str(calls), str(target)]
        subprocess.run(
            command,
            cwd=folder,
            env={**worker_environment(client, folder), **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_SECS,
            check=True,
        )
        found = json.loads(target.read_text())
    run = ask(server.url, key, COUNT, {"project": "online", "name": name})["project"]["run"]
    if (run["historyLineCount"], run["state"]) != (calls, "finished"):
        raise SystemExit(f"{client.name}: {calls} rows were logged, the server has {run}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benches/online.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--quick", action="store_true", help="few calls; figures are rough")
    options = parser.parse_args()
    calls, clients = 200 if options.quick else 5000, find_clients([OURS, *RELEASED])
    samples: dict[str, list[Metrics]] = {client.name: [] for client in clients}
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        key = server.add_user("bench")
        for number in range(options.rounds):
            for place, client in enumerate(clients):
                name = f"r{number}c{place}"
                samples[client.name].append(one_round(client, server, key, name, calls))
    report(samples, calls)
    return 0


def report(samples: dict[str, list[Metrics]], calls: int) -> None:
    """Print the medians, and how many times better ours is in the paired rounds."""
    names = list(samples)
    print(f"{calls} calls of 10 floats, online; load average {os.getloadavg()[0]:.1f}")
    print(f"{'':28}" + "".join(f"{name:>12}" for name in names) + f"{'gate':>9}   times better")
    for title, metric, factor, unit, gate, _ in FIGURES:
        medians = {
            name: statistics.median(one[metric] for one in rounds) * factor
            for name, rounds in samples.items()
        }
        ratios = [
            statistics.median(
                them[metric] / us[metric]
                for them, us in zip(samples[name], samples[OURS], strict=True)
            )
            for name in names
            if name != OURS
        ]
        cells = "".join(f"{medians[name]:12.3g}" for name in names)
        limit = f"{gate:>9}" if gate else f"{'':9}"
        better = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        print(f"{f'{title}, {unit}':28}{cells}{limit}   {better}")


if __name__ == "__main__":
    sys.exit(main())
