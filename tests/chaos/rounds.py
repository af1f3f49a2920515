"""One round: play a plan under a client, then judge what is left on disk."""

import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos import board as boards
from chaos import examination, faults
from chaos.drives import DRIVES, States
from chaos.journals import Journal, read_journal
from chaos.pictures import looked_at
from chaos.programs import PROGRAMS
from chaos.scenarios import SCENARIOS, Plan, draw
from chaos.stage import Stage, StuckError, Tempo
from chaos.verdict import Findings, Promise, Row, judge, judge_clock, judge_steps

HANG_SECS = 2.0
MEDIA_END_SECS = 10.0
SIGKILL = 9
LEFTOVERS = ("control", "ring-*", "console-*", "spill-*", "carry-*", "writers")
TOLD_LOST = re.compile(r"([\d,]+) rows?\b[^\n]*\blost|lost[^\n]*?([\d,]+) rows?\b", re.IGNORECASE)
START_TEMPO = Tempo(init_secs=0.3, finish_secs=0.05)


@dataclass
class Result:
    """What became of one round."""

    plan: Plan
    findings: Findings
    longest_log_secs: float = 0.0
    end_secs: float = 0.0
    round_secs: float = 0.0
    damage: str = "nothing"
    kept: Path | None = None
    state: str = ""

    @property
    def clean(self) -> bool:
        return self.findings.clean


@dataclass
class Ended:
    """What a drive left: the ways the run may have ended, and how long the end took."""

    states: States
    secs: float
    notes: list[str] = field(default_factory=list)


def play(client: Any, plan: Plan, tempo: Tempo, *, keep: Path | None = None) -> Result:
    """Play one round and judge it; a client that is not ours is only counted.

    Args:
        client: The client under test.
        plan: What to do.
        tempo: How long its `init` and `finish` take.
        keep: A folder to keep the remains in if something is wrong; None keeps nothing.
    """
    started = time.monotonic()
    stage = Stage(client, plan, tempo)
    result = Result(plan, Findings())
    try:
        result = _play(stage)
    except StuckError as err:
        result.findings.note(f"stuck: {err}")
    finally:
        result.round_secs = time.monotonic() - started
        result.kept = None if result.clean or keep is None else keep / plan.seed.replace(":", "-")
        if result.kept is not None:
            shutil.rmtree(result.kept, ignore_errors=True)
        stage.close(keep=result.kept)
    return result


def _play(stage: Stage) -> Result:
    plan = stage.plan
    ended = _drive(stage)
    folders = stage.run_folders()
    journals = [path for folder in folders for path in folder.rglob("*.wandb")]
    damage = faults.damage(plan.damage, journals, plan.rng("damage"))
    result = JUDGES[stage.client.ours](stage, folders, ended)
    result.damage, result.end_secs = damage, ended.secs
    slots = [stage.board.slot(number) for number in stage.board.writers()]
    result.longest_log_secs = max((slot.longest_secs for slot in slots), default=0.0)
    if stage.client.ours:
        _judge_conduct(result, stage, ended)
    return result


def _drive(stage: Stage) -> Ended:
    try:
        states = DRIVES[stage.plan.scenario.drive](stage)
        return Ended(states, stage.wait_for_end())
    except StuckError as err:
        left = stage.give_up()
        stage.wait_for_end()
        return Ended(set(), 0.0, [f"stuck: {err}; processes left: {left}"])


def _promises(stage: Stage, *, loose: bool) -> list[Promise]:
    program = PROGRAMS[stage.plan.program]
    board = stage.board
    slots = {number: board.slot(number) for number in board.writers()}
    return [
        Promise(number, program, slot.returned, slot.begun, loose) for number, slot in slots.items()
    ]


def _count(stage: Stage, folders: list[Path], ended: Ended) -> Result:
    """Say what is left of a released client's run."""
    rows = [row for journal in _journals(folders) for row in journal.rows]
    promises = _promises(stage, loose=False)
    return Result(stage.plan, judge(rows, promises, source="decoder"))


def _journals(folders: list[Path]) -> list[Journal]:
    return [read_journal(path) for folder in folders for path in folder.glob("run-*.wandb")]


def _judge(stage: Stage, folders: list[Path], ended: Ended) -> Result:
    plan = stage.plan
    whole = _whole_rows(folders) if plan.damages_rows else set()
    unsettled = [folder for folder in folders if _leftovers(folder)]
    answers = examination.recovered(stage, plan, folders)
    promises = _promises(stage, loose=plan.damages_rows)
    native = looked_at((row for found in answers.values() for row in found["history"]), folders)
    decoded = looked_at((row for journal in _journals(folders) for row in journal.rows), folders)
    result = Result(plan, judge(decoded, promises, source="decoder"))
    notes = result.findings.notes
    notes += judge(native, promises, source="reader").notes
    for answer in answers.values():
        if "before" in answer:
            early = looked_at(answer["before"]["history"], folders)
            notes += judge(early, promises, source="reader before recovery").notes
    notes += _judge_rows(decoded, promises, plan)
    notes += _judge_folders(folders, answers, promises)
    notes += _judge_tails(unsettled if plan.damage in faults.DAMAGES else folders, promises)
    notes += _judge_states(answers, folders, ended.states)
    notes += _judge_damage(stage, decoded, whole)
    result.state = ", ".join(sorted(str(found.get("state")) for found in answers.values()))
    return result


JUDGES = {True: _judge, False: _count}


def _judge_rows(rows: list[Row], promises: list[Promise], plan: Plan) -> list[str]:
    if not promises or plan.scenario.drive == "twins":
        return []
    notes = judge_steps(rows, promises, source="decoder") if not plan.damages_rows else []
    return notes + judge_clock(rows, promises, source="decoder")


def _judge_folders(
    folders: list[Path], answers: examination.Answers, promises: list[Promise]
) -> list[str]:
    """Check that every folder reads, and holds no ring or writer any more."""
    returned = sum(promise.returned for promise in promises)
    if not folders:
        return [f"no run folder, though {returned} calls returned"] if returned else []
    notes = []
    for folder in folders:
        if answers[folder]["error"] and returned:
            notes.append(f"reader: {answers[folder]['error']}")
        left = _leftovers(folder)
        if left and returned:
            notes.append(f"left in {folder.name}: {', '.join(sorted(left))}")
    return notes


def _leftovers(folder: Path) -> list[str]:
    return [path.name for name in LEFTOVERS for path in folder.glob(name)]


def _judge_tails(folders: list[Path], promises: list[Promise]) -> list[str]:
    """Check that a recovery cut off what was torn.

    A file that was torn after its run was settled (the last of its writers does that) is no
    recovery's business: readers stop at its last whole record.
    """
    if not any(promise.returned for promise in promises):
        return []
    damaged = [journal.damage for journal in _journals(folders) if journal.damage]
    return [f"decoder: after recovery the journal has a {damage}" for damage in damaged]


def _judge_states(answers: examination.Answers, folders: list[Path], states: States) -> list[str]:
    notes = []
    for folder, found in answers.items():
        if not found["error"] and states and (found["state"], found["exit_code"]) not in states:
            wanted = sorted(map(str, states))
            notes.append(f"state {found['state']} {found['exit_code']}, expected {wanted}")
        exits = [code for journal in _journals([folder]) for code in journal.exits]
        if not found["error"] and exits != _exits(found):
            notes.append(f"exit records {exits} under state {found['state']}")
    return notes


def _exits(found: dict[str, Any]) -> list[int]:
    return [] if found["exit_code"] is None else [found["exit_code"]]


def _whole_rows(folders: list[Path]) -> set[tuple[int, int]]:
    """Return which rows are still whole in the files, by writer and number."""
    paths = [path for folder in folders for path in folder.rglob("*.wandb")]
    return {(row["w"], row["n"]) for path in paths for row in read_journal(path).rows}


def _judge_damage(stage: Stage, rows: list[Row], whole: set[tuple[int, int]]) -> list[str]:
    """Check what was left whole, and that rows lost to a full disk were told."""
    found = {(row.get("w"), row.get("n")) for row in rows}
    gone = whole - found
    notes = [f"{len(gone)} rows that were whole in the damaged file are gone"] if gone else []
    if stage.plan.damage == "overrun":
        strict = judge(rows, _promises(stage, loose=False), source="decoder")
        told = _told_lost(stage)
        if strict.lost != told:
            notes.append(f"{strict.lost} rows lost to the full disk, {told} told")
    return notes


def _told_lost(stage: Stage) -> int:
    """Return the highest number of lost rows that the client told of."""
    told = TOLD_LOST.findall(stage.words.read_text(errors="replace"))
    return max((int((one or other).replace(",", "")) for one, other in told), default=0)


def _judge_conduct(result: Result, stage: Stage, ended: Ended) -> None:
    """Check that nothing hung, raised, or died of a signal that was not ours."""
    findings, limit = result.findings, HANG_SECS
    findings.notes += [*ended.notes, *stage.notes]
    if stage.plan.program == "media":
        limit = MEDIA_END_SECS
    if ended.secs > limit:
        findings.note(f"the end took {ended.secs:.1f} s")
    if result.longest_log_secs > HANG_SECS:
        findings.note(f"a call of log took {result.longest_log_secs:.1f} s")
    for worker in stage.workers:
        if worker.returncode < 0 and worker.pid not in stage.killed:
            findings.note(f"the owner died of signal {-worker.returncode}")
    _judge_writers(findings, stage)


def _judge_writers(findings: Findings, stage: Stage) -> None:
    children = set(stage.children_pids()) - stage.killed
    for number in stage.board.writers():
        slot = stage.board.slot(number)
        if slot.errors:
            findings.note(f"writer {number}: log raised")
        if slot.pid in children and boards.LOGGING <= slot.phase < boards.ENDED:
            findings.note(f"writer {number} died in phase {slot.phase}")


def calibrate(client: Any) -> Tempo:
    """Measure an undisturbed run."""
    plan = draw(SCENARIOS["exit_states"], "calibration")
    stage = Stage(client, plan, START_TEMPO)
    try:
        stage.start(end="finish")
        stage.board.go()
        stage.wait_for_phase(boards.LOGGING)
        stage.wait_for_calls(plan.calls)
        stage.board.stop()
        stage.wait_for_end()
        slot = stage.board.slot(0)
        if slot.phase != boards.ENDED:
            raise StuckError(stage.words.read_text(errors="replace")[-2000:])
        return Tempo(slot.took_secs("init_ns"), slot.took_secs("end_ns"))
    finally:
        stage.close(keep=None)
