"""Train for real, read the run back while and after it is written, compare value by value.

    python tools/demo.py        (or: make demo)

Runs `examples/train_digits.py` as a user would, opens the folder of its run with `wandb.Api`,
and prints what was read beside what the script says it logged. Exits with 1 if anything
differs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import wandb

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
RUNS = EXAMPLES / "wandb"
# How often a run that is being written is looked at.
LOOK_EVERY_SECS = 0.5


class Check(NamedTuple):
    """One line of the comparison."""

    what: str
    logged: Any
    read: Any


def main() -> int:
    """Train, read, compare; return the exit status."""
    with tempfile.TemporaryDirectory() as scratch:
        record_path = Path(scratch, "record.json")
        status = train(record_path)
        if status:
            print(f"The training script failed with status {status}.")
            return 1
        record = json.loads(record_path.read_text())
    run = wandb.Api(str(RUNS)).run(f"digits/{record['run_id']}")
    print(f"\nRead back from {os.path.relpath(run_folder(record['run_id']))}: {run!r}\n")
    return report(list(checks(record, run)))


def train(record_path: Path) -> int:
    """Run the script in `examples/`, looking at its run from here while it goes on."""
    # What a user has set for other work, an API key above all, is no part of the demo.
    env = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    script = [sys.executable, "train_digits.py", "--record", str(record_path)]
    before = {folder.name for folder in RUNS.glob("*run-*")}
    with subprocess.Popen(script, cwd=EXAMPLES, env=env) as child:
        while child.poll() is None:
            time.sleep(LOOK_EVERY_SECS)
            look(before)
        return child.returncode


def look(before: set[str]) -> None:
    """Say how far the run of the moment is, read from its folder by this other process."""
    for folder in RUNS.glob("*run-*"):
        if folder.name not in before and list(folder.glob("run-*.wandb")):
            runs = wandb.Api(str(folder)).runs()
            if len(runs):
                step, loss = (runs[0].summary.get(name) for name in ("_step", "loss"))
                print(f"  [looking on: step {step}, loss {loss}, {runs[0].state}]", flush=True)


def run_folder(run_id: str) -> Path:
    """Find the folder of a run by its id."""
    return next(RUNS.glob(f"*run-*-{run_id}"))


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
