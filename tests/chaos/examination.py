"""Have our client recover and read the folders of a round, each time in a process of its own."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chaos import faults
from chaos.scenarios import Plan
from chaos.stage import GIVE_UP_SECS, HERE, Stage, StuckError

Answers = dict[Path, dict[str, Any]]

RACERS = 3
LONGEST_RECOVERY_SECS = 0.08
NEXT_RUN = """
import sys, wandb
run = wandb.init(project="chaos", mode="offline", dir=sys.argv[1])
run.log({"next": 1})
run.finish()
"""


def examine(stage: Stage, how: str, folders: list[Path]) -> Answers:
    """Recover (`how` is "recover") or only read folders, and return what was found in each."""
    target = stage.folder / "answer.json"
    target.unlink(missing_ok=True)
    code = _finish(_start(stage, how, target, folders))
    if code != 0 or not target.exists():
        words = stage.words.read_text(errors="replace")[-600:]
        error = f"{how} ended with exit code {code}: {words}"
        return {folder: {"error": error, "history": [], "recovered": None} for folder in folders}
    return {Path(name): found for name, found in json.loads(target.read_text()).items()}


def _start(
    stage: Stage, how: str, target: Path, folders: list[Path], prefix: Sequence[str] = ()
) -> "subprocess.Popen[bytes]":
    script = str(HERE / "examine.py")
    command = [*prefix, stage.client.python, script, how, str(target), *map(str, folders)]
    return stage.popen(command)


def _finish(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait(timeout=GIVE_UP_SECS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise StuckError(f"recovery or reading took more than {GIVE_UP_SECS:.0f} s") from None


def recover(stage: Stage, folders: list[Path]) -> Answers:
    return examine(stage, "recover", folders)


def recover_in_a_race(stage: Stage, folders: list[Path]) -> Answers:
    """Let several processes recover at once."""
    targets = [stage.folder / f"race-{number}.json" for number in range(RACERS)]
    racers = [_start(stage, "recover", target, folders) for target in targets]
    for racer in racers:
        if _finish(racer) != 0:
            stage.notes.append("one of several recoveries at once failed")
    return recover(stage, folders)


def recover_twice(stage: Stage, folders: list[Path]) -> Answers:
    recover(stage, folders)
    answers = recover(stage, folders)
    for folder, found in answers.items():
        if found["recovered"] is not None:
            stage.notes.append(f"{folder.name}: a second recovery found work: {found['recovered']}")
    return answers


def recover_by_next_init(stage: Stage, folders: list[Path]) -> Answers:
    """Leave it to the next run in the same place."""
    command = [stage.client.python, "-W", "ignore", "-c", NEXT_RUN, str(stage.base)]
    if _finish(stage.popen(command)) != 0:
        stage.notes.append("the next run failed")
    return examine(stage, "read", folders)


def read_then_recover(stage: Stage, folders: list[Path]) -> Answers:
    """Read without recovering, keep that for the verdict, then recover."""
    before = examine(stage, "read", folders)
    after = recover(stage, folders)
    for folder, found in after.items():
        found["before"] = before[folder]
    return after


def recover_after_a_killed_recovery(stage: Stage, folders: list[Path]) -> Answers:
    rng = stage.plan.rng("recovery")
    for number in range(rng.randint(1, 3)):
        process = _start(stage, "recover", stage.folder / f"killed-{number}.json", folders)
        try:
            process.wait(timeout=rng.uniform(0, LONGEST_RECOVERY_SECS))
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
    return recover(stage, folders)


def settled(stage: Stage, folders: list[Path]) -> Answers:
    """Expect that nothing is left to recover."""
    answers = recover(stage, folders)
    for folder, found in answers.items():
        if found["recovered"] is not None:
            stage.notes.append(f"{folder.name}: a clean end left work: {found['recovered']}")
    return answers


def recover_after_deadly_calls(stage: Stage, folders: list[Path]) -> Answers:
    """Kill recoveries at calls by which they change the disk, then let one end."""
    rng = stage.plan.rng("recovery")
    for number in range(rng.randint(1, 3)):
        prefix = faults.random_deadly_call(rng, "recovery")
        _finish(_start(stage, "recover", stage.folder / f"killed-{number}.json", folders, prefix))
    return recover(stage, folders)


RECOVERIES: dict[str, Callable[[Stage, list[Path]], Answers]] = {
    "recover": recover,
    "race": recover_in_a_race,
    "twice": recover_twice,
    "next_init": recover_by_next_init,
    "read": read_then_recover,
    "killed": recover_after_a_killed_recovery,
    "killed_at_call": recover_after_deadly_calls,
    "settled": settled,
}


def recovered(stage: Stage, plan: Plan, folders: list[Path]) -> Answers:
    """Recover a round's folders in the way its plan says."""
    return RECOVERIES[plan.recovery](stage, folders)
