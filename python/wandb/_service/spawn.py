"""Start a Python process that outlives this one and shares nothing with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ("Detached", "spawn_detached")

_PACKAGES = str(Path(__file__).resolve().parents[2])
# What another process must not take over: it has settings, and a service, of its own.
_PRIVATE = ("WANDB_", "FERRULE_SERVICE", "FERRULE_RUNS", "PYTHONINSPECT", "PYTHONSTARTUP")
# The process forks before it does anything, so that it is nobody's child: a script that waits for
# its children must not meet ours, and one that goes on for weeks must not keep a dead one.
_BOOTSTRAP = """
import os, sys
child = os.fork()
if child:
    os.write(1, str(child).encode())
    os._exit(0)
os.dup2(2, 1)
sys.argv = sys.argv[1:]
import runpy
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


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


def spawn_detached(module: str, arguments: Sequence[str], *, log: str, cwd: str) -> Detached:
    """Run a module under this interpreter in a session of its own.

    Args:
        module: As after `python -m`.
        arguments: What it is given.
        log: The file that takes what it says, written anew.
        cwd: A folder of our own: Python looks for modules in the present one, and a script's
            folder may hold anything.

    Raises:
        OSError: It can't be started.
    """
    import subprocess

    if not sys.executable:
        raise FileNotFoundError(2, "this process has no Python interpreter to start another", "")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_PRIVATE)}
    paths = [_PACKAGES, *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    with open(log, "wb") as words:
        started = subprocess.run(
            [sys.executable, "-c", _BOOTSTRAP, module, *arguments],
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            start_new_session=True,
            close_fds=True,
            check=False,
        )
    if not started.stdout.isdigit():
        raise OSError(f"it ended with code {started.returncode} as soon as it was started")
    return Detached(int(started.stdout))
