"""Randomised rounds of kills and faults, then a table of what was lost.

    python tests/chaos/run.py                             # 300 rounds, released client beside
    python tests/chaos/run.py --rounds 40 --seed 7        # fewer, another seed
    python tests/chaos/run.py --scenario kill_media       # one kind of round
    python tests/chaos/run.py --replay 7:12 --scenario kill_media   # one round again
    python tests/chaos/run.py --client .envs/wandb-0.21.3/bin/python  # only count its losses

Every row whose `log` returned must be on disk once and intact, the exit state right, no
process left, nothing stuck. A round that is not clean is told at once and its remains are
kept. The exit status is 1 if there was one.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[1])

from chaos import clients, faults, tally  # noqa: E402
from chaos.rounds import Result, calibrate, play  # noqa: E402
from chaos.scenarios import SCENARIOS, Plan, draw, schedule  # noqa: E402
from chaos.stall import can_stall  # noqa: E402

NEEDS = {
    "mount": (faults.can_mount, "run it as root, or allow user namespaces"),
    "strace": (faults.can_trace, "apt-get install strace"),
    "ptrace": (can_stall, "run it as root, or allow tracing of own children"),
    "numpy": (lambda: find_spec("numpy") is not None, "pip install numpy"),
    "cc": (lambda: faults.compiler() is not None, "apt-get install gcc"),
}
BESIDE = "0.21.3"
BESIDE_SHARE = 10


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/chaos/run.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--rounds", type=int, default=300, help="how many (default: 300)")
    add("--seed", type=int, default=1, help="of the plans; instants vary all the same")
    add("--client", default="ours", help="ours, a released version, or an interpreter's path")
    add("--beside", default=BESIDE, help="released client to count losses of (default: 0.21.3)")
    add(
        "--beside-rounds", type=int, help=f"its rounds (default: one in {BESIDE_SHARE}; 0 for none)"
    )
    add("--scenario", action="append", choices=sorted(SCENARIOS), help="only these; repeatable")
    add("--replay", metavar="SEED:N", help="play one round again; needs one --scenario")
    add("--keep", type=Path, help="where the remains of unclean rounds go")
    add("--json", type=Path, help="write the results there")
    add("--list", action="store_true", help="list the scenarios and end")
    return parser.parse_args()


def usable(names: Sequence[str]) -> list[str]:
    """Return the scenarios that this machine can play, and say what the others need."""
    missing = {need: how for need, (has, how) in NEEDS.items() if not has()}
    for need, how in missing.items():
        left = [name for name in names if need in SCENARIOS[name].needs]
        if left:
            say(f"left out for want of {need} ({how}): {', '.join(left)}")
    return [name for name in names if not set(SCENARIOS[name].needs) & set(missing)]


def plans(options: argparse.Namespace) -> list[Plan]:
    names = usable(options.scenario or list(SCENARIOS))
    if options.replay:
        return [draw(SCENARIOS[name], options.replay) for name in names]
    return schedule(names, options.rounds, options.seed) if names else []


def play_all(client: Any, chosen: Sequence[Plan], keep: Path, label: str) -> list[Result]:
    """Play plans one after the other and tell the progress."""
    if not chosen:
        return []
    tempo, results, started = calibrate(client), [], time.monotonic()
    say(f"{label}: init {tempo.init_secs * 1e3:.0f} ms, finish {tempo.finish_secs * 1e3:.0f} ms")
    for number, plan in enumerate(chosen, 1):
        result = play(client, plan, tempo, keep=keep)
        results.append(result)
        if client.ours and not result.clean:
            tell(result)
        if number % 10 == 0 or number == len(chosen):
            unclean = sum(not one.clean for one in results)
            took = time.monotonic() - started
            say(f"{label}: {number}/{len(chosen)} rounds, {unclean} unclean, {took:.0f} s")
    return results


def tell(result: Result) -> None:
    """Say what is wrong with a round, and how to play it again."""
    plan = result.plan
    say(
        f"UNCLEAN {plan.scenario.name} {plan.seed}: program {plan.program}, target {plan.target}, "
        f"{plan.calls} calls, damage: {result.damage}, recovery: {plan.recovery}"
    )
    for note in result.findings.notes:
        say(f"    {note}")
    say(f"    --replay {plan.seed} --scenario {plan.scenario.name}; remains in {result.kept}")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def beside_plans(options: argparse.Namespace, chosen: list[Plan]) -> list[Plan]:
    """Choose rounds for the released client: each kind of scenario first."""
    count = options.beside_rounds
    count = len(chosen) // BESIDE_SHARE if count is None else count
    # The released clients' environments hold nothing but them.
    playable = [plan for plan in chosen if "numpy" not in plan.scenario.needs]
    firsts = list({plan.scenario.name: plan for plan in playable}.values())
    rest = [plan for plan in playable if plan not in firsts]
    return (firsts + rest)[:count]


def in_own_namespace() -> None:
    """Start again with mounts of our own, so that no fault reaches anyone else."""
    prefix = None if faults.can_mount() else faults.namespace_command()
    if prefix is not None:
        os.environ[faults.MOUNT_NAMESPACE] = "1"
        os.execvp(prefix[0], [*prefix, sys.executable, *sys.argv])


def as_json(results: Sequence[Result]) -> list[dict[str, Any]]:
    return [
        {
            "scenario": result.plan.scenario.name,
            "seed": result.plan.seed,
            "clean": result.clean,
            "promised": result.findings.promised,
            "lost": result.findings.lost,
            "notes": result.findings.notes,
            "state": result.state,
            "secs": round(result.round_secs, 3),
        }
        for result in results
    ]


def list_scenarios() -> int:
    for scenario in SCENARIOS.values():
        needs = f" (needs {', '.join(scenario.needs)})" if scenario.needs else ""
        print(f"{scenario.name}: {scenario.drive}, {'/'.join(scenario.programs)}{needs}")
    return 0


def main() -> int:
    options = arguments()
    if options.list:
        return list_scenarios()
    in_own_namespace()
    find = clients.finder().find
    keep = options.keep or Path(tempfile.gettempdir()) / f"chaos-kept-{os.getpid()}"
    chosen = plans(options)
    try:
        client = find(options.client)
        others = beside_plans(options, chosen) if client.ours else []
        other = find(options.beside) if others else None
    except clients.finder().ClientMissingError as err:
        say(str(err))
        return 2
    results = play_all(client, chosen, keep, client.name)
    beside = play_all(other, others, keep, options.beside)
    return report(options, client, results, beside)


def report(
    options: argparse.Namespace, client: Any, results: list[Result], beside: list[Result]
) -> int:
    own, released = tally.by_scenario(results), tally.by_scenario(beside) if beside else {}
    print(tally.table(own, released))
    total = own["all"]
    print(
        f"{client.name}, seed {options.seed}: {total.rounds} rounds, {total.clean} clean, "
        f"{total.lost:,} of {total.promised:,} rows lost in {total.lossy} rounds."
    )
    if released:
        them = released["all"]
        print(
            f"{options.beside}, same plans: {them.rounds} rounds, {them.lost:,} of "
            f"{them.promised:,} rows lost in {them.lossy} rounds."
        )
    if options.json:
        options.json.write_text(json.dumps(as_json(results), indent=1))
    return 0 if total.clean == total.rounds or not client.ours else 1


if __name__ == "__main__":
    sys.exit(main())
