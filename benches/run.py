"""Measure our client beside the released ones and print one table.

    python benches/run.py                               # everything: about eight minutes
    python benches/run.py import_time lifecycle         # two subjects
    python benches/run.py --quick --rounds 1            # does it run at all?

Every figure is the median over paired rounds, "x" the median of the paired ratios (how many
times better ours is). Ratios and CPU figures stand on a shared machine; wall-clock tails do
not. All samples go to `benches/results/`.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import harness
import tables
from clients import OURS, RELEASED, Client, ClientMissingError, find, with_libraries
from subjects import SUBJECTS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benches/run.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS))
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (default: 5)")
    parser.add_argument("--quick", action="store_true", help="far fewer calls; figures are rough")
    parser.add_argument(
        "--clients",
        default=",".join((OURS, *RELEASED)),
        help="comma-separated: ours, a version, or an interpreter's path (default: %(default)s)",
    )
    options = parser.parse_args()
    unknown = sorted(set(options.subjects) - set(SUBJECTS))
    if unknown:
        parser.error(f"no subject {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


def find_clients(names: list[str]) -> list[Client]:
    """Return the clients that can run here, and say which cannot."""
    return [client for name in names if (client := find_or_say(name)) is not None]


def find_or_say(name: str) -> Client | None:
    try:
        return find(name)
    except ClientMissingError as err:
        say(f"left out: {err}")
        return None


def beside(clients: list[Client], libraries: str) -> list[Client]:
    """Return the clients in environments that hold some libraries, without those that have none."""
    return [found for one in clients if (found := with_libraries(one, libraries)) is not None]


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def warm_up(clients: list[Client]) -> None:
    """Run each client once, so that no round pays for compiling its modules."""
    for client in clients:
        harness.run_worker("lifecycle", client, {"case": "runs", "backlog_rows": 10})


def main() -> int:
    options = arguments()
    clients = find_clients(options.clients.split(","))
    if not clients:
        return 1
    facts = harness.machine_facts()
    warm_up(clients)
    started = time.monotonic()
    outcomes = [
        harness.run_subject(
            SUBJECTS[name],
            beside(clients, SUBJECTS[name].libraries),
            rounds=options.rounds,
            quick=options.quick,
            say=say,
        )
        for name in options.subjects or SUBJECTS
    ]
    path = harness.save(outcomes, facts)
    print_report(outcomes, clients, facts, options)
    say(f"{time.monotonic() - started:.0f} s; all samples are in {os.path.relpath(path)}")
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def print_report(
    outcomes: list[harness.Outcome],
    clients: list[Client],
    facts: dict[str, object],
    options: argparse.Namespace,
) -> None:
    loads = [load for outcome in outcomes for load in outcome.loads]
    print(
        f"{facts['cpu']}, {facts['cpus']} CPUs, {facts['memory_gib']} GiB, "
        f"Linux {facts['kernel']}, Python {facts['python']}; {options.rounds} paired rounds, "
        f"{'quick' if options.quick else 'full'}; load average median "
        f"{statistics.median(loads):.2f}, highest {max(loads):.2f}\n"
    )
    print(tables.headline(outcomes, [client.name for client in clients]))
    for outcome in outcomes:
        for line in (*outcome.subject.notes, *map("failed: {}".format, outcome.failures)):
            print(f"- {outcome.subject.name}: {line}")


if __name__ == "__main__":
    sys.exit(main())
