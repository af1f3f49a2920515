"""What is done to the processes of a round, by the name a scenario gives it.

A drive starts the workers, does the deed, and returns when every process has ended. It
returns how a run may have ended: pairs of state and exit code.
"""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from chaos import board as boards
from chaos import examination, faults
from chaos.programs import PROGRAMS
from chaos.stage import GIVE_UP_SECS, Stage, StuckError
from chaos.stall import Stall
from chaos.verdict import Promise, judge

States = set[tuple[str, int | None]]

CRASHED: States = {("crashed", None)}
ENDS: dict[str, States] = {
    "finish": {("finished", 0)},
    "finish_7": {("failed", 7)},
    "nothing": {("finished", 0)},
    "exit_3": {("failed", 3)},
    "raise": {("failed", 1)},
    "os_exit": CRASHED,
}
SIGNALS: dict[str, States] = {
    "SIGINT": {("failed", 255)},
    "SIGTERM": CRASHED | {("failed", code) for code in (1, 15, 143, 255)},
}
LONGEST_JITTER_SECS = 0.002
SURVIVAL_SECS = 0.05
CLOCK_STEPS_SECS = (-86_400, -3600, -1, 1, 60, 3600, 10 * 86_400)
CLOCK_STEPS = 4
LIVE_READS = 3
WRITING_THREAD = "drain"


def kill_logging(stage: Stage) -> States:
    rng = stage.plan.rng("instant")
    stage.begin()
    stage.wait_for_calls(stage.plan.calls)
    _pause(rng.uniform(0, LONGEST_JITTER_SECS))
    return _kill(stage, rng)


def _kill(stage: Stage, rng: random.Random) -> States:
    """Kill the plan's target; what survives logs a little longer and ends by itself."""
    owner_killed = stage.plan.target in ("owner", "both")
    pids = [stage.owner.pid] if owner_killed else []
    if stage.plan.target == "both":
        pids += stage.children_pids()
    elif stage.plan.target == "child":
        pids += rng.sample(stage.children_pids(), k=min(1, len(stage.children_pids())))
    rng.shuffle(pids)
    stage.kill(pids)
    if owner_killed:
        stage.owner.wait()
    if owner_killed != bool(stage.children_pids()) or stage.plan.target != "both":
        time.sleep(rng.uniform(0, SURVIVAL_SECS))
    stage.board.stop()
    return CRASHED if owner_killed else ENDS[stage.plan.end]


def kill_init(stage: Stage) -> States:
    rng = stage.plan.rng("instant")
    stage.begin(boards.INITING)
    _pause(rng.uniform(0, 1.5 * stage.tempo.init_secs))
    stage.kill([stage.owner.pid])
    return CRASHED


def kill_finish(stage: Stage) -> States:
    rng = stage.plan.rng("instant")
    stage.begin()
    stage.wait_for_calls(stage.plan.calls)
    stage.board.stop()
    stage.wait_for_phase(boards.ENDING)
    _pause(rng.uniform(0, 1.5 * stage.tempo.finish_secs))
    stage.kill([stage.owner.pid])
    stage.owner.wait()
    ended = stage.board.slot(0).phase == boards.ENDED
    return ENDS["finish"] if ended else CRASHED | ENDS["finish"]


def kill_at_call(stage: Stage) -> States:
    """Let the owner or a child die at one of the calls by which it changes the disk.

    The calls are counted from `init` on, or from just before `finish`.
    """
    rng = stage.plan.rng("instant")
    in_init = rng.random() < 0.5
    stage.start()
    stage.wait_for_phase(boards.READY)
    if in_init:
        _count_down(stage, faults.random_deadly_call(rng, "init"))
    stage.board.go()
    stage.wait_for_calls(stage.plan.calls)
    if not in_init:
        _count_down(stage, faults.random_deadly_call(rng, "finish"))
    stage.board.stop()
    try:
        stage.owner.wait(timeout=GIVE_UP_SECS)
    except subprocess.TimeoutExpired as err:
        raise StuckError("the owner neither died at the call nor ended") from err
    stage.killed.update({stage.owner.pid, *stage.children_pids()})
    ended = stage.board.slot(0).phase == boards.ENDED
    return ENDS["finish"] if ended else CRASHED | ENDS["finish"]


def _count_down(stage: Stage, tracer: list[str]) -> None:
    """Have the owner, or a child forked later, die at a call that is counted from now."""
    stage.popen([*tracer, "-p", str(stage.owner.pid)])
    stage.wait(lambda: faults.is_traced(stage.owner.pid), "tracer")


def run_out(stage: Stage) -> States:
    stage.begin()
    stage.wait_for_calls(stage.plan.calls)
    stage.board.stop()
    return ENDS[stage.plan.end]


def send_signal(stage: Stage) -> States:
    stage.begin()
    stage.wait_for_calls(stage.plan.calls)
    _pause(stage.plan.rng("instant").uniform(0, LONGEST_JITTER_SECS))
    stage.kill([stage.owner.pid], signal.Signals[stage.plan.target])
    return SIGNALS.get(stage.plan.target, CRASHED)


def twins(stage: Stage) -> States:
    """Start two runs of one id at one instant."""
    for writer in (0, boards.SLOTS // 2):
        stage.start(writer=writer, init={"id": "twin"})
    stage.wait_for_phase(boards.READY)
    stage.wait_for_phase(boards.READY, boards.SLOTS // 2)
    stage.board.go()
    stage.wait_for_phase(boards.LOGGING, boards.SLOTS // 2)
    stage.wait_for_calls(stage.plan.calls)
    stage.board.stop()
    return ENDS[stage.plan.end]


def move_folder(stage: Stage) -> States:
    _log_and_move(stage)
    stage.board.stop()
    return ENDS[stage.plan.end]


def move_and_kill(stage: Stage) -> States:
    _log_and_move(stage)
    stage.kill([stage.owner.pid])
    return CRASHED


def _log_and_move(stage: Stage) -> None:
    stage.begin()
    stage.wait_for_calls(stage.plan.calls // 2)
    for folder in stage.run_folders():
        folder.rename(stage.folder / "moved")
    stage.wait_for_calls(stage.plan.calls)


def read_while_written(stage: Stage) -> States:
    """Read the folder again and again while a process writes to it."""
    stage.begin()
    for share in range(1, LIVE_READS + 1):
        stage.wait_for_calls(stage.plan.calls * share // LIVE_READS)
        if stage.client.ours:
            _read_alive(stage)
    stage.board.stop()
    return ENDS[stage.plan.end]


def _read_alive(stage: Stage) -> None:
    """Check that what had returned before the reading is in it, and nothing that is not whole."""
    slot, program = stage.board.slot(0), PROGRAMS[stage.plan.program]
    returned = slot.returned
    [(folder, answer)] = examination.examine(stage, "read", stage.run_folders()).items()
    promise = Promise(0, program, returned, begun=slot.begun, sealed=False)
    findings = judge(answer["history"], [promise], source="reader of a live run")
    stage.notes += findings.notes
    if answer["error"] or answer.get("state") != "running":
        stage.notes.append(f"live {folder.name}: {answer['error'] or answer['state']}")


def fill_disk(stage: Stage) -> States:
    """Fill the disk, log on, free it, log on, end."""
    ballast = _fill_and_log(stage)
    ballast.unlink()
    stage.board.allow(stage.plan.calls + 1500)
    stage.wait_for_calls(stage.plan.calls + 1500)
    stage.board.stop()
    return ENDS[stage.plan.end]


def fill_disk_and_kill(stage: Stage) -> States:
    ballast = _fill_and_log(stage)
    stage.kill([stage.owner.pid])
    stage.owner.wait()
    ballast.unlink()
    return CRASHED


def fill_disk_to_the_end(stage: Stage) -> States:
    """End while the disk is still full; what is left must arrive by a later recovery."""
    ballast = _fill_and_log(stage)
    stage.board.stop()
    try:
        stage.owner.wait(timeout=GIVE_UP_SECS)
    except subprocess.TimeoutExpired as err:
        raise StuckError("the owner neither died at the call nor ended") from err
    ballast.unlink()
    return ENDS[stage.plan.end] | CRASHED


def fill_disk_first(stage: Stage) -> States:
    _small_disk(stage)
    faults.fill(stage.base)
    stage.start()
    stage.board.go()
    stage.wait_for_calls(stage.plan.calls)
    stage.board.stop()
    return ENDS[stage.plan.end] | CRASHED | {("failed", 1)}


def _fill_and_log(stage: Stage) -> Path:
    _small_disk(stage)
    stage.board.allow(500)
    stage.begin()
    stage.wait_for_calls(500)
    _pause(stage.plan.rng("instant").uniform(0, 0.02))
    ballast = faults.fill(stage.base)
    stage.board.allow(500 + stage.plan.calls)
    stage.wait_for_calls(500 + stage.plan.calls)
    return ballast


def stall_disk(stage: Stage) -> States:
    """Log on while the writing thread stands still; it goes on before the end."""
    _log_and_stall(stage).release()
    stage.board.stop()
    return ENDS[stage.plan.end]


def stall_disk_and_kill(stage: Stage) -> States:
    stalled = _log_and_stall(stage)
    stage.kill([stage.owner.pid])
    stalled.release()
    return CRASHED


def _log_and_stall(stage: Stage) -> Stall:
    before = stage.plan.calls // 2
    stage.board.allow(before)
    stage.begin()
    stage.wait_for_calls(before)
    stalled = Stall(stage.owner.pid, named=WRITING_THREAD)
    stage.undo.append(stalled.release)
    if not stalled.threads and stage.client.ours:
        stage.notes.append("there was no writing thread to stop")
    stage.board.allow(stage.plan.calls)
    stage.wait_for_calls(stage.plan.calls)
    return stalled


def _small_disk(stage: Stage) -> None:
    faults.mount_small_disk(stage.base)
    stage.mounts.append(stage.base)


def read_only_first(stage: Stage) -> States:
    faults.mount_read_only(stage.base)
    stage.mounts.append(stage.base)
    return run_out(stage)


def read_only_later(stage: Stage) -> States:
    """Make the folder read-only while the run is open, and writable again after its end."""
    stage.begin()
    stage.wait_for_calls(stage.plan.calls // 2)
    faults.mount_read_only(stage.base)
    stage.board.allow(stage.plan.calls + 100)
    stage.wait_for_calls(stage.plan.calls)
    stage.board.stop()
    try:
        stage.owner.wait(timeout=GIVE_UP_SECS)
    except subprocess.TimeoutExpired as err:
        raise StuckError("the owner neither died at the call nor ended") from err
    faults.unmount(stage.base)
    return ENDS[stage.plan.end]


def step_clock(stage: Stage) -> States:
    _log_and_step(stage)
    stage.board.stop()
    return ENDS[stage.plan.end]


def step_clock_and_kill(stage: Stage) -> States:
    _log_and_step(stage)
    stage.kill([stage.owner.pid, *stage.children_pids()])
    # A child that was forked in that instant has escaped: it ends by itself.
    stage.board.stop()
    return CRASHED


def _log_and_step(stage: Stage) -> None:
    rng = stage.plan.rng("instant")
    stage.clock = faults.WallClock(stage.folder / "clock")
    stage.begin()
    for step in range(1, CLOCK_STEPS + 1):
        stage.wait_for_calls(stage.plan.calls * step // CLOCK_STEPS)
        stage.clock.step(rng.choice(CLOCK_STEPS_SECS))


def _pause(secs: float) -> None:
    """Wait without giving up the processor at the end, so that any instant can be hit."""
    deadline = time.perf_counter() + secs
    time.sleep(max(0.0, secs - 0.001))
    while time.perf_counter() < deadline:
        pass


DRIVES: dict[str, Callable[[Stage], States]] = {
    "kill_logging": kill_logging,
    "kill_init": kill_init,
    "kill_finish": kill_finish,
    "kill_at_call": kill_at_call,
    "run_out": run_out,
    "signal": send_signal,
    "twins": twins,
    "move_folder": move_folder,
    "move_and_kill": move_and_kill,
    "read_while_written": read_while_written,
    "fill_disk": fill_disk,
    "fill_disk_and_kill": fill_disk_and_kill,
    "fill_disk_to_the_end": fill_disk_to_the_end,
    "fill_disk_first": fill_disk_first,
    "stall_disk": stall_disk,
    "stall_disk_and_kill": stall_disk_and_kill,
    "read_only_first": read_only_first,
    "read_only_later": read_only_later,
    "step_clock": step_clock,
    "step_clock_and_kill": step_clock_and_kill,
}
