"""Where a round takes place: its folders, its board, its processes."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos import board as boards
from chaos import faults
from chaos.clients import environment
from chaos.scenarios import Plan

HERE = Path(__file__).resolve().parent
WORKER = HERE / "worker.py"
GIVE_UP_SECS = 15.0
POLL_SECS = 0.0002


class StuckError(Exception):
    """Something that should have happened within `GIVE_UP_SECS` did not."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long an undisturbed `init` and `finish` of a client take here."""

    init_secs: float
    finish_secs: float


@dataclass
class Stage:
    """One round's folders, board and processes; `close` leaves nothing behind."""

    client: Any
    plan: Plan
    tempo: Tempo
    folder: Path = field(init=False)
    marker: str = field(init=False)
    board: boards.Board = field(init=False)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    mounts: list[Path] = field(default_factory=list)
    killed: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)
    clock: faults.WallClock | None = None

    def __post_init__(self) -> None:
        self.marker = uuid.uuid4().hex
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        for path in (self.base, self.home):
            path.mkdir()
        self.board = boards.Board.create(self.folder / "board", limit=2 * self.plan.calls + 2000)

    @property
    def base(self) -> Path:
        """The folder given to `init` as `dir`."""
        return self.folder / "base"

    @property
    def home(self) -> Path:
        """Home, and the folder for temporary files."""
        return self.folder / "home"

    @property
    def words(self) -> Path:
        """What the processes said on stdout and stderr."""
        return self.folder / "words"

    @property
    def owner(self) -> subprocess.Popen[bytes]:
        return self.workers[0]

    def start(self, *, writer: int = 0, init: dict[str, Any] | None = None, **more: Any) -> None:
        """Start an owner whose first slot is `writer`; it waits before `init` for the board."""
        arguments = {"project": "chaos", "mode": "offline", "dir": str(self.base), **(init or {})}
        params = {**self.plan.params(), "writer": writer, "init": arguments, **more}
        path = self.folder / f"params-{writer}.json"
        path.write_text(json.dumps(params))
        command = [self.client.python, "-W", "ignore", str(WORKER)]
        self.workers.append(self.popen([*command, str(self.folder / "board"), str(path)]))

    def popen(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process that the round owns."""
        variables = {**self.client.variables, **(self.clock.variables() if self.clock else {})}
        with self.words.open("ab") as words:
            return subprocess.Popen(
                command,
                cwd=self.home,
                env=environment(variables, marker=self.marker, home=self.home),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )

    def begin(self, *phases: int) -> None:
        """Start the owner and let it go up to a phase."""
        self.start()
        self.board.go()
        self.wait_for_phase(phases[0] if phases else boards.LOGGING)

    def wait_for_phase(self, phase: int, writer: int = 0) -> None:
        slot = self.board.slot(writer)
        self.wait(lambda: slot.phase >= phase, f"phase {phase} of writer {writer}")

    def wait_for_calls(self, calls: int) -> None:
        """Wait until that many calls returned, of all writers, or the owner is gone."""
        self.wait(lambda: self.board.returned() >= calls, f"{calls} calls")

    def wait(self, happened: Callable[[], bool], what: str) -> None:
        """Poll until something happened, or the owner ended.

        Raises:
            StuckError: It did not happen within `GIVE_UP_SECS`.
        """
        deadline = time.monotonic() + GIVE_UP_SECS
        while not happened() and self.owner.poll() is None:
            if time.monotonic() > deadline:
                raise StuckError(f"no {what} within {GIVE_UP_SECS:.0f} s")
            time.sleep(POLL_SECS)

    def kill(self, pids: Sequence[int], number: int = signal.SIGKILL) -> None:
        self.killed.update(pids)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def children_pids(self) -> list[int]:
        """Return the pids of the writers that are processes of their own."""
        pids = {self.board.slot(number).pid for number in self.board.writers()}
        return sorted(pids - {worker.pid for worker in self.workers} - {0})

    def wait_for_end(self) -> float:
        """Wait until the owners and all other processes of the round ended, and say how long.

        Raises:
            StuckError: They did not within `GIVE_UP_SECS`.
        """
        started = time.monotonic()
        while self.running() or self.left():
            if time.monotonic() - started > GIVE_UP_SECS:
                raise StuckError(f"processes still there after {GIVE_UP_SECS:.0f} s")
            time.sleep(0.002)
        return time.monotonic() - started

    def running(self) -> int:
        """Return how many owners have not ended, and reap those that have."""
        return sum([worker.poll() is None for worker in self.workers])

    def left(self) -> list[int]:
        """Return the live processes that carry the round's mark."""
        wanted = f"CHAOS_ROUND={self.marker}".encode()
        return [pid for pid in _all_pids() if wanted in _environment_of(pid)]

    def run_folders(self) -> list[Path]:
        """Return the run folders made so far, wherever they are."""
        journals = [*self.base.rglob("run-*.wandb"), *self.home.rglob("run-*.wandb")]
        journals += self.folder.glob("moved/run-*.wandb")
        return sorted({path.parent for path in journals if not path.parent.is_symlink()})

    def give_up(self) -> int:
        """Kill everything, let go of what was held, and return how many were left."""
        left = self.left()
        self.kill(left)
        for release in self.undo:
            release()
        return len(left)

    def close(self, *, keep: Path | None) -> None:
        """Kill what is left, copy everything to `keep` if given, unmount and remove."""
        self.give_up()
        for worker in self.workers:
            worker.wait()
        if keep is not None:
            shutil.copytree(self.folder, keep, symlinks=True, ignore=_sockets)
        for path in reversed(self.mounts):
            faults.unmount(path)
        shutil.rmtree(self.folder, ignore_errors=True)


def _sockets(folder: str, names: list[str]) -> list[str]:
    """Return what can't be copied."""
    return [name for name in names if Path(folder, name).is_socket()]


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _environment_of(pid: int) -> bytes:
    """Return a process's environment, empty for a zombie and for one that is not ours."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
