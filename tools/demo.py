"""Train for real, log to a local server, read the run back, compare value by value.

    python tools/demo.py        (or: make demo)

Runs `examples/train_digits.py` as a user would: nothing is configured, so `wandb.init` starts a
server on this machine. The run is read back through `wandb.Api` while it goes on and after it,
what was read is printed beside what the script says it logged, and so is the link to the run's
page. Exits with 1 if anything differs.

The server's data lies in `.demo/`, apart from your own. On a terminal the server stays up until
nobody has used it for half an hour; otherwise it is stopped at the end.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
DATA = ROOT / ".demo"
# How often a run that is being written is looked at.
LOOK_EVERY_SECS = 0.5

# What a user has set for other work, an API key above all, is no part of the demo.
for name in [name for name in os.environ if name.startswith(("WANDB_", "FERRULE_"))]:
    del os.environ[name]
os.environ["FERRULE_DATA_DIR"] = str(DATA)
# Nor is a key for the hosted service that lies in the user's home.
os.environ["NETRC"] = os.devnull

import wandb  # noqa: E402 - it is to see the environment as it is from here on


class Check(NamedTuple):
    """One line of the comparison."""

    what: str
    logged: Any
    read: Any


def main() -> int:
    """Train, read, compare; return the exit status."""
    DATA.mkdir(mode=0o700, exist_ok=True)
    try:
        return demonstrate()
    finally:
        if not sys.stdout.isatty():
            stop_server()


def demonstrate() -> int:
    """Do all of it while the server is up."""
    with tempfile.TemporaryDirectory() as scratch:
        record_path = Path(scratch, "record.json")
        status = train(record_path)
        if status:
            print(f"The training script failed with status {status}.")
            return 1
        record = json.loads(record_path.read_text())
    run = wandb.Api().run(f"digits/{record['run_id']}")
    print(f"\nRead back from the server: {run!r}\n")
    status = report(list(checks(record, run)))
    print(f"\nIts page: {run.url}")
    return status


def train(record_path: Path) -> int:
    """Run the script in `examples/`, looking at its run from here while it goes on."""
    script = [sys.executable, "train_digits.py", "--record", str(record_path)]
    with subprocess.Popen(script, cwd=EXAMPLES) as child:
        while child.poll() is None:
            time.sleep(LOOK_EVERY_SECS)
            with suppress(wandb.Error, ValueError):
                look()
        return child.returncode


def look() -> None:
    """Say how far the run of the moment is, as the server tells this other process."""
    if not (DATA / "server.json").exists():
        return
    runs = wandb.Api().runs("digits", order="-created_at", per_page=1)
    if len(runs) and runs[0].state == "running":
        step, loss = (runs[0].summary.get(name) for name in ("_step", "loss"))
        print(f"  [looking on: step {step}, loss {loss}, {runs[0].state}]", flush=True)


def stop_server() -> None:
    """Ask the local server to stop, and wait until it has."""
    with suppress(OSError, ValueError, KeyError):
        pid = json.loads((DATA / "server.json").read_text())["pid"]
        os.kill(pid, signal.SIGTERM)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.05)


def checks(record: dict[str, Any], run: Any) -> Iterator[Check]:
    """Pair what was logged with what is read, in everything a run keeps."""
    rows, read = record["rows"], list(run.scan_history())
    yield Check("state", "finished", run.state)
    yield Check("rows", len(rows), len(read))
    yield Check("steps", list(range(len(rows))), [row["_step"] for row in read])
    for name in ("loss", "accuracy", "lr", "grad", "epoch", "val/loss", "val/accuracy"):
        logged = [(step, row[name]) for step, row in enumerate(rows) if name in row]
        there = [(row["_step"], row[name]) for row in read if name in row]
        yield Check(f"history: {name}", logged, there)
    for name, value in record["config"].items():
        yield Check(f"config: {name}", value, run.config.get(name))
    yield from summary_checks(record, json.loads(json.dumps(run.summary._json_dict)))
    printed = [line.content for line in run.console_logs() if line.level == "info"]
    yield Check("console lines", record["lines"], printed)
    yield Check("project, job type", ("digits", "train"), (run.project, run.job_type))
    yield Check("tags", ["numpy", "mlp"], run.tags)


def summary_checks(record: dict[str, Any], summary: dict[str, Any]) -> Iterator[Check]:
    """Work the summary out from the rows, and pair it with the one that was kept."""
    rows = record["rows"]
    last = {name: value for row in rows for name, value in row.items()}
    last["val/loss"] = {"min": min(row["val/loss"] for row in rows if "val/loss" in row)}
    last["val/accuracy"] = {
        "max": max(row["val/accuracy"] for row in rows if "val/accuracy" in row)
    }
    for name, value in {**last, **record["summary"]}.items():
        yield Check(f"summary: {name}", value, summary.get(name))


def report(compared: list[Check]) -> int:
    """Print the comparison; return 0 if all is equal, else 1."""
    wide = max(len(check.what) for check in compared)
    print(f"{'':{wide}}  {'logged':38}  {'read back':38}")
    for what, logged, read in compared:
        verdict = "equal" if logged == read else "DIFFERENT"
        print(f"{what:{wide}}  {brief(logged):38}  {brief(read):38}  {verdict}")
    wrong = sum(logged != read for _, logged, read in compared)
    print(f"\n{len(compared) - wrong} of {len(compared)} comparisons equal.")
    return 1 if wrong else 0


def brief(value: Any) -> str:
    """Show a value in a column's width: of a list its length and its last member."""
    if isinstance(value, list) and len(value) > 2:
        last = value[-1][1] if isinstance(value[-1], tuple) else value[-1]
        return f"{len(value)} values, last {shortened(last, 38 - 20)}"
    return shortened(value, 38)


def shortened(value: Any, width: int) -> str:
    """Cut the text of a value."""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= width else text[: width - 1] + "…"


if __name__ == "__main__":
    sys.exit(main())
