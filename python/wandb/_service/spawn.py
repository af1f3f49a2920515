"""Start a Python process that outlives this one and shares nothing with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ("Detached", "run_module", "spawn_detached")

_PACKAGES = str(Path(__file__).resolve().parents[2])
# What another process must not take over: it has settings, and a service, of its own.
_PRIVATE = ("WANDB_", "FERRULE_SERVICE", "FERRULE_RUNS", "PYTHONINSPECT", "PYTHONSTARTUP")
# Our packages come before those of others, and after Python's own: beside ours may lie anything
# that somebody installed, a `typing` or `pathlib` of long ago too.
_BOOTSTRAP = """
import os, sys
packages, told, *sys.argv = sys.argv[1:]
if packages not in sys.path:
    others = [p.endswith(("site-packages", "dist-packages")) for p in sys.path] + [True]
    sys.path.insert(others.index(True), packages)
if told:
    child = os.fork()
    if child:
        os.write(int(told), str(child).encode())
        os._exit(0)
    os.close(int(told))
import runpy
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
_START_SECS = 30.0


@dataclass(frozen=True, slots=True)
class Detached:
    """A process that is on its own."""

    pid: int

    @property
    def ended(self) -> bool:
        """Whether it is no more."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="latin-1") as file:
                # Where nobody collects dead processes, they stay in the list.
                return file.read().rpartition(")")[2].split()[0] in ("Z", "X")
        except FileNotFoundError:
            return not _answers(self.pid)
        except (OSError, IndexError):
            return True


def _answers(pid: int) -> bool:
    """Whether there is a process of this number, where there is no `/proc` to look."""
    if os.path.isdir("/proc/self"):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def spawn_detached(
    module: str,
    arguments: Sequence[str],
    *,
    log: str,
    cwd: str,
    within_secs: float = _START_SECS,
) -> Detached:
    """Run a module under this interpreter in a session of its own.

    Args:
        module: As after `python -m`.
        arguments: What it is given.
        log: The file that takes what it says, written anew.
        cwd: A folder of our own: Python looks for modules in the present one, and a script's
            folder may hold anything.
        within_secs: How long to wait until the process is there; a slow disk makes Python slow.

    Raises:
        OSError: It can't be started.
    """
    # The process forks before it does anything, so that it is nobody's child: a script that waits
    # for its children must not meet ours, and one that goes on for weeks must not keep a dead
    # one. Its number has a pipe of its own: anything may print while Python starts.
    reading, writing = os.pipe()
    try:
        with open(log, "wb") as words:
            code = _run(
                [str(writing), module, *arguments],
                timeout_secs=within_secs,
                cwd=cwd,
                stdout=words,
                stderr=words,
                start_new_session=True,
                pass_fds=(writing,),
            )
        os.set_blocking(reading, False)
        number = _number(reading)
    finally:
        os.close(reading)
        os.close(writing)
    if number is None:
        raise OSError(f"it ended with code {code} as soon as it was started")
    return Detached(number)


def run_module(module: str, arguments: Sequence[str], *, cwd: str, timeout_secs: float) -> int:
    """Run a module as `spawn_detached` does, wait for its end, and return its exit code.

    Raises:
        OSError: It can't be started, or did not end in time.
    """
    import subprocess

    nowhere = subprocess.DEVNULL
    return _run(
        ["", module, *arguments],
        timeout_secs=timeout_secs,
        cwd=cwd,
        stdout=nowhere,
        stderr=nowhere,
    )


def _run(arguments: Sequence[str], *, timeout_secs: float, **options: Any) -> int:
    import subprocess

    if not sys.executable:
        raise FileNotFoundError(2, "this process has no Python interpreter to start another", "")
    try:
        return subprocess.run(
            [sys.executable, "-c", _BOOTSTRAP, _PACKAGES, *arguments],
            env={k: v for k, v in os.environ.items() if not k.startswith(_PRIVATE)},
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=max(timeout_secs, 0.0),
            **options,
        ).returncode
    except subprocess.TimeoutExpired as err:
        raise OSError(f"it did not start in {timeout_secs:.0f} s") from err


def _number(pipe: int) -> int | None:
    try:
        return int(os.read(pipe, 32))
    except (BlockingIOError, ValueError):
        return None
