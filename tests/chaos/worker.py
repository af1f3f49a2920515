"""The process that logs: `worker.py BOARD PARAMS [WRITER]`, under whichever client is tested.

It reports every call on the board and uses nothing of the client but its public names. With
a writer's number it is a spawned child that attaches to the run pickled on its input.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import board as boards
from programs import IMAGE, PROGRAMS, SHADE

IDLE_SECS = 0.0005
SIDE = 200


class Worker:
    """One process of a round: its parameters, the board, and the run once there is one."""

    def __init__(self, board: str, params: str) -> None:
        self.paths = (board, params)
        self.board = boards.Board(board)
        self.params: dict[str, Any] = json.loads(Path(params).read_text())
        self.program = PROGRAMS[self.params["program"]]

    def enter(self, number: int, phase: int) -> boards.Slot:
        slot = self.board.slot(number)
        slot.put("pid", os.getpid())
        slot.put("phase", phase)
        return slot

    def own(self) -> None:
        """Be the owner: init, log, end as the parameters say."""
        first = self.params.get("writer", 0)
        slot = self.enter(first, boards.STARTED)
        import wandb

        slot.put("phase", boards.READY)
        while not self.board.open:
            time.sleep(IDLE_SECS)
        slot.put("phase", boards.INITING)
        started = time.monotonic_ns()
        run = wandb.init(**self.params["init"])
        slot.put("init_ns", time.monotonic_ns() - started)
        slot.put("phase", boards.LOGGING)
        self.work(run, first)
        slot.put("phase", boards.ENDING)
        started = time.monotonic_ns()
        ENDINGS[self.params["end"]](run)
        slot.put("end_ns", time.monotonic_ns() - started)
        slot.put("phase", boards.ENDED)

    def work(self, run: Any, first: int) -> None:
        """Log in this process, in its threads and in its children, until told to stop."""
        numbers = iter(range(first + 1, boards.SLOTS))
        threads = [
            threading.Thread(target=self.log_calls, args=(run, self.enter(n, boards.LOGGING), n))
            for n, _ in zip(numbers, range(self.params.get("threads", 0)), strict=False)
        ]
        for thread in threads:
            thread.start()
        forked = [self.fork(run, next(numbers)) for _ in range(self.params.get("forks", 0))]
        spawned = [self.spawn(run, next(numbers)) for _ in range(self.params.get("spawns", 0))]
        self.log_calls(run, self.board.slot(first), first)
        for thread in threads:
            thread.join()
        for pid in forked:
            os.waitpid(pid, 0)
        for process in spawned:
            process.wait()

    def fork(self, run: Any, number: int) -> int:
        """Start a forked child that logs as the writer of that number."""
        pid = os.fork()
        if pid:
            return pid
        try:
            self.be_child(run, number)
        except BaseException:  # noqa: BLE001 - a forked child must not return into our caller
            traceback.print_exc()
            os._exit(9)
        os._exit(0)

    def spawn(self, run: Any, number: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", __file__, *self.paths, str(number)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        process.stdin.write(pickle.dumps(run))
        process.stdin.close()
        return process

    def attach(self, number: int) -> None:
        """Be a spawned child."""
        self.enter(number, boards.STARTED)
        self.be_child(pickle.loads(sys.stdin.buffer.read()), number)

    def be_child(self, run: Any, number: int) -> None:
        slot = self.enter(number, boards.LOGGING)
        self.log_calls(run, slot, number)
        slot.put("phase", boards.ENDING)
        if number % 2 and self.params.get("children_finish"):
            run.finish()
        slot.put("phase", boards.ENDED)

    def log_calls(self, run: Any, slot: boards.Slot, writer: int) -> None:
        """Log until told to stop, within the limit on the board, counting each call."""
        board, program, pause = self.board, self.program, self.params["pause_secs"]
        log, clock, longest = run.log, time.perf_counter_ns, 0
        number = 0
        while not board.stopped:
            if number >= board.words[board.LIMIT]:
                time.sleep(IDLE_SECS)
                continue
            data, options = program.call(writer, number)
            if IMAGE in data:
                data[IMAGE] = image_of(data[IMAGE][SHADE])
            slot.words[2] = number + 1
            started = clock()
            if not attempt(log, data, options, slot):
                return
            took = clock() - started
            slot.words[3] = number = number + 1
            if took > longest:
                slot.words[4] = longest = took
            if pause:
                time.sleep(pause)


def image_of(shade: int) -> Any:
    """Return an image that has some work to be made a file."""
    import numpy as np

    import wandb

    return wandb.Image(np.full((SIDE, SIDE), shade, dtype=np.uint8))


def attempt(
    log: Callable[..., None], data: dict[str, Any], options: dict[str, Any], slot: boards.Slot
) -> bool:
    try:
        log(data, **options)
    except Exception:  # noqa: BLE001 - `log` must not raise, whatever it is
        traceback.print_exc()
        slot.words[5] += 1
        return False
    return True


def fail(run: Any) -> None:
    raise ValueError("the script failed on purpose")


ENDINGS: dict[str, Callable[[Any], object]] = {
    "finish": lambda run: run.finish(),
    "finish_7": lambda run: run.finish(exit_code=7),
    "nothing": lambda run: None,
    "exit_3": lambda run: sys.exit(3),
    "raise": fail,
    "os_exit": lambda run: os._exit(4),
    "wait": lambda run: time.sleep(60),
}


def main() -> None:
    sys.path.pop(0)  # the files beside this one must not shadow what a client imports
    # A shell's background jobs ignore these, and so would their children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    worker = Worker(sys.argv[1], sys.argv[2])
    if len(sys.argv) > 3:
        worker.attach(int(sys.argv[3]))
    else:
        worker.own()


if __name__ == "__main__":
    main()
